"""Taking in what really aired."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.asrun import service
from broadcaster.asrun.models import AsRunEntry, QuarantinedRow
from broadcaster.fleet.models import Player
from broadcaster.protocol import RowVerdict
from content.kernel.nodes import Node
from tests.conftest import HandClock


@pytest.fixture
def player(session: Session, villages: list[Node], clock: HandClock) -> Player:
    made = Player(village_id=villages[0].id, name="x", hardware="", token_sha256="0" * 64, paired_at=clock.now())
    session.add(made)
    session.flush()
    return made


def row(clock: HandClock, **changes: object) -> dict[str, object]:
    aired = {
        "row_uuid": str(uuid4()),
        "occurrence_uuid": str(uuid4()),
        "cue_key": "a/vi/1",
        "planned_at": clock.now().isoformat(),
        "started_at": clock.now().isoformat(),
        "outcome": "aired",
        "clock_state": "trusted",
    }
    return {**aired, **changes}


def verdicts(session: Session, player: Player, rows: list[object], clock: HandClock) -> list[RowVerdict]:
    return [answer.verdict for answer in service.ingest(session, player, rows, clock.now())]


def test_a_row_counts_once(session: Session, player: Player, clock: HandClock) -> None:
    """Sent again after a lost answer, the same row is a duplicate."""
    one = row(clock)
    assert verdicts(session, player, [one], clock) == [RowVerdict.ACCEPTED]
    assert verdicts(session, player, [one, row(clock)], clock) == [RowVerdict.DUPLICATE, RowVerdict.ACCEPTED]
    assert session.scalar(select(func.count(AsRunEntry.id))) == 2


def test_a_bad_row_is_set_aside_and_blocks_nothing(session: Session, player: Player, clock: HandClock) -> None:
    """Rows that cannot be understood or believed are kept with their reason; the good ones beside them are taken."""
    future = (clock.now() + timedelta(days=1)).isoformat()
    rows = ["nonsense", row(clock, outcome="???"), row(clock, started_at=future), row(clock)]
    bad = RowVerdict.QUARANTINED
    assert verdicts(session, player, rows, clock) == [bad, bad, bad, RowVerdict.ACCEPTED]
    assert verdicts(session, player, rows[:1], clock) == [bad]
    assert session.scalar(select(func.count(QuarantinedRow.id))) == 3


def test_a_row_is_never_overwritten(session: Session, player: Player, clock: HandClock) -> None:
    """The same uuid with other content is set aside."""
    one = row(clock)
    service.ingest(session, player, [one], clock.now())
    assert verdicts(session, player, [{**one, "outcome": "partial"}], clock) == [RowVerdict.QUARANTINED]
    assert session.scalars(select(AsRunEntry.outcome)).one() == "aired"
