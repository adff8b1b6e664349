"""The schedule: a day with its slots and cues and why they are there; slots are added, cancelled and brought back."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, Visit, Writes
from broadcaster.i18n import Tongue
from broadcaster.publishing import service as publishing
from broadcaster.web.forms import WEEKDAYS, Problem, SlotForm, chosen, slot_problem
from broadcaster.web.programme import day_of, timeline
from broadcaster.web.render import render
from broadcaster.web.words import SHORT_DAYS, mark
from content.kernel.errors import Conflict, Invalid
from content.kernel.nodes import villages_of
from schedules import queries, service
from schedules.models import Slot

router = APIRouter(prefix="/schedule")


@router.get("")
def show(
    visit: Looking, session: Reads, on: str = "", village: str = "", did: str = "", slot: UUID | None = None
) -> Response:
    """One day, of all villages or of one."""
    return _page(
        visit, session, SlotForm.blank(visit.today), on=_date(on, visit.today), place=village, did=did, slot=slot
    )


@router.post("/slots")
def add_slot(visit: Acting, session: Writes, form: Annotated[SlotForm, Form()]) -> Response:
    """A new slot; what is wrong is said at its field."""
    accounts.require(visit.user, Role.CADRE)
    rule, problems = form.rule(visit.today)
    if problems:
        return _page(visit, session, form, problems)
    try:
        service.open_slot(
            session,
            visit.commune,
            name=form.name.strip()[:120],
            start_local=rule.start_local,
            duration_ms=rule.duration_ms,
            starts_on=rule.starts_on,
            until_on=rule.until_on,
            rrule=rule.rrule,
            villages=chosen(villages_of(session, visit.commune), form.where, form.villages),
            now=visit.now,
            actor=visit.user.uuid,
        )
    except (Invalid, Conflict) as error:
        return _page(visit, session, form, [slot_problem(error)])
    publishing.want_plan(session, visit.commune)
    return RedirectResponse(f"/schedule?on={rule.starts_on}&did=slot-added", 303)


@router.post("/slots/{uuid}/cancel")
def cancel_slot(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Close a slot; undoable."""
    accounts.require(visit.user, Role.CADRE)
    service.cancel_slot(session, queries.slot(session, visit.commune, uuid), visit.now, visit.user.uuid)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse(f"/schedule?did=slot-cancelled&slot={uuid}", 303)


@router.post("/slots/{uuid}/restore")
def restore_slot(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Undo that. Raises SlotsOverlap when its time was given away meanwhile."""
    accounts.require(visit.user, Role.CADRE)
    slot = queries.slot(session, visit.commune, uuid)
    service.reopen_slot(session, visit.commune, slot, visit.now, visit.user.uuid)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse("/schedule?did=slot-restored", 303)


def recurs(tongue: Tongue, slot: Slot) -> str:
    """How often a slot opens, in words."""
    facts: dict[str, object] = {"time": tongue.clock(slot.start_local), "first": slot.starts_on}
    if slot.rrule is None:
        return tongue.say(mark("once, on {first} at {time}"), facts)
    rule = dict(part.split("=") for part in slot.rrule.split(";"))
    if rule["FREQ"] == "MINUTELY":
        return tongue.say(mark("every {count} minutes"), {"count": int(rule.get("INTERVAL", "1"))})
    if "BYDAY" in rule:
        days = [tongue.say(SHORT_DAYS[WEEKDAYS.index(day)]) for day in rule["BYDAY"].split(",") if day in WEEKDAYS]
        return tongue.say(mark("{days} at {time}"), facts | {"days": ", ".join(days)})
    if rule["FREQ"] == "DAILY" and rule.get("INTERVAL", "1") == "1":
        return tongue.say(mark("daily at {time}"), facts)
    return tongue.say(mark("by a rule of its own, at {time}"), facts)


def _page(
    visit: Visit,
    session: Session,
    form: SlotForm,
    problems: Sequence[Problem] = (),
    *,
    on: date | None = None,
    place: str = "",
    did: str = "",
    slot: UUID | None = None,
) -> Response:
    on = on or visit.today
    villages = villages_of(session, visit.commune)
    chosen_village = next((village for village in villages if village.slug == place), None)
    slots = queries.slots(session, visit.commune)
    heard = [one for one in slots if chosen_village is None or chosen_village in one.villages]
    plan = queries.day_plan(session, visit.commune, on, village=chosen_village)
    day = day_of(heard, plan, on, visit.zone, visit.now)
    monday = on - timedelta(days=on.weekday())
    return render(
        visit,
        "schedule/day.html",
        422 if problems else 200,
        did=did,
        cancelled=queries.slot(session, visit.commune, slot) if slot and did == "slot-cancelled" else None,
        on=on,
        week=[monday + timedelta(days=n) for n in range(7)],
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        day=day,
        line=timeline(day, on, visit.zone, visit.now),
        villages=villages,
        place=place,
        slots=slots,
        all_slots=[(one, recurs(visit.tongue, one)) for one in slots],
        weekdays=list(zip(WEEKDAYS, SHORT_DAYS, strict=True)),
        form=form,
        problems=problems,
    )


def _date(typed: str, today: date) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return today
