"""Taking in what really aired."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.asrun import queries, service
from broadcaster.asrun.models import AsRunEntry, QuarantinedRow
from broadcaster.fleet.models import Player
from broadcaster.protocol import AsRunRow, RowVerdict
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


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted(AsRunRow.model_fields)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.sampled_from(FIELDS), anything, max_size=3), whole=st.none() | anything)
def test_no_row_blocks_the_others(
    session: Session, player: Player, clock: HandClock, changes: dict[str, object], whole: object
) -> None:
    """Whatever a row holds, or is, it is answered, can be sent back as JSON, and the good one behind it is taken."""
    strange = json.loads(json.dumps({**row(clock), **changes} if whole is None else whole))
    answers = service.ingest(session, player, [strange, row(clock)], clock.now())
    assert answers[1].verdict == RowVerdict.ACCEPTED
    assert answers[0].model_dump_json()
    assert service.ingest(session, player, [strange], clock.now())[0].verdict != RowVerdict.ACCEPTED


@pytest.mark.parametrize(
    "change",
    [
        {"planned_at": "0001-01-01T00:00:00+14:00"},
        {"planned_at": "9999-12-31T23:59:59-14:00"},
        {"planned_at": "2027-12-31T00:00:00Z"},
        {"ended_at": "9999-12-31T23:59:59-14:00"},
        {"late_ms": 2**63},
        {"attempt": 2**40},
        {"monotonic_ms": 2**70},
        {"alert_version": 2**40},
        {"row_uuid": "\ud800"},
        {"title": "\ud800"},
    ],
    ids=str,
)
def test_what_no_database_can_hold_is_set_aside(
    session: Session, player: Player, clock: HandClock, change: dict[str, object]
) -> None:
    """Times and numbers beyond all measure are kept with their reason, and the row beside them is taken."""
    answer, good = service.ingest(session, player, [row(clock, **change), row(clock)], clock.now())
    assert good.verdict == RowVerdict.ACCEPTED
    assert (answer.verdict, bool(answer.reason)) == (RowVerdict.QUARANTINED, True)
    assert answer.model_dump_json()


def test_a_row_from_before_a_field_was_added_is_still_known(session: Session, player: Player, clock: HandClock) -> None:
    """Sent again after an upgrade of the server it is a duplicate."""
    one = row(clock)
    service.ingest(session, player, [one], clock.now())
    kept = session.scalars(select(AsRunEntry)).one()
    kept.row = {name: value for name, value in kept.row.items() if name not in {"exercise", "alert_version"}}
    session.flush()
    assert verdicts(session, player, [one], clock) == [RowVerdict.DUPLICATE]


def test_what_was_set_aside_can_be_judged_again(session: Session, player: Player, clock: HandClock) -> None:
    """A row from the future is taken once that has come; one that makes no sense stays, and can be put aside."""
    ahead = row(clock, started_at=(clock.now() + timedelta(hours=1)).isoformat())
    assert verdicts(session, player, [ahead, "nonsense"], clock) == [RowVerdict.QUARANTINED] * 2
    commune = session.get_one(Node, session.get_one(Node, player.village_id).parent_id)
    actor = uuid4()
    assert not any(
        service.look_again(session, commune, one.row.id, actor, clock.now())
        for one in queries.set_aside(session, commune)
    )
    clock.pass_by(hours=1)
    later = [
        service.look_again(session, commune, one.row.id, actor, clock.now())
        for one in queries.set_aside(session, commune)
    ]
    assert sorted(later) == [False, True]
    (left,) = queries.set_aside(session, commune)
    service.set_looked_at(session, commune, left.row.id, actor, clock.now(), looked=True)
    assert queries.how_many_set_aside(session, commune) == 0
    assert len(queries.set_aside(session, commune, all_of_them=True)) == 2


def test_a_row_is_never_overwritten(session: Session, player: Player, clock: HandClock) -> None:
    """The same uuid with other content is set aside."""
    one = row(clock)
    service.ingest(session, player, [one], clock.now())
    assert verdicts(session, player, [{**one, "outcome": "partial"}], clock) == [RowVerdict.QUARANTINED]
    assert session.scalars(select(AsRunEntry.outcome)).one() == "aired"


def test_a_report_tells_of_what_was_set_aside_in_its_days(session: Session, player: Player, clock: HandClock) -> None:
    """Whoever looks for work sees all of them; the report of a month ago does not change by a row of today."""
    verdicts(session, player, ["nonsense"], clock)
    commune = session.get_one(Node, session.get_one(Node, player.village_id).parent_id)
    now, hour = clock.now(), timedelta(hours=1)
    assert queries.how_many_set_aside(session, commune) == 1
    assert queries.how_many_set_aside(session, commune, now, now + hour) == 1
    assert queries.how_many_set_aside(session, commune, now - hour, now) == 0
    assert queries.how_many_set_aside(session, commune, now + hour, now + 2 * hour) == 0
