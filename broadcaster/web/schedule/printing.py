"""The week on paper, for the notice board: one clean sheet, readable without colours.

What is the same on days that follow each other is said once, and a title names its villages only where others of the
slot do not hear it: so a normal week fits on one page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from broadcaster.deps import Looking, Reads
from broadcaster.i18n import Tongue
from broadcaster.web.render import render
from broadcaster.web.schedule.overview import Place, date_of
from broadcaster.web.schedule.week import DAYS, Opening, WeekDay, monday_of, week_of
from broadcaster.web.templating import environment, style
from content.kernel.nodes import Node

router = APIRouter(prefix="/schedule")
_KINDS = ("xã ", "phường ", "thị trấn ", "đặc khu ")
"""What a commune's name may begin with already."""


@dataclass(frozen=True, slots=True)
class Title:
    """What is heard; `villages` only where not everybody in whose village the slot opens hears it."""

    text: str
    villages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An opening of a slot; `villages` only where it does not open in all of them.

    A slot that opens very often has `times` instead of its hours.
    """

    slot: str
    hours: str = ""
    titles: tuple[Title, ...] = ()
    relays: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()
    times: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that follow each other on which the same is heard."""

    first: WeekDay
    last: WeekDay
    lines: tuple[Line, ...]


@router.get("/print")
def show(visit: Looking, session: Reads, week: str = "", village: str = "") -> Response:
    """The week of a date, of all villages or of one."""
    place = Place.of(session, visit.commune, village)
    sheet = contents(session, visit.commune, place, date_of(week, visit.today))
    return render(visit, "schedule/print.html", villages=place.villages, **sheet, today=visit.today)


def alone(session: Session, commune: Node, place: Place, on: date, tongue: Tongue, now: datetime) -> str:
    """The sheet for the week of a date as a file of its own, style and all."""
    sheet = contents(session, commune, place, on)
    today = now.astimezone(commune.zone).date()
    template = environment().get_template("schedule/sheet.html")
    return template.render(**sheet, tongue=tongue, zone=commune.zone, now=now, today=today, style=style())


def contents(session: Session, commune: Node, place: Place, on: date) -> dict[str, Any]:
    """What a sheet's template is filled with."""
    monday = monday_of(on)
    days = week_of(session, commune, place.heard_in, monday, commune.zone)
    return {
        "monday": monday,
        "sunday": monday + timedelta(days=DAYS - 1),
        "stretches": stretches(days, len(place.heard_in), commune.zone),
        "place": place,
        "commune": commune.name if commune.name.lower().startswith(_KINDS) else f"xã {commune.name}",
    }


def stretches(days: Iterable[WeekDay], villages: int, zone: ZoneInfo) -> Sequence[Stretch]:
    """The days in order, alike ones together; `villages` is how many the sheet is for."""
    told = ((day, _lines(day, villages, zone)) for day in days)
    alike = (list(group) for _, group in groupby(told, key=lambda one: one[1]))
    return [Stretch(group[0][0], group[-1][0], group[0][1]) for group in alike]


def _lines(day: WeekDay, villages: int, zone: ZoneInfo) -> tuple[Line, ...]:
    often = [Line(cell.slot.name, times=cell.times) for cell in day.cells if cell.times]
    return (*(_line(opening, villages, zone) for opening in day.openings), *often)


def _line(opening: Opening, villages: int, zone: ZoneInfo) -> Line:
    begin, end = (at.astimezone(zone) for at in (opening.starts_at, opening.ends_at))
    heard = opening.villages
    line = Line(opening.slot.name, f"{begin:%H:%M}–{end:%H:%M}", tuple(_titles(opening)), opening.relays)
    return line if len(heard) == villages else replace(line, villages=heard)


def _titles(opening: Opening) -> Iterable[Title]:
    for text in opening.titles:
        programmes = [programme for programme in opening.programmes if text in programme.titles]
        everywhere = len(programmes) == len(opening.programmes)
        yield Title(text, () if everywhere else tuple(name for each in programmes for name in each.villages))
