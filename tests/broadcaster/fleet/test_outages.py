"""A silence is told once and its end once, however restless the line is."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from broadcaster.fleet import outages
from broadcaster.fleet.models import Player
from broadcaster.fleet.outages import Rules, State, state_of, watch
from broadcaster.settings import Settings
from content.kernel.nodes import Node
from tests.conftest import HandClock

RULES = Rules()


@pytest.fixture
def players(session: Session, villages: list[Node], clock: HandClock) -> list[Player]:
    made = [
        Player(village_id=one.id, name=one.name, hardware="", token_sha256=one.slug, paired_at=clock.now())
        for one in villages
    ]
    for player in made:
        player.last_seen_at = clock.now()
    session.add_all(made)
    session.flush()
    return made


class Watcher:
    """Looks every half minute; `heard` are the players that report meanwhile."""

    def __init__(self, session: Session, players: list[Player], clock: HandClock) -> None:
        self.session, self.players, self.clock = session, players, clock
        self.listening_since = clock.now() - timedelta(days=1)
        self.told: list[tuple[bool, list[str]]] = []

    def go_on(self, minutes: float, heard: list[Player]) -> list[tuple[bool, list[str]]]:
        """What is told in the next minutes."""
        self.told = []
        until = self.clock.now() + timedelta(minutes=minutes)
        while self.clock.now() < until:
            self.clock.pass_by(seconds=30)
            for player in heard:
                player.last_seen_at = self.clock.now()
            now, since = self.clock.now(), self.listening_since
            for news in watch(self.session, self.players, RULES, now, listening_since=since):
                self.told.append((news.are_back, [player.name for player, _ in news.outages]))
        return self.told


@pytest.fixture
def watcher(session: Session, players: list[Player], clock: HandClock) -> Watcher:
    return Watcher(session, players, clock)


def test_one_silence_is_one_notice_and_one_return(watcher: Watcher) -> None:
    """However long it lasts."""
    away, here = watcher.players
    assert watcher.go_on(14, [here]) == []
    assert watcher.go_on(600, [here]) == [(False, [away.name])]
    assert watcher.go_on(60, [here, away]) == [(True, [away.name])]
    (kept,) = outages.outages_since(watcher.session, [away], watcher.clock.now() - timedelta(days=1))[away.id]
    assert kept.over_at


def test_a_line_that_comes_and_goes_is_no_stream_of_news(watcher: Watcher) -> None:
    """Two minutes of network each half hour: one notice, no return until it stays."""
    away, here = watcher.players
    told = []
    for _ in range(10):
        told += watcher.go_on(28, [here])
        told += watcher.go_on(2, [here, away])
    assert told == [(False, [away.name])]
    assert watcher.go_on(60, [here, away]) == [(True, [away.name])]


def test_who_is_often_silent_must_stay_longer(watcher: Watcher) -> None:
    """The third return of a day takes longer to be believed than the first."""
    away, here = watcher.players
    waits = []
    for _ in range(3):
        watcher.go_on(20, [here])
        begun: datetime = watcher.clock.now()
        while not watcher.go_on(0.5, [here, away]):
            pass
        waits.append(watcher.clock.now() - begun)
    assert waits == sorted(set(waits))


def test_what_fails_together_is_told_together(watcher: Watcher) -> None:
    """The commune's line is down: one notice names both, though one had reported a moment later."""
    watcher.players[1].last_seen_at = watcher.clock.now() + timedelta(minutes=2)
    assert watcher.go_on(60, []) == [(False, [player.name for player in watcher.players])]


def test_the_servers_own_absence_is_no_silence(watcher: Watcher) -> None:
    """After a night without the server nobody is offline until they could have reported."""
    watcher.clock.pass_by(hours=8)
    watcher.listening_since = watcher.clock.now()
    assert watcher.go_on(14, []) == []
    assert len(watcher.go_on(5, [])) == 1


def test_a_removed_player_is_not_awaited(watcher: Watcher) -> None:
    """Its silence ends without a word."""
    away, here = watcher.players
    watcher.go_on(20, [here])
    watcher.players, away.revoked_at = [here], watcher.clock.now()
    assert watcher.go_on(20, [here]) == []
    assert outages.outages_since(watcher.session, [away], watcher.clock.now())[away.id] == []


def test_late_comes_before_offline(players: list[Player], clock: HandClock) -> None:
    """Three polls, then what the setting says; the setting cannot undercut the polls."""
    states = []
    for _ in range(3):
        states.append(state_of(players[0], RULES, clock.now()))
        clock.pass_by(minutes=9)
    assert states == [State.HEARD, State.LATE, State.OFFLINE]
    rules = Rules.of(Settings(poll_seconds=3600, offline_minutes=1))
    assert rules.offline_after == rules.late_after == timedelta(hours=3)
