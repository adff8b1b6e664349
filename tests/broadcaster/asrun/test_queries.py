"""The day's log: every planned cue has exactly one outcome."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from broadcaster.asrun.models import Airing, AsRunEntry
from broadcaster.asrun.queries import day_log
from broadcaster.asrun.reckoning import REPORT_WITHIN, Shown
from broadcaster.asrun.settling import settle, weigh
from broadcaster.fleet.models import Player
from content.kernel.nodes import Node
from schedules.models import CueRow, Occurrence, Playlist, Slot
from schedules.planner import CueKind

ON = date(2026, 11, 22)
START = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
"""17:30 in the village."""
LENGTH_MS = 20_000


@pytest.fixture
def player(session: Session, villages: list[Node]) -> Player:
    return add_player(session, villages[0])


@pytest.fixture
def occurrence(session: Session, commune: Node, villages: list[Node]) -> Occurrence:
    """Two cues in the first village."""
    return add_occurrence(session, commune, villages[0], START, ON, ("a", "b"))


def add_player(session: Session, village: Node) -> Player:
    player = Player(village_id=village.id, name="Loa", hardware="", token_sha256=str(uuid4()), paired_at=START)
    session.add(player)
    session.flush()
    return player


def add_occurrence(
    session: Session, commune: Node, village: Node, start: datetime, on: date, keys: tuple[str, ...]
) -> Occurrence:
    slot = Slot(
        node_id=commune.id,
        name="Bản tin",
        start_local=start.astimezone(village.zone).time(),
        duration_ms=600_000,
        starts_on=on,
        villages=[village],
    )
    cues = [
        CueRow(
            position=place,
            key=key,
            offset_ms=place * 2 * LENGTH_MS,
            duration_ms=LENGTH_MS,
            latest_start_ms=place * 2 * LENGTH_MS + 120_000,
            kind=CueKind.SPEECH,
            media=[key * 64],
            title=f"Tin {key}",
            language="vi",
            priority="routine",
            announcement_uuid=uuid4(),
            revision_uuid=uuid4(),
            repeat=0,
        )
        for place, key in enumerate(keys)
    ]
    made = Occurrence(
        uuid=uuid4(),
        slot=slot,
        village_id=village.id,
        local_on=on,
        starts_at=start,
        ends_at=start + timedelta(minutes=10),
        playlist=Playlist(sha256=uuid4().hex * 2, duration_ms=60_000, size_bytes=1, cues=cues),
        reasons={},
        not_placed=[],
        planned_at=start,
    )
    session.add(made)
    session.flush()
    return made


def report(
    session: Session,
    player: Player,
    occurrence: UUID,
    key: str,
    outcome: str,
    *,
    attempt: int = 1,
    late_ms: int | None = 5,
    planned_at: datetime = START,
) -> None:
    session.add(
        AsRunEntry(
            player_id=player.id,
            village_id=player.village_id,
            row_uuid=uuid4(),
            occurrence_uuid=occurrence,
            cue_key=key,
            attempt=attempt,
            title=f"Tin {key}",
            planned_at=planned_at,
            started_at=planned_at,
            outcome=outcome,
            late_ms=late_ms,
            received_at=planned_at,
            row={},
        )
    )
    session.flush()
    weigh(session, {(player.village_id, occurrence)}, planned_at)


def lines(session: Session, commune: Node, now: datetime, on: date = ON) -> list[Airing]:
    """The first village's lines, as the minute's job leaves them."""
    while settle(session, commune, now):
        pass
    return list(day_log(session, commune, on, now)[0].lines)


def test_a_cue_waits_until_it_is_overdue(
    session: Session, commune: Node, player: Player, occurrence: Occurrence
) -> None:
    """Waiting up to ten minutes after its end, missing from then on."""
    assert occurrence.playlist
    end = START + timedelta(milliseconds=LENGTH_MS)
    assert [line.outcome for line in lines(session, commune, START)] == [Shown.WAITING, Shown.WAITING]
    assert lines(session, commune, end + REPORT_WITHIN)[0].outcome == Shown.WAITING
    later = end + REPORT_WITHIN + timedelta(seconds=1)
    assert [line.outcome for line in lines(session, commune, later)] == [Shown.MISSING, Shown.WAITING]


def test_each_cue_has_the_best_of_its_attempts_and_players(
    session: Session, commune: Node, villages: list[Node], player: Player, occurrence: Occurrence
) -> None:
    """What one player aired whole was heard, whatever another one, or an earlier attempt, says."""
    second = add_player(session, villages[0])
    report(session, player, occurrence.uuid, "a", "partial")
    report(session, player, occurrence.uuid, "a", "aired", attempt=2, late_ms=900)
    report(session, second, occurrence.uuid, "a", "failed", late_ms=None)
    report(session, player, occurrence.uuid, "b", "skipped", late_ms=None)
    first, other = lines(session, commune, START + timedelta(hours=1))
    assert (first.outcome, first.late_ms) == (Shown.AIRED, 900)
    assert (other.outcome, other.started_at is None) == (Shown.SKIPPED, False)
    assert other.is_planned


def test_a_row_belongs_to_its_own_village(
    session: Session, commune: Node, villages: list[Node], occurrence: Occurrence
) -> None:
    """What another village reports says nothing of this one."""
    report(session, add_player(session, villages[1]), occurrence.uuid, "a", "aired")
    first, second = day_log(session, commune, ON, START)
    assert [line.outcome for line in first.lines] == [Shown.WAITING, Shown.WAITING]
    assert [(line.outcome, line.is_planned) for line in second.lines] == [(Shown.AIRED, False)]


def test_what_aired_without_a_plan_is_shown_on_its_date(
    session: Session, commune: Node, player: Player, occurrence: Occurrence
) -> None:
    """A row whose cue left the plan is not forgotten, and stands on its day only."""
    report(session, player, occurrence.uuid, "gone", "aired")
    shown = [(line.title, line.is_planned) for line in lines(session, commune, START)]
    assert shown == [("Tin a", True), ("Tin gone", False), ("Tin b", True)]
    assert lines(session, commune, START, ON + timedelta(days=1)) == []


def test_what_goes_on_after_midnight_stays_with_its_evening(
    session: Session, commune: Node, villages: list[Node], player: Player
) -> None:
    """A cue of yesterday's slot is yesterday's, also when its time is today's."""
    midnight = datetime(2026, 11, 22, 17, tzinfo=UTC)
    late = add_occurrence(session, commune, villages[0], midnight - timedelta(seconds=10), ON, ("x", "y"))
    report(session, player, late.uuid, "y", "aired", planned_at=midnight + timedelta(seconds=30))
    assert [line.outcome for line in lines(session, commune, midnight)] == [Shown.WAITING, Shown.AIRED]
    assert lines(session, commune, midnight, ON + timedelta(days=1)) == []
