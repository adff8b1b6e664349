"""The first page: what waits for me, what is on air, the line of the day."""

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from broadcaster.deps import Looking, Reads, TheStation, Visit
from broadcaster.fleet import lives
from broadcaster.fleet import service as fleet
from broadcaster.fleet.outages import Rules
from broadcaster.sample import is_sample
from broadcaster.web.alerts.now import now
from broadcaster.web.health import Health, health_of
from broadcaster.web.render import render
from broadcaster.web.schedule.programme import day_of, timeline
from broadcaster.web.waiting import waiting_for
from content import queries
from content.kernel.nodes import Node, villages_of
from schedules import queries as schedules

router = APIRouter()
_NEXT = 3


@router.get("/")
def show(visit: Looking, session: Reads, station: TheStation) -> Response:
    """Today."""
    slots = schedules.slots(session, visit.commune)
    day = day_of(slots, schedules.day_plan(session, visit.commune, visit.today), visit.today, visit.zone, visit.now)
    tiles = _tiles(visit, session, Rules.of(station.settings))
    return render(
        visit,
        "today/index.html",
        held=lives.held(session),
        tasks=waiting_for(session, visit),
        **now(visit, session),
        tiles=tiles,
        next_cues=schedules.next_cues(session, visit.commune, visit.now),
        slots=slots,
        next_blocks=[block for block in day.blocks if block.ends_at > visit.now][:_NEXT],
        often=day.often,
        line=timeline(day, visit.today, visit.zone, visit.now),
        is_sample=is_sample(visit.commune),
        has_players=any(health.player for _, health in tiles),
        has_announcements=bool(queries.all_latest(session, visit.commune, limit=1)),
    )


@router.get("/today/tasks")
def show_tasks(visit: Looking, session: Reads) -> Response:
    """A piece of page: what waits for the visitor now."""
    return render(visit, "today/_tasks.html", tasks=waiting_for(session, visit))


@router.get("/today/villages")
def show_villages(visit: Looking, session: Reads, station: TheStation) -> Response:
    """A piece of page: the tiles, as they are now."""
    next_cues = schedules.next_cues(session, visit.commune, visit.now)
    return render(
        visit, "today/_villages.html", tiles=_tiles(visit, session, Rules.of(station.settings)), next_cues=next_cues
    )


def _tiles(visit: Visit, session: Session, rules: Rules) -> list[tuple[Node, Health]]:
    villages = villages_of(session, visit.commune)
    players = fleet.players_of(session, villages)
    return [
        (place, health_of([p for p in players if p.village_id == place.id], visit.now, rules)) for place in villages
    ]
