"""Where and when an approved announcement airs: made narrower here, and wide again, without a new approval."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, Visit, Writes
from broadcaster.publishing import service as publishing
from broadcaster.web.forms import NOT_OFFERED, Problem, chosen, problem_of, typed_date, typed_number
from broadcaster.web.render import render
from broadcaster.web.words import mark
from content import queries as contents
from content.kernel.errors import Conflict, Invalid
from content.kernel.nodes import villages_of
from content.models import Revision
from schedules import queries, service
from schedules.errors import NotInRange
from schedules.models import Booking, Slot

router = APIRouter(prefix="/schedule/bookings")
STAYS, LAST = "", "last"
"""Where among the others a booking shall stand, besides right before one of them, which is named by its uuid."""


class BookingForm(BaseModel):
    """Field by field as typed."""

    from_on: str = ""
    until_on: str = ""
    times_per_day: str = "1"
    every_slot: bool = False
    villages: list[str] = []
    slots: list[str] = []
    gap_minutes: str = ""
    before: str = STAYS

    @classmethod
    def of(cls, booking: Booking) -> "BookingForm":
        """The booking as it is."""
        return cls(
            from_on=booking.from_on.isoformat(),
            until_on=booking.until_on.isoformat(),
            times_per_day=str(booking.times_per_day),
            every_slot=booking.every_slot,
            villages=[village.slug for village in booking.villages],
            slots=[str(slot.uuid) for slot in booking.slots],
            gap_minutes="" if booking.gap_minutes is None else str(booking.gap_minutes),
        )


AS_IT_IS, BEFORE, BEHIND_ALL = mark("As it is now"), mark("Before “{title}”"), mark("After all others")


@router.get("/{uuid}")
def show(visit: Looking, session: Reads, uuid: UUID, did: str = "") -> Response:
    """Where and when it airs, as a form for who may change it."""
    accounts.require(visit.user, Role.SECRETARY)
    booking = queries.booking(session, visit.commune, uuid)
    accounts.require_villages(session, visit.user, _approved(session, visit, booking).villages)
    return _page(visit, session, booking, BookingForm.of(booking), did=did)


@router.post("/{uuid}")
def change(visit: Acting, session: Writes, uuid: UUID, form: Annotated[BookingForm, Form()]) -> Response:
    """Change it within what was approved; what goes beyond is refused, and says what to do instead."""
    accounts.require(visit.user, Role.SECRETARY)
    booking = queries.booking(session, visit.commune, uuid)
    approved = _approved(session, visit, booking)
    accounts.require_villages(session, visit.user, approved.villages)
    problems: list[Problem] = []
    from_on = typed_date(form.from_on, "from_on", booking.from_on, problems)
    until_on = typed_date(form.until_on, "until_on", booking.until_on, problems)
    times_per_day = typed_number(form.times_per_day, "times_per_day", problems)
    gap_minutes = typed_number(form.gap_minutes, "gap_minutes", problems) if form.gap_minutes.strip() else None
    offered = _slots(session, visit, approved)
    if form.before not in {STAYS, LAST, *(str(other.uuid) for other, _ in _others(session, visit, booking))}:
        problems.append(Problem("before", NOT_OFFERED))
    if not problems:
        try:
            service.change_booking(
                session,
                visit.commune,
                booking,
                now=visit.now,
                villages=chosen(villages_of(session, visit.commune), "some", form.villages),
                from_on=from_on,
                until_on=until_on,
                times_per_day=times_per_day,
                every_slot=form.every_slot,
                gap_minutes="commune" if gap_minutes is None else gap_minutes,
                slot_uuids=[slot.uuid for slot in offered if str(slot.uuid) in form.slots] if offered else None,
                actor=visit.user.uuid,
            )
            if form.before != STAYS:
                other = None if form.before == LAST else UUID(form.before)
                service.put_before(session, visit.commune, booking, other, visit.now, visit.user.uuid)
        except NotInRange as error:
            problems.append(Problem("gap_minutes", error.sentence, error.facts))
        except (Invalid, Conflict) as error:
            problems.append(problem_of(error))
    if problems:
        return _page(visit, session, booking, form, problems)
    only = booking.announcement_uuid if form.before == STAYS else None
    publishing.want_plan(session, visit.commune, only)
    return RedirectResponse(f"/schedule/bookings/{uuid}?did=booking-changed", 303)


def _page(
    visit: Visit,
    session: Session,
    booking: Booking,
    form: BookingForm,
    problems: Sequence[Problem] = (),
    *,
    did: str = "",
) -> Response:
    approved = _approved(session, visit, booking)
    return render(
        visit,
        "schedule/booking.html",
        422 if problems else 200,
        booking=booking,
        approved=approved,
        slots=_slots(session, visit, approved),
        turns=_turns(visit, _others(session, visit, booking)),
        commune_gap=queries.commune_airing(session, visit.commune).gap_minutes,
        form=form,
        problems=problems,
        did=did,
    )


def _others(session: Session, visit: Visit, booking: Booking) -> list[tuple[Booking, str]]:
    """The other live bookings of its level in their order, with the titles of their announcements."""
    alike = [
        other
        for other in queries.bookings(session, visit.commune)
        if other.id != booking.id and other.priority == booking.priority
    ]
    titles = contents.titles(session, visit.commune, [other.announcement_uuid for other in alike])
    return [(other, titles.get(other.announcement_uuid, "")) for other in alike]


def _turns(visit: Visit, others: Sequence[tuple[Booking, str]]) -> list[tuple[str, str]]:
    """The choice of where it shall stand; empty where there is nothing to stand before or behind."""
    say = visit.tongue.say
    before = [(str(other.uuid), say(BEFORE, {"title": title})) for other, title in others]
    return [(STAYS, say(AS_IT_IS)), *before, (LAST, say(BEHIND_ALL))] if others else []


def _approved(session: Session, visit: Visit, booking: Booking) -> Revision:
    versions = contents.versions(session, visit.commune, booking.announcement_uuid)
    return next(version for version in versions if version.uuid == booking.revision_uuid)


def _slots(session: Session, visit: Visit, approved: Revision) -> list[Slot]:
    """The slots to choose among: those that the approval named, or all of its villages; none where one is left."""
    wanted = {village.id for village in approved.villages}
    slots = queries.slots(session, visit.commune)
    heard = [slot for slot in slots if wanted & {village.id for village in slot.villages}]
    among = [slot for slot in heard if not approved.slots or str(slot.uuid) in approved.slots]
    return among if len(among) > 1 or not approved.slots else []
