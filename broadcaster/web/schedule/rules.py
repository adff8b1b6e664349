"""The rules of airing that hold for the whole commune: the gap between two airings, and the public holidays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, Visit, Writes
from broadcaster.publishing import service as publishing
from broadcaster.web.forms import Problem, problem_of, typed_date, typed_number
from broadcaster.web.render import render
from broadcaster.web.schedule.week import lunar_day
from broadcaster.web.words import mark
from content.kernel.errors import Invalid
from schedules import days, queries, service
from schedules.lunar import FIRST_YEAR, LAST_YEAR, LunarDate, tet

router = APIRouter(prefix="/schedule/rules")
MOST_DAYS = 31
AROUND_TET = timedelta(days=9)
_BY_DATE = {
    (1, 1): mark("New Year"),
    (4, 30): mark("Reunification Day"),
    (5, 1): mark("Labour Day"),
    (9, 2): mark("National Day"),
}
CULTURE_DAY = (11, 24)
"""Resolution 80-NQ/TW of 2026 wants it to be a day off, the Labour Code is to follow: it is offered, not assumed."""
CULTURE_DAY_SINCE = 2026
TOO_MANY_DAYS = mark("That is more than {limit} days. Enter them in several steps.")
LAST_BEFORE_FIRST = mark("The last day lies before the first. Exchange them.")


class HolidayForm(BaseModel):
    """Days to be entered, as typed; an empty end is one day."""

    from_on: str = ""
    until_on: str = ""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off of the year that is shown: what it is called, and whether it can be struck."""

    on: date
    lunar: LunarDate | None
    name: str
    by_law: bool


@router.get("")
def show(visit: Looking, session: Reads, year: str = "", did: str = "", struck: str = "") -> Response:
    """The rules, and the holidays of a year; viewers may read them."""
    return _page(visit, session, _year(year, visit.today), did=did, struck=_day(struck))


@router.post("")
def change(visit: Acting, session: Writes, gap_minutes: Annotated[str, Form()] = "") -> Response:
    """Another gap between two airings of an announcement."""
    accounts.require(visit.user, Role.CADRE)
    problems: list[Problem] = []
    minutes = typed_number(gap_minutes, "gap_minutes", problems)
    if not problems:
        try:
            service.change_commune_airing(session, visit.commune, visit.now, visit.user.uuid, gap_minutes=minutes)
        except Invalid as error:
            problems.append(Problem("gap_minutes", error.sentence, error.facts))
    if problems:
        return _page(visit, session, visit.today.year, problems, gap=gap_minutes)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse("/schedule/rules?did=gap-changed", 303)


@router.post("/holidays")
def enter(visit: Acting, session: Writes, form: Annotated[HolidayForm, Form()]) -> Response:
    """Make days holidays; puts back what was struck, too."""
    accounts.require(visit.user, Role.CADRE)
    problems: list[Problem] = []
    first = typed_date(form.from_on, "from_on", visit.today, problems)
    last = typed_date(form.until_on, "until_on", first, problems) if form.until_on.strip() else first
    if last < first:
        problems.append(Problem("until_on", LAST_BEFORE_FIRST))
    elif (last - first).days >= MOST_DAYS:
        problems.append(Problem("until_on", TOO_MANY_DAYS, {"limit": MOST_DAYS}))
    if not problems:
        on = [first + n * days.DAY for n in range((last - first).days + 1)]
        try:
            service.enter_holidays(session, visit.commune, on, visit.now, visit.user.uuid)
        except Invalid as error:
            problems.append(problem_of(error))
    if problems:
        return _page(visit, session, visit.today.year, problems, form=form)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse(f"/schedule/rules?year={first.year}&did=holidays-entered#holidays", 303)


@router.post("/holidays/{on}/strike")
def strike(visit: Acting, session: Writes, on: date) -> Response:
    """Make a day no holiday, undoably."""
    accounts.require(visit.user, Role.CADRE)
    try:
        service.strike_holiday(session, visit.commune, on, visit.now, visit.user.uuid)
    except Invalid as error:
        return _page(visit, session, on.year, [problem_of(error)])
    publishing.want_plan(session, visit.commune)
    return RedirectResponse(f"/schedule/rules?year={on.year}&did=holiday-struck&struck={on}", 303)


def _page(
    visit: Visit,
    session: Session,
    year: int,
    problems: Sequence[Problem] = (),
    *,
    form: HolidayForm | None = None,
    gap: str | None = None,
    did: str = "",
    struck: date | None = None,
) -> Response:
    airing = queries.commune_airing(session, visit.commune)
    found = [_holiday(on) for on in sorted(days.holidays(year, airing.decided))]
    return render(
        visit,
        "schedule/rules.html",
        422 if problems else 200,
        year=year,
        holidays=found,
        culture_day=_culture_day(year, {one.on for one in found}),
        is_decided=any(on.year == year for on in airing.decided),
        gap=str(airing.gap_minutes) if gap is None else gap,
        form=form or HolidayForm(),
        problems=problems,
        did=did,
        struck=struck if struck and struck not in {one.on for one in found} else None,
    )


def _holiday(on: date) -> Holiday:
    by_law = on in days.fixed(on.year)
    if by_law:
        name = _BY_DATE.get((on.month, on.day), mark("Hùng kings' day"))
    elif (on.month, on.day) == CULTURE_DAY:
        name = mark("Vietnam Culture Day")
    else:
        name = mark("Tết") if abs(on - tet(on.year)) <= AROUND_TET else mark("entered for this year")
    return Holiday(on, lunar_day(on), name, by_law)


def _culture_day(year: int, known: Collection[date]) -> date | None:
    """The day, where it may be a holiday and is none yet."""
    on = date(year, *CULTURE_DAY)
    return on if year >= CULTURE_DAY_SINCE and on not in known else None


def _year(typed: str, today: date) -> int:
    year = int(typed) if typed.isdecimal() and len(typed) == 4 else today.year
    return year if FIRST_YEAR < year < LAST_YEAR else today.year


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
