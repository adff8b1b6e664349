"""The broadcast log: what was planned on a day, what was really heard, and how late."""

from collections import Counter
from datetime import date, timedelta

from fastapi import APIRouter, Response

from broadcaster.asrun import queries
from broadcaster.deps import Looking, Reads
from broadcaster.web.render import render

router = APIRouter(prefix="/log")
SHAPES = {"aired": "✓", "partial": "◐", "skipped": "○", "failed": "✕", "waiting": "…", "missing": "?"}
"""So that an outcome is not told by its colour alone."""


@router.get("")
def show(visit: Looking, session: Reads, on: str = "") -> Response:
    """One day, village by village."""
    try:
        day = date.fromisoformat(on)
    except ValueError:
        day = visit.today
    villages = queries.day_log(session, visit.commune, day, visit.now)
    return render(
        visit,
        "log/day.html",
        on=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        villages=villages,
        sums=Counter(line.outcome for village in villages for line in village.lines),
        shapes=SHAPES,
    )
