"""The schedule: a week at a glance, or a day with its cues and why they are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from broadcaster.deps import Looking, Reads, TheStation, Visit
from broadcaster.web.render import render
from broadcaster.web.schedule import evening
from broadcaster.web.schedule.absent import Known
from broadcaster.web.schedule.programme import Block, day_of, timeline
from broadcaster.web.schedule.quiet import Quiet, quiet_in, quiet_of
from broadcaster.web.schedule.slot_forms import SlotForm
from broadcaster.web.schedule.slots import WEEKDAY_TICKS, fallbacks, recurs
from broadcaster.web.schedule.week import DAYS, lunar_day, monday_of, week_of
from broadcaster.web.writing import searching
from content import queries as contents
from content.kernel.nodes import Node, villages_of
from schedules import queries
from schedules.models import VillageAiring

router = APIRouter(prefix="/schedule")
WEEK, DAY = "week", "day"
ONE_DAY = timedelta(days=1)
_OF_A_SLOT = {"slot-added", "slot-changed", "slot-cancelled"}


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked at: all villages of the commune, or the one named in the address."""

    villages: Sequence[Node]
    one: Node | None

    @classmethod
    def of(cls, session: Session, commune: Node, slug: str) -> "Place":
        """The village of this slug; all where there is none of it."""
        villages = villages_of(session, commune)
        return cls(villages, next((village for village in villages if village.slug == slug), None))

    @property
    def slug(self) -> str:
        """As addresses have it; empty for all."""
        return self.one.slug if self.one else ""

    @property
    def heard_in(self) -> Sequence[Node]:
        """The villages whose programme is shown."""
        return [self.one] if self.one else self.villages


@router.get("")
def show(
    visit: Looking,
    session: Reads,
    station: TheStation,
    *,
    view: str = WEEK,
    on: str = "",
    village: str = "",
    did: str = "",
    slot: UUID | None = None,
) -> Response:
    """The week or the day of a date, of all villages or of one."""
    day, airings = date_of(on, visit.today), queries.village_airings(session, visit.commune)
    place = Place.of(session, visit.commune, village)
    lead = station.press().lead
    return render(
        visit,
        "schedule/day.html" if view == DAY else "schedule/week.html",
        view=DAY if view == DAY else WEEK,
        did=did,
        told=(told := queries.slot(session, visit.commune, slot) if slot and did in _OF_A_SLOT else None),
        told_quiets=quiet_of(told, airings, visit.now) if told else [],
        on=day,
        monday=monday_of(day),
        lunar=lunar_day(day),
        place=place,
        villages=place.villages,
        airs_from=airs_from(session, place.heard_in, visit.now, lead),
        form=SlotForm.blank(visit.today),
        problems=[],
        free=None,
        weekdays=WEEKDAY_TICKS,
        fallbacks=fallbacks(visit, session),
        unable=(),
        slots=(slots := queries.slots(session, visit.commune)),
        all_slots=[(one, recurs(visit.tongue, one)) for one in slots],
        **(_day(visit, session, station, place, day) if view == DAY else _week(visit, session, place, day)),
    )


def airs_from(session: Session, villages: Sequence[Node], now: datetime, lead: timedelta) -> datetime | None:
    """The first opening that still takes what is approved now, in any of the villages."""
    found = (queries.change_airs_from(session, village, now, lead).airs_from for village in villages)
    return min((at for at in found if at is not None), default=None)


def date_of(typed: str, today: date) -> date:
    """A date of an address; today where it is none that a calendar has."""
    return searching.day_of(typed) or today


def _week(visit: Visit, session: Session, place: Place, on: date) -> dict[str, Any]:
    return {
        "days": week_of(session, visit.commune, place.heard_in, on, visit.zone),
        "before": monday_of(on) - DAYS * ONE_DAY,
        "after": monday_of(on) + DAYS * ONE_DAY,
    }


def _quiet(block: Block, airings: Sequence[VillageAiring]) -> list[Quiet]:
    heard_in = [airing for airing in airings if airing.village.name in block.villages]
    return quiet_in(block.slot, block.starts_at, block.ends_at, heard_in)


def _day(visit: Visit, session: Session, station: TheStation, place: Place, on: date) -> dict[str, Any]:
    heard = [one for one in queries.slots(session, visit.commune) if place.one is None or place.one in one.villages]
    plan = queries.day_plan(session, visit.commune, on, village=place.one)
    day = day_of(heard, plan, on, visit.zone, visit.now, place.one)
    airings = queries.village_airings(session, visit.commune)
    bookings = queries.bookings(session, visit.commune)
    known = Known(
        on,
        day,
        bookings,
        contents.languages(session, [booking.revision_uuid for booking in bookings]),
        {airing.village.name: airing.languages for airing in airings},
        max((airing.settled_until(visit.now, station.press().lead) for airing in airings), default=visit.now),
        lambda at: visit.tongue.clock(at, visit.zone),
    )
    return {
        "before": on - ONE_DAY,
        "after": on + ONE_DAY,
        "week": [monday_of(on) + n * ONE_DAY for n in range(DAYS)],
        "day": day,
        "line": timeline(day, on, visit.zone, visit.now),
        "whole": {one.uuid for one in plan if evening.is_whole(station.store, one)},
        "absents": [known.absent_from(block) for block in day.blocks],
        "titles": contents.titles(session, visit.commune, [booking.announcement_uuid for booking in bookings]),
        "quiets": [_quiet(block, airings) for block in day.blocks],
        "bookings": {booking.announcement_uuid: booking.uuid for booking in bookings},
    }
