"""The day's log: every planned cue of each village with what became of it, and what aired without a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.asrun.models import AsRunEntry
from broadcaster.protocol import Outcome
from content.kernel.nodes import Node, villages_of
from schedules import queries as schedules
from schedules.models import CueRow, Occurrence

REPORT_WITHIN = timedelta(minutes=10)
"""After a cue's planned end a player has this long to report before its cue is called missing."""
_DAY = timedelta(days=1)


class Shown(StrEnum):
    """What became of a cue, best first: what players say, and what only the server can say."""

    AIRED = "aired"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    FAILED = "failed"
    WAITING = "waiting"
    MISSING = "missing"


Rows = Mapping[tuple[int, UUID, str], AsRunEntry]
"""By village id, occurrence and cue key."""
_BEST_FIRST = [Outcome.AIRED, Outcome.PARTIAL, Outcome.SKIPPED, Outcome.FAILED]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One cue in one village. `planned` is False for what aired although the present plan does not hold it."""

    title: str
    planned_at: datetime
    outcome: Shown
    started_at: datetime | None = None
    late_ms: int | None = None
    reason: str | None = None
    media_sha256: str | None = None
    announcement_uuid: UUID | None = None
    planned: bool = True


@dataclass(frozen=True, slots=True)
class VillageLog:
    """A village's lines of one date, in order of their planned times."""

    village: Node
    lines: tuple[LogLine, ...]


def day_log(session: Session, commune: Node, on: date, now: datetime) -> list[VillageLog]:
    """What was planned on a local date and what became of it, by village.

    Each planned cue has exactly one line: the best of its attempts, of all players of the village. Rows of that date
    that the plan does not know follow by their own planned times.
    """
    yesterday, today = (schedules.day_plan(session, commune, day) for day in (on - _DAY, on))
    villages = villages_of(session, commune)
    rows = _best_rows(session, villages, on)
    return [
        VillageLog(village, tuple(_lines(village, on, _of(village, yesterday), _of(village, today), rows, now)))
        for village in villages
    ]


def _best_rows(session: Session, villages: Sequence[Node], on: date) -> Rows:
    """Around that date, since an occurrence may go on after midnight: of each cue in each village the best row."""
    noon = datetime.combine(on, time(12), tzinfo=UTC)
    query = select(AsRunEntry).where(
        AsRunEntry.village_id.in_([village.id for village in villages]),
        AsRunEntry.planned_at.between(noon - 2 * _DAY, noon + 2 * _DAY),
    )
    worst_first = sorted(session.scalars(query), key=_rank, reverse=True)
    return {(row.village_id, row.occurrence_uuid, row.cue_key): row for row in worst_first}


def _rank(row: AsRunEntry) -> tuple[int, int]:
    """Smaller is better; among equal outcomes the first attempt tells how late it was."""
    return _BEST_FIRST.index(Outcome(row.outcome)), row.attempt


def _lines(
    village: Node, on: date, yesterday: Sequence[Occurrence], today: Sequence[Occurrence], rows: Rows, now: datetime
) -> list[LogLine]:
    planned = [_planned(occurrence, cue, rows, now) for occurrence in today for cue in schedules.cues(occurrence)]
    known = {(village.id, one.uuid, cue.key) for one in (*yesterday, *today) for cue in schedules.cues(one)}
    others = [
        _reported(row)
        for name, row in rows.items()
        if name[0] == village.id and name not in known and row.planned_at.astimezone(village.zone).date() == on
    ]
    return sorted([*planned, *others], key=lambda line: line.planned_at)


def _planned(occurrence: Occurrence, cue: CueRow, rows: Rows, now: datetime) -> LogLine:
    planned_at = occurrence.starts_at + timedelta(milliseconds=cue.offset_ms)
    row = rows.get((occurrence.village_id, occurrence.uuid, cue.key))
    media = cue.media[0] if cue.media else None
    if row is not None:
        return replace(
            _reported(row),
            title=cue.title,
            planned_at=planned_at,
            media_sha256=row.media_sha256 or media,
            announcement_uuid=cue.announcement_uuid,
            planned=True,
        )
    is_overdue = now > planned_at + timedelta(milliseconds=cue.duration_ms) + REPORT_WITHIN
    outcome = Shown.MISSING if is_overdue else Shown.WAITING
    return LogLine(cue.title, planned_at, outcome, media_sha256=media, announcement_uuid=cue.announcement_uuid)


def _reported(row: AsRunEntry) -> LogLine:
    return LogLine(
        title=row.title,
        planned_at=row.planned_at,
        outcome=Shown(row.outcome),
        started_at=row.started_at,
        late_ms=row.late_ms,
        reason=row.reason,
        media_sha256=row.media_sha256,
        planned=False,
    )


def _of(village: Node, plan: Sequence[Occurrence]) -> list[Occurrence]:
    return [occurrence for occurrence in plan if occurrence.village_id == village.id]
