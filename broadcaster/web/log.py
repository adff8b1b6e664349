"""The broadcast log: what was planned on a day, what was really heard, and how late."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter, Response

from broadcaster.asrun import queries
from broadcaster.asrun.queries import LogLine, Shown, VillageLog
from broadcaster.deps import Looking, Reads
from broadcaster.web.render import render

router = APIRouter(prefix="/log")
SHAPES = {"aired": "✓", "partial": "◐", "skipped": "○", "failed": "✕", "waiting": "…", "missing": "?"}
"""So that an outcome is not told by its colour alone."""
SETTLED = {Shown.AIRED, Shown.WAITING}


@dataclass(frozen=True, slots=True)
class Row:
    """One cue across the villages, in their order; None where it was not planned."""

    planned_at: datetime
    title: str
    cells: tuple[LogLine | None, ...]

    @property
    def any(self) -> LogLine:
        """One of its lines, for what they share."""
        return next(cell for cell in self.cells if cell is not None)


@router.get("")
def show(visit: Looking, session: Reads, on: str = "", village: str = "") -> Response:
    """One day: all villages at a glance, or one of them line by line."""
    try:
        day = date.fromisoformat(on)
    except ValueError:
        day = visit.today
    logs = queries.day_log(session, visit.commune, day, visit.now)
    return render(
        visit,
        "log/day.html",
        on=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        logs=[(log, Counter(line.outcome for line in log.lines)) for log in logs],
        one=next((log for log in logs if log.village.slug == village), None),
        sums=Counter(line.outcome for log in logs for line in log.lines),
        troubles=troubles(logs),
        rows=across(logs),
        shapes=SHAPES,
    )


def troubles(logs: Sequence[VillageLog]) -> list[tuple[LogLine, list[str]]]:
    """What was not heard, or not whole: the same trouble of the same cue once, with the names of its villages."""
    found: dict[tuple[datetime, str, str, str], tuple[LogLine, list[str]]] = {}
    for log in logs:
        for line in log.lines:
            if line.outcome not in SETTLED:
                name = (line.planned_at, line.title, line.outcome, line.reason or "")
                found.setdefault(name, (line, []))[1].append(log.village.name)
    return [found[name] for name in sorted(found)]


def across(logs: Sequence[VillageLog]) -> list[Row]:
    """The villages' lines side by side, by planned time and title."""
    found: dict[tuple[datetime, str], list[LogLine | None]] = {}
    for place, log in enumerate(logs):
        for line in log.lines:
            found.setdefault((line.planned_at, line.title), [None] * len(logs))[place] = line
    return [Row(*name, tuple(cells)) for name, cells in sorted(found.items(), key=lambda item: item[0])]
