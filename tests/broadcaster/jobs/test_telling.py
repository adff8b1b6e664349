"""What people are told of alerts."""

from uuid import UUID

import pytest
from sqlalchemy import select

from broadcaster.alerts import phrases, service
from broadcaster.alerts.models import Alert, AlertReceiptRow
from broadcaster.alerts.service import By
from broadcaster.fleet.models import Player
from broadcaster.jobs.telling import LOOKS_BACK, NOT_SOUNDED_AFTER, tell_of_alerts
from broadcaster.notices import posting
from broadcaster.notices import service as notices
from broadcaster.notices.models import CHOSEN, Notice
from broadcaster.protocol import AlertScope
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from schedules import service as schedules
from tests.conftest import HandClock


@pytest.fixture
def villages(station: Station, clock: HandClock) -> list[Node]:
    with unit_of_work(station.sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        made = [add_node(session, NodeKind.VILLAGE, slug, slug, parent=commune) for slug in ("un-ta", "an-san")]
        for village in made:
            schedules.add_village_airing(session, village)
        phrases.seed(session, commune, clock.now())
        address = posting.address("json://127.0.0.1:9/")
        notices.add_channel(session, commune, b"k" * 32, "Trực ban", address, CHOSEN, None, clock.now())
        for village in made:
            session.add(
                Player(village_id=village.id, name="x", hardware="", token_sha256=village.slug, paired_at=clock.now())
            )
        return made


def raised(station: Station, villages: list[Node], **changed: object) -> Alert:
    with unit_of_work(station.sessions) as session:
        commune = session.get_one(Node, villages[0].parent_id)
        call = service.text_call(session, commune, "Lên đồi ngay.", "Lũ quét").model_copy(update=changed)
        return service.raise_alert(session, station.signer, commune, call, By(UUID(int=1), station.clock.now()))


def reached(station: Station, alert: Alert, player_id: int, stage: str) -> None:
    with unit_of_work(station.sessions) as session:
        now = station.clock.now()
        session.add(
            AlertReceiptRow(alert_id=alert.id, version=1, player_id=player_id, stage=stage, at=now, received_at=now)
        )


def told(station: Station) -> list[tuple[str, str]]:
    tell_of_alerts(station)
    tell_of_alerts(station)
    with unit_of_work(station.sessions, writes=False) as session:
        rows = session.scalars(select(Notice).order_by(Notice.id))
        return [(row.kind, row.facts.get("village", row.facts["title"])) for row in rows]


def test_people_are_told_of_the_beginning_and_of_the_end(
    station: Station, villages: list[Node], clock: HandClock
) -> None:
    """Each once."""
    alert = raised(station, villages)
    assert told(station) == [("alert_started", "Lũ quét")]
    with unit_of_work(station.sessions) as session:
        fresh = session.get_one(Alert, alert.id)
        service.cancel_alert(session, station.signer, fresh, By(None, clock.now()))
    assert told(station)[1:] == [("alert_ended", "Lũ quét")]


def test_a_village_that_has_not_sounded_it_is_named(station: Station, villages: list[Node], clock: HandClock) -> None:
    """After its time, and only that one; receiving is not sounding."""
    alert = raised(station, villages)
    reached(station, alert, 1, "sounding")
    reached(station, alert, 2, "received")
    clock.pass_by(seconds=NOT_SOUNDED_AFTER.total_seconds() - 1)
    assert told(station) == [("alert_started", "Lũ quét")]
    clock.pass_by(seconds=1)
    assert told(station)[1:] == [("alert_not_sounded", "an-san")]


def test_a_silent_drill_tells_only_who_did_not_receive_it(
    station: Station, villages: list[Node], clock: HandClock
) -> None:
    """That is what it is for."""
    alert = raised(station, villages, scope=AlertScope.EXERCISE, audible=False)
    reached(station, alert, 1, "received")
    clock.pass_by(minutes=2)
    assert told(station) == [("alert_not_sounded", "an-san")]


def test_an_exercise_is_not_told_as_an_emergency(station: Station, villages: list[Node]) -> None:
    """Nobody runs for a drill."""
    raised(station, villages, scope=AlertScope.EXERCISE)
    assert told(station) == [("drill_started", "Lũ quét")]


def test_old_alerts_are_no_news(station: Station, villages: list[Node], clock: HandClock) -> None:
    """A worker that was away does not tell of yesterday."""
    raised(station, villages, valid_minutes=120)
    clock.pass_by(seconds=LOOKS_BACK.total_seconds() + 1)
    assert told(station) == []
