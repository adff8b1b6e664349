"""The broadcast log: what was planned on a day, what was really heard, how late, and what people say of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.asrun import comments, hearing, queries
from broadcaster.asrun.models import Airing, Hearing, LogComment
from broadcaster.asrun.queries import VillageLog
from broadcaster.asrun.reckoning import ALERT, Shown
from broadcaster.deps import Looking, Reads, Visit
from broadcaster.web.forms import Problem
from broadcaster.web.log.pictures import heat_of_day
from broadcaster.web.log.sounds import sounds_of
from broadcaster.web.render import render
from broadcaster.web.writing.searching import day_of, uuid_of
from content.kernel.nodes import Node, villages_of
from schedules.planner import CueKind

router = APIRouter(prefix="/log")
SHAPES = {
    "aired": "✓",
    "stopped": "■",
    "partial": "◐",
    "skipped": "○",
    "failed": "✕",
    "waiting": "…",
    "missing": "?",
    "lost": "⊘",
}
"""So that an outcome is not told by its colour alone."""
SETTLED = {Shown.AIRED, Shown.STOPPED, Shown.WAITING}
PAGE = 20
"""Rows at once: nine villages side by side, within 100 kB."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One cue across the villages, in their order; None where it was not planned."""

    planned_at: datetime
    title: str
    cells: tuple[Airing | None, ...]

    @property
    def any(self) -> Airing:
        """One of its lines, for what they share."""
        return next(cell for cell in self.cells if cell is not None)


@dataclass(frozen=True, slots=True)
class Pages:
    """Which of how many pages is shown."""

    page: int
    last: int

    def cut(self, rows: Sequence[T]) -> Sequence[T]:
        """Its rows."""
        return rows[(self.page - 1) * PAGE : self.page * PAGE]


@router.get("")
def show(
    visit: Looking,
    session: Reads,
    on: str = "",
    village: str = "",
    page: str = "",
    exact: str = "",
    did: str = "",
    removed: str = "",
) -> Response:
    """One day: all villages at a glance, or one of them line by line; `exact`: lateness as a figure."""
    day = day_of(on) or visit.today
    logs = queries.day_log(session, visit.commune, day, visit.now)
    one = next((log for log in logs if log.village.slug == village), None)
    rows = across([log_without_alerts(log) for log in logs])
    shown = one.lines if one else [row.any for row in rows]
    pages = pages_of(page, [line.planned_at for line in shown], visit.now if day == visit.today else None)
    said = hearing.marks(session, [log.village for log in logs], day, day)
    told = pages.cut(one.lines) if one else ()
    cut = pages.cut(rows)
    return render(
        visit,
        "log/day.html",
        on=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        logs=[(log, sums_of(log.lines)) for log in logs],
        one=one,
        lines=told,
        exact=bool(exact),
        sounds_of=sounds_of(session, told or [row.any for row in cut]),
        sums_of=sums_of,
        players=queries.of_players(session, one, visit.now) if one else {},
        sums=sums_of(line for log in logs for line in log.lines),
        troubles=troubles(logs),
        alerts=alerts_of(logs),
        heat=heat_of_day(logs),
        rows=cut,
        pages=pages,
        said=said,
        doubtful=doubtful(logs, said),
        group_of=hearing.group_of,
        set_aside=queries.how_many_set_aside(session, visit.commune) if visit.may("admin") else 0,
        shapes=SHAPES,
        did=did,
        talked=talk(
            session, visit, comments.of_day(session, visit.commune, day, one.village if one else None), removed
        ),
    )


@dataclass(frozen=True, slots=True)
class Talk:
    """What the part with the comments shows: they, the names of places and people, and the one just removed."""

    comments: Sequence[LogComment]
    places: Mapping[int, str]
    names: Mapping[UUID, str]
    removed: UUID | None = None
    problems: Sequence[Problem] = ()
    typed: str = ""


def talk(session: Session, visit: Visit, said: Sequence[LogComment], removed: str = "") -> Talk:
    """The comments with the names that they need."""
    places = {village.id: village.name for village in villages_of(session, visit.commune)}
    return Talk(said, places, accounts.names(session, visit.commune), uuid_of(removed))


def sums_of(lines: Iterable[Airing], *, exercises: bool = False) -> Counter[str]:
    """How many lines have which outcome; exercises are never counted as real, only where they are told as such."""
    return Counter(line.outcome for line in lines if exercises or not line.is_exercise)


def log_without_alerts(log: VillageLog) -> VillageLog:
    """Its lines but for emergency calls, which have a place of their own."""
    return VillageLog(log.village, tuple(line for line in log.lines if line.kind != ALERT))


def alerts_of(logs: Sequence[VillageLog]) -> list[tuple[Airing, list[tuple[Node, list[Airing]]]]]:
    """Each emergency call of the day with its repeats by village, in order of time."""
    found: dict[UUID, dict[int, tuple[Node, list[Airing]]]] = {}
    for log in logs:
        for line in log.lines:
            if line.kind == ALERT:
                found.setdefault(line.occurrence_uuid, {}).setdefault(log.village.id, (log.village, []))[1].append(line)
    calls = [list(places.values()) for places in found.values()]
    return sorted(((places[0][1][0], places) for places in calls), key=lambda call: call[0].planned_at)


def troubles(logs: Sequence[VillageLog]) -> list[tuple[Airing, list[str]]]:
    """What was not heard, or not whole: the same trouble of the same cue once, with the names of its villages.

    A chime alone is no trouble: nobody misses it, and where a loudspeaker is dead the announcements tell so.
    """
    found: dict[tuple[datetime, str, str, str], tuple[Airing, list[str]]] = {}
    for log in logs:
        for line in log.lines:
            if line.outcome not in SETTLED and not line.is_exercise and line.kind != CueKind.CHIME:
                name = (line.planned_at, line.title, line.outcome, line.reason or "")
                found.setdefault(name, (line, []))[1].append(log.village.name)
    return [found[name] for name in sorted(found)]


def doubtful(
    logs: Sequence[VillageLog], said: Mapping[tuple[int, UUID, str], Hearing]
) -> list[tuple[str, Airing, Hearing]]:
    """Where people at a loudspeaker say that they heard badly or nothing, whatever the player says."""
    found: dict[int, tuple[str, Airing, Hearing]] = {}
    for log in logs:
        for line in log.lines:
            mark = said.get((log.village.id, line.occurrence_uuid, hearing.group_of(line)))
            if mark is not None and (mark.verdict != hearing.Verdict.CLEAR or mark.words):
                found.setdefault(mark.id, (log.village.name, line, mark))
    return list(found.values())


def across(logs: Sequence[VillageLog]) -> list[Row]:
    """The villages' lines side by side, by planned time and title."""
    found: dict[tuple[datetime, str], list[Airing | None]] = {}
    for place, log in enumerate(logs):
        for line in log.lines:
            found.setdefault((line.planned_at, line.title), [None] * len(logs))[place] = line
    return [Row(*name, tuple(cells)) for name, cells in sorted(found.items(), key=lambda item: item[0])]


def pages_of(asked: str, times: Sequence[datetime], now: datetime | None = None) -> Pages:
    """The page that was asked for; else the one in which it is now; else the first."""
    last = max(1, -(-len(times) // PAGE))
    if asked.isdecimal():
        return Pages(max(1, min(int(asked[:6]), last)), last)
    begun = sum(at <= now for at in times) if now else 0
    return Pages(min(max(0, begun - 1) // PAGE + 1, last), last)
