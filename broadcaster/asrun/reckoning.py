"""What became of a cue, reckoned from the plan and from what players said. Pure: the same rows in any order, the same.

Nothing here asks a database. `settling` keeps the answers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from broadcaster.asrun.models import AsRunEntry
from broadcaster.protocol import ClockState, Outcome, Reason
from content.kernel.priority import Priority
from schedules.models import CueRow, Occurrence
from schedules.planner import CueKind

REPORT_WITHIN = timedelta(minutes=10)
"""After a cue's planned end a player has this long to report before its cue is called missing."""
GONE_AFTER = timedelta(days=30)
"""A player that was not heard from for so long reports no more, as far as anybody can tell."""
NOTICEABLE = timedelta(seconds=30)
"""A clock nearer to the truth than this is not corrected: a row is written some seconds before its sound begins."""
AT_ONCE = timedelta(seconds=5)
"""An alert's own words follow what stood in for them within this; what interrupts an alert lasts longer."""
ALERT = "alert"
"""The kind of what sounds for an emergency call, beside the kinds of cues."""
_MOST_MS = 2**31 - 1
Columns = dict[str, object]


class Shown(StrEnum):
    """What became of a cue, best first: what players say, and what only the server can say.

    `stopped`: a repeat of an emergency call that people ended while it sounded, or that gave way to the call's own
    words. It was heard for as long as it was meant, so that it is no `partial`.
    """

    AIRED = "aired"
    STOPPED = "stopped"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    FAILED = "failed"
    WAITING = "waiting"
    MISSING = "missing"
    LOST = "lost"


_BEST_FIRST = [Outcome.AIRED, Outcome.PARTIAL, Outcome.SKIPPED, Outcome.FAILED]


def shown(row: AsRunEntry, others: Iterable[AsRunEntry] = ()) -> Shown:
    """What a player's row is called; `others` are all rows of the same occurrence or alert in the village."""
    if row.outcome != Outcome.PARTIAL or row.alert_version is None:
        return Shown(row.outcome)
    on_purpose = row.reason == Reason.WITHDRAWN or (row.reason == Reason.INTERRUPTED and _gave_way(row, others))
    return Shown.STOPPED if on_purpose else Shown.PARTIAL


def _gave_way(row: AsRunEntry, others: Iterable[AsRunEntry]) -> bool:
    """Whether what only stood in for an alert's own words was followed by these at once: nothing cut the alert."""
    silent_at = row.started_at and row.started_at + timedelta(milliseconds=row.position_ms)
    return silent_at is not None and any(
        other.player_id == row.player_id
        and other.started_at is not None
        and row.started_at != other.started_at
        and abs(other.started_at - silent_at) < AT_ONCE
        for other in others
    )


def unheard(due_at: datetime, now: datetime, reporters_since: datetime | None) -> Shown:
    """Of a cue without a row: waiting until it is overdue, then missing, or lost if nobody is left who could report.

    Args:
        due_at: its planned end.
        now: aware instant.
        reporters_since: since when the village has a player that may still report; None if it has none.
    """
    if now <= due_at + REPORT_WITHIN:
        return Shown.WAITING
    return Shown.LOST if reporters_since is None or due_at < reporters_since else Shown.MISSING


def best(rows: Iterable[AsRunEntry]) -> AsRunEntry | None:
    """The row that tells what was heard at most; among equal ones the first attempt tells how late it was."""
    return min(rows, key=_rank, default=None)


def sounded_ms(row: AsRunEntry, planned_ms: int | None = None) -> int:
    """How much of it was to be heard."""
    if row.outcome == Outcome.PARTIAL:
        return row.position_ms if planned_ms is None else min(row.position_ms, planned_ms)
    if row.outcome != Outcome.AIRED:
        return 0
    if planned_ms is not None:
        return planned_ms
    took = row.ended_at - row.started_at if row.ended_at and row.started_at else timedelta()
    return max(0, _bounded(took // timedelta(milliseconds=1)))


def clock_ahead(row: AsRunEntry, anchors: Iterable[AsRunEntry]) -> timedelta | None:
    """How far the player's clock was ahead (negative: behind) when it wrote the row; None if that is not known.

    `anchors` are rows of the same player and start of the machine. One written under a trusted clock tells the true
    time of the machine's monotonic clock, and so of every other row of that start.
    """
    if row.started_at is None or row.clock_state == ClockState.TRUSTED or not row.boot_id:
        return None
    trusted = [one for one in anchors if one.clock_state == ClockState.TRUSTED and one.started_at]
    nearest = min(trusted, key=lambda one: (abs(one.monotonic_ms - row.monotonic_ms), one.row_uuid), default=None)
    if nearest is None or nearest.started_at is None:
        return None
    between = timedelta(milliseconds=nearest.monotonic_ms - row.monotonic_ms)
    ahead = row.started_at - (nearest.started_at - between)
    return ahead if abs(ahead) >= NOTICEABLE else None


@dataclass(frozen=True, slots=True)
class Known:
    """What lines are reckoned from besides plan and rows.

    `reporters_since` as `unheard` takes it; `recorded` are the sha256 of human takes; `anchors` by player and start.
    """

    now: datetime
    zone: ZoneInfo
    reporters_since: datetime | None
    recorded: frozenset[str]
    anchors: Mapping[tuple[int, str], list[AsRunEntry]]


def lines(
    occurrence: Occurrence | None, cues: Iterable[CueRow], rows: Iterable[AsRunEntry], known: Known
) -> dict[str, Columns]:
    """By cue key, one line for each planned cue and for each cue that only the rows know: columns of an `Airing`.

    `rows` are all of this occurrence (or alert) in this village, of all its players, in any order.
    """
    by_key: dict[str, list[AsRunEntry]] = {}
    for row in rows:
        by_key.setdefault(row.cue_key, []).append(row)
    found: dict[str, Columns] = {}
    if occurrence is not None:
        for cue in cues:
            found[cue.key] = _planned(occurrence, cue, best(by_key.pop(cue.key, ())), known)
    everything = [row for said in by_key.values() for row in said]
    for key, said in by_key.items():
        best_said = min(said, key=_rank)
        outcome = shown(best_said, everything)
        found[key] = _unplanned(occurrence, best_said, known) | {"outcome": str(outcome)}
    return found


def _rank(row: AsRunEntry) -> tuple[int, int, int, str]:
    """Smaller is better."""
    longest = -row.position_ms if row.outcome == Outcome.PARTIAL else 0
    return _BEST_FIRST.index(Outcome(row.outcome)), longest, row.attempt, str(row.row_uuid)


def _planned(occurrence: Occurrence, cue: CueRow, row: AsRunEntry | None, known: Known) -> Columns:
    planned_at = occurrence.starts_at + timedelta(milliseconds=cue.offset_ms)
    due_at = planned_at + timedelta(milliseconds=cue.duration_ms)
    said = _said(row, known, cue.duration_ms) if row else _silence(due_at, known)
    media = list(_media(row) if row else ()) or list(cue.media)
    return {
        "local_on": occurrence.local_on,
        "hour": planned_at.astimezone(known.zone).hour,
        "planned_at": planned_at,
        "due_at": due_at,
        "kind": str(cue.kind),
        "title": cue.title,
        "language": cue.language,
        "priority": str(cue.priority),
        "announcement_uuid": cue.announcement_uuid,
        "duration_ms": cue.duration_ms,
        "media": media,
        "is_synthetic": cue.kind == CueKind.SPEECH and not known.recorded.intersection(media),
        "is_planned": True,
        "is_exercise": False,
        **said,
    }


def _unplanned(occurrence: Occurrence | None, row: AsRunEntry, known: Known) -> Columns:
    local = row.planned_at.astimezone(known.zone)
    duration_ms = sounded_ms(row)
    is_alert = row.alert_version is not None
    announcement, language = (None, "") if is_alert else _named_by(row.cue_key)
    media = list(_media(row))
    return {
        "local_on": occurrence.local_on if occurrence else local.date(),
        "hour": local.hour,
        "planned_at": row.planned_at,
        "due_at": row.planned_at + timedelta(milliseconds=duration_ms),
        "kind": ALERT if is_alert else str(CueKind.SPEECH if announcement else CueKind.CHIME),
        "title": row.title,
        "language": language,
        "priority": str(Priority.EMERGENCY if is_alert else Priority.ROUTINE),
        "announcement_uuid": announcement,
        "duration_ms": duration_ms,
        "media": media,
        "is_synthetic": announcement is not None and not known.recorded.intersection(media),
        "is_planned": False,
        "is_exercise": row.is_exercise,
        **_said(row, known),
    }


def _said(row: AsRunEntry, known: Known, planned_ms: int | None = None) -> Columns:
    ahead = clock_ahead(row, known.anchors.get((row.player_id, row.boot_id), ()))
    ahead_ms = None if ahead is None else ahead // timedelta(milliseconds=1)
    late_ms = row.late_ms if row.late_ms is None or ahead_ms is None else _bounded(row.late_ms - ahead_ms)
    return {
        "outcome": str(row.outcome),
        "reason": row.reason,
        "started_at": row.started_at - ahead if row.started_at and ahead else row.started_at,
        "late_ms": late_ms,
        "sounded_ms": sounded_ms(row, planned_ms),
        "clock_ahead_ms": ahead_ms,
        "heard": row.heard,
    }


def _silence(due_at: datetime, known: Known) -> Columns:
    outcome = unheard(due_at, known.now, known.reporters_since)
    nothing = dict.fromkeys(("reason", "started_at", "late_ms", "clock_ahead_ms", "heard"))
    return {"outcome": str(outcome), "sounded_ms": 0, **nothing}


def _bounded(number_ms: int) -> int:
    """Within what a column takes, whatever a strange clock said."""
    return max(-_MOST_MS, min(_MOST_MS, number_ms))


def _media(row: AsRunEntry) -> tuple[str, ...]:
    said = row.row.get("media") or ([row.media_sha256] if row.media_sha256 else ())
    return tuple(map(str, said)) if isinstance(said, (list, tuple)) else ()


def _named_by(key: str) -> tuple[UUID | None, str]:
    """The announcement and language that a cue's key begins with; a chime's or a relay's names none."""
    first, _, rest = key.partition("/")
    try:
        return UUID(first), rest.partition("/")[0][:16]
    except ValueError:
        return None, ""
