"""Who fell silent and who is back is told once, by the worker's clock, and never of the server's own absence."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.fleet.models import Player
from broadcaster.jobs.alarms import ASLEEP_AFTER, FleetWatch
from broadcaster.notices import posting
from broadcaster.notices import service as notices
from broadcaster.notices.models import CHOSEN, Notice
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import NodeKind, add_node
from tests.conftest import HandClock


@pytest.fixture
def loudspeakers(station: Station, clock: HandClock) -> list[int]:
    """Two in one village, one in another; all were just heard from."""
    with unit_of_work(station.sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        places = [add_node(session, NodeKind.VILLAGE, name, name, parent=commune) for name in ("Ún Tà", "An San")]
        address = posting.address("json://127.0.0.1:9/")
        notices.add_channel(session, commune, b"k" * 32, "Trực ban", address, CHOSEN, None, clock.now())
        made = [
            Player(village_id=place.id, name=name, hardware="", token_sha256=name, paired_at=clock.now())
            for place, name in ((places[0], "Nhà văn hoá"), (places[0], "Trường học"), (places[1], "Đình"))
        ]
        session.add_all(made)
        session.flush()
        return [player.id for player in made]


class Worker:
    """Looks every half minute, as the worker does; `heard` are the players that report meanwhile."""

    def __init__(self, station: Station, clock: HandClock) -> None:
        self.station, self.clock, self.watch = station, clock, FleetWatch()

    def go_on(self, minutes: int, heard: list[int]) -> None:
        for _ in range(2 * minutes):
            self.clock.pass_by(seconds=30)
            with unit_of_work(self.station.sessions) as session:
                for player in session.scalars(select(Player).where(Player.id.in_(heard))):
                    player.last_seen_at = self.clock.now()
            self.watch.watch_fleet(self.station)

    def told(self) -> list[tuple[str, str]]:
        with unit_of_work(self.station.sessions, writes=False) as session:
            return [(row.kind, row.facts["village"]) for row in session.scalars(select(Notice).order_by(Notice.id))]


@pytest.fixture
def worker(station: Station, clock: HandClock) -> Worker:
    return Worker(station, clock)


def test_silence_and_return_are_told_once_each(worker: Worker, loudspeakers: list[int]) -> None:
    """By the village's name; where it has several loudspeakers, also by that of the one."""
    worker.go_on(40, loudspeakers[1:])
    assert worker.told() == [("player_offline", "Ún Tà (Nhà văn hoá)")]
    worker.go_on(20, loudspeakers)
    assert worker.told() == [("player_offline", "Ún Tà (Nhà văn hoá)"), ("player_back", "Ún Tà (Nhà văn hoá)")]


def test_what_fails_together_is_one_notice(worker: Worker, loudspeakers: list[int]) -> None:
    """A village without power is no reason for a notice of each of its loudspeakers."""
    worker.go_on(30, loudspeakers[2:])
    assert worker.told() == [("player_offline", "Ún Tà (Nhà văn hoá), Ún Tà (Trường học)")]


def test_a_server_that_was_away_blames_nobody(worker: Worker, loudspeakers: list[int]) -> None:
    """A machine that slept, or a worker that was started anew, begins to listen anew."""
    worker.go_on(2, loudspeakers)
    worker.clock.pass_by(hours=5)
    worker.go_on(10, loudspeakers)
    assert worker.told() == []
    worker.clock.pass_by(hours=5)
    worker.watch = FleetWatch()
    worker.go_on(10, loudspeakers)
    assert worker.told() == []


def test_a_clock_set_back_blames_nobody(worker: Worker, loudspeakers: list[int]) -> None:
    """Time that ran backwards is no silence, and later silence is told all the same."""
    worker.go_on(2, loudspeakers)
    worker.clock.pass_by(seconds=-ASLEEP_AFTER.total_seconds() * 10)
    worker.go_on(5, loudspeakers)
    assert worker.told() == []
    worker.clock.pass_by(seconds=timedelta(hours=1).total_seconds())
    worker.go_on(30, loudspeakers[1:])
    assert [kind for kind, _ in worker.told()] == ["player_offline"]


def test_a_station_without_a_commune_is_watched_in_vain(worker: Worker) -> None:
    """Before anybody set it up, the worker ticks and nothing breaks."""
    worker.go_on(1, [])
    assert worker.told() == []
