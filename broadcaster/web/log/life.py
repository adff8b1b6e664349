"""One announcement's life on air: when, where, how often, how late, heard or not, and exactly what was sent."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Response

from broadcaster.asrun import comments, hearing, queries
from broadcaster.asrun.models import Airing
from broadcaster.asrun.reckoning import Shown
from broadcaster.deps import Looking, Reads
from broadcaster.retention import queries as retention
from broadcaster.web.log.day import SHAPES, across, pages_of, sums_of, talk
from broadcaster.web.render import render
from content import queries as contents
from content.errors import NoSuchAnnouncement
from content.kernel.nodes import Node, villages_of

router = APIRouter(prefix="/log")
MOST_SOUNDS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """What one village heard of it: `times` whole; `worst_ms` is the latest of its starts."""

    village: Node
    sums: Counter[str]
    times: int
    worst_ms: int | None
    last: Airing | None
    said: Counter[str]


@router.get("/announcements/{uuid}")
def show(visit: Looking, session: Reads, uuid: UUID, page: str = "", did: str = "", removed: str = "") -> Response:
    """All its airings. Raises NoSuchAnnouncement."""
    titles = contents.titles(session, visit.commune, {uuid})
    if uuid not in titles:
        raise NoSuchAnnouncement
    logs = queries.life_of(session, visit.commune, uuid)
    villages = villages_of(session, visit.commune)
    said = hearing.marks_of(session, villages, uuid)
    verdicts: dict[int, Counter[str]] = {village.id: Counter() for village in villages}
    for (village_id, _, _), mark in said.items():
        verdicts[village_id][mark.verdict] += 1
    rows = list(reversed(across(logs)))
    sounds = list({line.media[0]: line for log in logs for line in log.lines if line.media}.values())[:MOST_SOUNDS]
    pages = pages_of(page, [row.planned_at for row in rows])
    return render(
        visit,
        "log/life.html",
        uuid=uuid,
        title=titles[uuid],
        places=[_place(log.village, log.lines, verdicts[log.village.id]) for log in logs],
        sums=sums_of(line for log in logs for line in log.lines),
        logs=logs,
        rows=pages.cut(rows),
        pages=pages,
        said=said,
        villages=villages,
        places_of={village.id: village.name for village in villages},
        group_of=hearing.group_of,
        sounds=sounds,
        gone=retention.gone(session, visit.commune, {line.media[0] for line in sounds}),
        shapes=SHAPES,
        did=did,
        talked=talk(session, visit, comments.of_announcement(session, visit.commune, uuid), removed),
    )


def _place(village: Node, lines: tuple[Airing, ...], said: Counter[str]) -> Place:
    whole = [line for line in lines if line.outcome == Shown.AIRED]
    late = [line.late_ms for line in lines if line.late_ms is not None]
    return Place(village, sums_of(lines), len(whole), max(late, default=None), whole[0] if whole else None, said)
