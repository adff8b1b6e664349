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
from broadcaster.web.forms import Problem, chosen, problem_of, typed_date, typed_number
from broadcaster.web.render import render
from content import queries as contents
from content.kernel.errors import Conflict, Invalid
from content.kernel.nodes import villages_of
from content.models import Revision
from schedules import queries, service
from schedules.models import Booking, Slot

router = APIRouter(prefix="/schedule/bookings")


class BookingForm(BaseModel):
    """Field by field as typed."""

    from_on: str = ""
    until_on: str = ""
    times_per_day: str = "1"
    villages: list[str] = []
    slots: list[str] = []

    @classmethod
    def of(cls, booking: Booking) -> "BookingForm":
        """The booking as it is."""
        return cls(
            from_on=booking.from_on.isoformat(),
            until_on=booking.until_on.isoformat(),
            times_per_day=str(booking.times_per_day),
            villages=[village.slug for village in booking.villages],
            slots=[str(slot.uuid) for slot in booking.slots],
        )


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
    offered = _slots(session, visit, approved)
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
                slot_uuids=[slot.uuid for slot in offered if str(slot.uuid) in form.slots] if offered else None,
                actor=visit.user.uuid,
            )
        except (Invalid, Conflict) as error:
            problems.append(problem_of(error))
    if problems:
        return _page(visit, session, booking, form, problems)
    publishing.want_plan(session, visit.commune, booking.announcement_uuid)
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
        form=form,
        problems=problems,
        did=did,
    )


def _approved(session: Session, visit: Visit, booking: Booking) -> Revision:
    versions = contents.versions(session, visit.commune, booking.announcement_uuid)
    return next(version for version in versions if version.uuid == booking.revision_uuid)


def _slots(session: Session, visit: Visit, approved: Revision) -> list[Slot]:
    """The slots to choose among; none where the approval named the slot."""
    if approved.slot is not None:
        return []
    wanted = {village.id for village in approved.villages}
    slots = queries.slots(session, visit.commune)
    return [slot for slot in slots if wanted & {village.id for village in slot.villages}]
