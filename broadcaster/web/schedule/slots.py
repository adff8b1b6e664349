"""Slots: added, changed, cancelled and brought back, on forms without dragging."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, Visit, Writes
from broadcaster.fleet import service as fleet
from broadcaster.i18n import Tongue
from broadcaster.publishing import service as publishing
from broadcaster.web.forms import Problem, chosen
from broadcaster.web.health import cannot_relay
from broadcaster.web.render import render
from broadcaster.web.schedule.day_words import said_days
from broadcaster.web.schedule.quiet import quiet_of
from broadcaster.web.schedule.slot_forms import LONGEST_NAME, WEEKDAYS, SlotForm, slot_problem
from broadcaster.web.words import SHORT_DAYS, mark
from content import queries as contents
from content.kernel.errors import Conflict, Invalid
from content.kernel.nodes import Node, villages_of
from schedules import queries, service
from schedules.models import Slot
from schedules.recurrence import Rule

router = APIRouter(prefix="/schedule/slots")
WEEKDAY_TICKS = tuple(zip(WEEKDAYS, SHORT_DAYS, strict=True))


@router.post("")
def add(visit: Acting, session: Writes, form: Annotated[SlotForm, Form()]) -> Response:
    """A new slot; what is wrong is said at its field."""
    accounts.require(visit.user, Role.CADRE)
    rule, problems = form.rule(visit.today)
    if problems:
        return _page(visit, session, form, problems)
    try:
        made = service.open_slot(
            session,
            visit.commune,
            name=form.name.strip()[:LONGEST_NAME],
            start_local=rule.start_local,
            duration_ms=rule.duration_ms,
            starts_on=rule.starts_on,
            until_on=rule.until_on,
            rrule=rule.rrule,
            also=rule.also,
            but_not=rule.but_not,
            opening_chime=form.opening_chime,
            closing_chime=form.closing_chime,
            relay=form.relay(),
            villages=chosen(villages_of(session, visit.commune), form.where, form.villages),
            now=visit.now,
            actor=visit.user.uuid,
        )
    except (Invalid, Conflict) as error:
        return _page(visit, session, form, [slot_problem(error, form)])
    publishing.want_plan(session, visit.commune)
    return RedirectResponse(f"/schedule?on={rule.starts_on}&did=slot-added&slot={made.uuid}", 303)


@router.get("/{uuid}/edit")
def show(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """The form of a slot, as it is."""
    accounts.require(visit.user, Role.CADRE)
    slot = queries.slot(session, visit.commune, uuid)
    return _page(visit, session, SlotForm.of(slot, villages_of(session, visit.commune), visit.tongue), slot=slot)


@router.post("/{uuid}/edit")
def change(visit: Acting, session: Writes, uuid: UUID, form: Annotated[SlotForm, Form()]) -> Response:
    """Change it: with the next plan its future openings follow."""
    accounts.require(visit.user, Role.CADRE)
    slot = queries.slot(session, visit.commune, uuid)
    rule, problems = form.rule(visit.today)
    if problems:
        return _page(visit, session, form, problems, slot=slot)
    try:
        service.change_slot(
            session,
            visit.commune,
            slot,
            name=form.name.strip()[:LONGEST_NAME],
            rule=rule,
            opening_chime=form.opening_chime,
            closing_chime=form.closing_chime,
            relay=form.relay() or False,
            villages=chosen(villages_of(session, visit.commune), form.where, form.villages),
            now=visit.now,
            actor=visit.user.uuid,
        )
    except (Invalid, Conflict) as error:
        return _page(visit, session, form, [slot_problem(error, form)], slot=slot)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse(f"/schedule?did=slot-changed&slot={uuid}", 303)


@router.post("/{uuid}/cancel")
def cancel(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Close a slot; undoable."""
    accounts.require(visit.user, Role.CADRE)
    service.cancel_slot(session, queries.slot(session, visit.commune, uuid), visit.now, visit.user.uuid)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse(f"/schedule?did=slot-cancelled&slot={uuid}", 303)


@router.post("/{uuid}/restore")
def restore(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Undo that. Raises SlotsOverlap when its time was given away meanwhile."""
    accounts.require(visit.user, Role.CADRE)
    slot = queries.slot(session, visit.commune, uuid)
    service.reopen_slot(session, visit.commune, slot, visit.now, visit.user.uuid)
    publishing.want_plan(session, visit.commune)
    return RedirectResponse("/schedule?did=slot-restored", 303)


def recurs(tongue: Tongue, slot: Slot) -> str:
    """How often a slot opens, in words."""
    rule = slot.rule
    more = [_regularly(tongue, rule)] if rule.rrule or not rule.also else []
    if rule.also:
        days = {"days": said_days(tongue, rule.also), "time": tongue.clock(rule.start_local)}
        more.append(tongue.say(mark("also on {days}") if more else mark("on {days} at {time}"), days))
    if rule.but_not:
        closed = [said_days(tongue, rule.but_not)] if rule.but_not.dates or rule.but_not.lunar else []
        closed += [tongue.say(mark("public holidays"))] if rule.but_not.holidays else []
        more.append(tongue.say(mark("but not on {days}"), {"days": ", ".join(closed)}))
    return "; ".join(more)


def _regularly(tongue: Tongue, rule: Rule) -> str:
    facts: dict[str, object] = {"time": tongue.clock(rule.start_local), "first": rule.starts_on}
    if rule.rrule is None:
        return tongue.say(mark("once, on {first} at {time}"), facts)
    parts = dict(part.split("=") for part in rule.rrule.split(";"))
    if parts["FREQ"] == "MINUTELY":
        return tongue.say(mark("every {count} minutes"), {"count": int(parts.get("INTERVAL", "1"))})
    if rule.rrule == f"FREQ=MONTHLY;BYMONTHDAY={rule.starts_on.day}":
        return tongue.say(mark("on day {day} of each month at {time}"), facts | {"day": rule.starts_on.day})
    if parts["FREQ"] == "WEEKLY" and set(parts.get("BYDAY", "-").split(",")) <= set(WEEKDAYS):
        days = [tongue.say(SHORT_DAYS[WEEKDAYS.index(day)]) for day in parts["BYDAY"].split(",")]
        return tongue.say(mark("{days} at {time}"), facts | {"days": ", ".join(days)})
    if parts["FREQ"] == "DAILY" and parts.get("INTERVAL", "1") == "1":
        return tongue.say(mark("daily at {time}"), facts)
    return tongue.say(mark("by a rule of its own, at {time}"), facts)


def unable_to_relay(session: Session, villages: Sequence[Node]) -> list[str]:
    """Those of the villages that have a player which has reported, but can relay nothing."""
    names = {village.id: village.name for village in villages}
    reports = (player for player in fleet.players_of(session, list(villages)) if player.heartbeat)
    return list(dict.fromkeys(names[each.village_id] for each in reports if cannot_relay(each)))


def fallbacks(visit: Visit, session: Session, slot: Slot | None = None) -> list[tuple[str, str]]:
    """What may sound instead of a relay: the chime, what is approved, what the slot has now although withdrawn."""
    booked = [booking.announcement_uuid for booking in queries.bookings(session, visit.commune)]
    chosen = slot.relay_fallback if slot else None
    titles = contents.titles(session, visit.commune, [*booked, *([chosen] if chosen else ())])
    found = [(str(uuid), titles.get(uuid, "")) for uuid in dict.fromkeys(booked)]
    if chosen and chosen not in booked:
        said = visit.tongue.say(mark("{title} (withdrawn: the chime sounds)"), {"title": titles.get(chosen, "")})
        found.append((str(chosen), said))
    return [("", visit.tongue.say(mark("A short chime"))), *found]


def _page(
    visit: Visit, session: Session, form: SlotForm, problems: Sequence[Problem] = (), *, slot: Slot | None = None
) -> Response:
    return render(
        visit,
        "schedule/slot.html",
        422 if problems else 200,
        form=form,
        problems=problems,
        slot=slot,
        free=next((problem.facts["free"] for problem in problems if "free" in problem.facts), None),
        villages=villages_of(session, visit.commune),
        weekdays=WEEKDAY_TICKS,
        fallbacks=fallbacks(visit, session, slot),
        quiets=quiet_of(slot, queries.village_airings(session, visit.commune), visit.now) if slot else [],
        unable=unable_to_relay(session, slot.villages if slot and slot.relay_url else ()),
    )
