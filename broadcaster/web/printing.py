"""The week on paper, for the notice board: one clean sheet, readable without colours."""

from datetime import timedelta

from fastapi import APIRouter, Response

from broadcaster.deps import Looking, Reads
from broadcaster.web.render import render
from broadcaster.web.schedule import Place, date_of
from broadcaster.web.week import DAYS, monday_of, week_of

router = APIRouter(prefix="/schedule")
_KINDS = ("xã ", "phường ", "thị trấn ", "đặc khu ")
"""What a commune's name may begin with already."""


@router.get("/print")
def show(visit: Looking, session: Reads, week: str = "", village: str = "") -> Response:
    """The week of a date, of all villages or of one."""
    monday = monday_of(date_of(week, visit.today))
    place = Place.of(session, visit.commune, village)
    name = visit.commune.name
    return render(
        visit,
        "schedule/print.html",
        monday=monday,
        sunday=monday + timedelta(days=DAYS - 1),
        days=week_of(session, visit.commune, place.heard_in, monday, visit.zone),
        place=place,
        villages=place.villages,
        commune=name if name.lower().startswith(_KINDS) else f"xã {name}",
    )
