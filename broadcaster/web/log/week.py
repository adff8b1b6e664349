"""One village's week: what was heard by day and hour, what was not, and what people say of it."""

from collections import Counter
from datetime import timedelta

from fastapi import APIRouter, Response

from broadcaster.asrun import comments, queries
from broadcaster.asrun.reckoning import Shown
from broadcaster.deps import Looking, Reads
from broadcaster.web.log.day import SHAPES, talk
from broadcaster.web.log.pictures import heat_of_week
from broadcaster.web.render import render
from broadcaster.web.schedule.week import DAYS, monday_of
from broadcaster.web.words import SHORT_DAYS
from broadcaster.web.writing.searching import day_of
from content.kernel.nodes import villages_of

router = APIRouter(prefix="/log")


@router.get("/week")
def show(visit: Looking, session: Reads, village: str = "", on: str = "", removed: str = "", did: str = "") -> Response:
    """The week of a date, of one village; the first if none is named."""
    places = villages_of(session, visit.commune)
    one = next((place for place in places if place.slug == village), places[0] if places else None)
    monday = monday_of(day_of(on) or visit.today)
    days = [monday + timedelta(days=ahead) for ahead in range(DAYS)]
    hours = queries.hours_of(session, one, monday) if one else {}
    by_day = {day: Counter[Shown]() for day in days}
    for (day, _), found in hours.items():
        by_day[day].update(found)
    names = {day: f"{visit.tongue.say(SHORT_DAYS[day.weekday()])} {day:%d/%m}" for day in days}
    of_week = comments.between(session, visit.commune, days[0], days[-1])
    said = [each for each in of_week if one and each.village_id == one.id]
    return render(
        visit,
        "log/week.html",
        villages=places,
        one=one,
        monday=monday,
        sunday=days[-1],
        before=monday - timedelta(days=DAYS),
        after=monday + timedelta(days=DAYS),
        by_day=by_day,
        heat=heat_of_week(days, hours, names),
        troubles=queries.days_of(session, one, monday) if one else [],
        shapes=SHAPES,
        did=did,
        talked=talk(session, visit, said, removed),
    )
