import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from broadcaster.player.keeping.journal import SCHEMA_VERSION, Journal
from broadcaster.protocol import AsRunRow, ClockState, Outcome, Reason, RowAnswer, RowVerdict
from tests.broadcaster.player.fake_server import occurrence_uuid

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


def a_row(key="one", **more):
    facts = {
        "row_uuid": uuid4(),
        "occurrence_uuid": occurrence_uuid(1),
        "cue_key": key,
        "planned_at": NOON,
        "outcome": Outcome.PARTIAL,
        "reason": Reason.POWER_CUT,
        "clock_state": ClockState.TRUSTED,
    }
    return AsRunRow(**facts | more)


def acknowledge(journal, row, at=NOON):
    journal.acknowledge([RowAnswer(row_uuid=str(row.row_uuid), verdict=RowVerdict.ACCEPTED)], at)


def test_an_open_row_is_a_power_cut_after_a_restart(path):
    """What was open when the process died is closed as it stood, with the last position that was marked."""
    journal = Journal(path)
    row = a_row()
    journal.begin(row)
    journal.mark(row.model_copy(update={"position_ms": 5000}))
    assert journal.waiting(10) == []
    journal.close()
    again = Journal(path)
    (found,) = again.waiting(10)
    assert (found.outcome, found.reason, found.position_ms) == (Outcome.PARTIAL, Reason.POWER_CUT, 5000)
    assert set(again.done({occurrence_uuid(1)})) == {(occurrence_uuid(1), "one")}
    again.close()


def test_a_repeat_that_still_sounds_is_not_counted_among_those_that_are_over(path):
    """It is counted as it ends: twice would shorten how long an alert may sound in all."""
    journal = Journal(path)
    over, sounding = a_row("1"), a_row("2")
    for row in (over, sounding):
        journal.begin(row)
    journal.end(over)
    assert [row.cue_key for row in journal.of_alert(occurrence_uuid(1))] == ["1"]
    journal.end(sounding)
    assert [row.cue_key for row in journal.of_alert(occurrence_uuid(1))] == ["1", "2"]
    journal.close()


def test_a_row_taken_back_leaves_the_cue_free(path):
    """A cue of which nothing was heard has no row any more; a closed row cannot be taken back."""
    journal = Journal(path)
    heard, unheard = a_row("heard"), a_row("unheard")
    journal.begin(heard)
    journal.end(heard)
    journal.begin(unheard)
    for row in (heard, unheard):
        journal.take_back(row.row_uuid)
    assert set(journal.done({occurrence_uuid(1)})) == {(occurrence_uuid(1), "heard")}
    journal.close()


def test_acknowledged_rows_leave_after_thirty_days_and_others_never(path):
    """Only what the server has is ever forgotten."""
    journal = Journal(path)
    sent, unsent = a_row("sent"), a_row("unsent")
    journal.skip([sent, unsent])
    acknowledge(journal, sent)
    journal.purge(NOON + timedelta(days=29))
    assert len(journal.done({occurrence_uuid(1)})) == 2
    journal.purge(NOON + timedelta(days=400))
    assert set(journal.done({occurrence_uuid(1)})) == {(occurrence_uuid(1), "unsent")}
    journal.close()


def test_the_birth_of_a_journal_is_noted_once(path):
    """The first trusted instant stays."""
    journal = Journal(path)
    assert journal.born_at() is None
    journal.set_born_at(NOON)
    journal.set_born_at(NOON + timedelta(days=1))
    assert journal.born_at() == NOON
    journal.close()


def test_the_floor_is_raised_under_a_trusted_clock_only(path):
    """An end journalled under a clock nobody vouches for proves nothing."""
    journal = Journal(path)
    for key, state, hour in (("one", ClockState.TRUSTED, 1), ("two", ClockState.DRIFTING, 9)):
        row = a_row(key, clock_state=state)
        journal.begin(row)
        journal.end(row.model_copy(update={"ended_at": NOON + timedelta(hours=hour)}))
    assert journal.floor() == NOON + timedelta(hours=1)
    journal.close()


def test_an_unreadable_journal_is_set_aside(path):
    """A destroyed file does not silence a village: a new journal begins, the old one is kept."""
    path.write_bytes(b"rot" * 4000)
    journal = Journal(path)
    assert journal.born_at() is None
    journal.close()
    assert [found.name for found in path.parent.glob("*.damaged-*")]


def test_the_newest_attempt_of_a_cue_tells_what_broke_it_off(path):
    """A relay that was joined again is known by its last row."""
    journal = Journal(path)
    for attempt, reason in ((1, Reason.POWER_CUT), (2, Reason.INTERRUPTED)):
        journal.skip([a_row("vov").model_copy(update={"attempt": attempt, "reason": reason})])
    (attempts,) = journal.done({occurrence_uuid(1)}).values()
    assert (attempts.number, attempts.reason) == (2, Reason.INTERRUPTED)


FIRST_SCHEMA = """
CREATE TABLE as_run (
    seq INTEGER PRIMARY KEY, row_uuid TEXT NOT NULL UNIQUE, occurrence_uuid TEXT NOT NULL, cue_key TEXT NOT NULL,
    attempt INTEGER NOT NULL, open INTEGER NOT NULL, body TEXT NOT NULL, acknowledged_at TEXT, verdict TEXT,
    UNIQUE (occurrence_uuid, cue_key, attempt)
);
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO fact VALUES ('floor', '2026-11-22T12:00:00+00:00');
"""


def test_an_upgrade_keeps_the_journal_of_the_first_player(path):
    """A journal of the first schema keeps its rows and facts and learns the new tables; its version says so."""
    row = a_row()
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(FIRST_SCHEMA)
        facts = (str(row.row_uuid), str(row.occurrence_uuid), row.cue_key, row.model_dump_json())
        old.execute("INSERT INTO as_run VALUES (1, ?, ?, ?, 1, 0, ?, NULL, NULL)", facts)
    journal = Journal(path)
    assert journal.waiting(10) == [row]
    assert journal.floor() == NOON
    journal.note(NOON, "upgraded", {})
    journal.close()
    with closing(sqlite3.connect(path)) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_an_older_player_leaves_a_newer_journal_as_new(path):
    """Going back to an older player does not make the journal look old."""
    Journal(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA user_version = 99")
    Journal(path).close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (99,)
