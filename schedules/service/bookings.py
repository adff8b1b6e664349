"""Booking announcements into slots and villages, narrowing that, and taking bookings back."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from content.kernel import audit
from content.kernel.nodes import Node, NoSuchNode
from content.kernel.priority import Priority
from content.models import Revision
from schedules import queries
from schedules.errors import (
    MoreOften,
    MoreVillages,
    NoSuchBooking,
    NoVillages,
    OtherDays,
    OtherSlots,
    SlotElsewhere,
    TimesPerDayTooFew,
    UntilBeforeFrom,
)
from schedules.models import Booking, Slot
from schedules.service.airing import check_gap


def book(  # noqa: PLR0913  (keywords, one per field of the form)
    session: Session,
    commune: Node,
    *,
    announcement_uuid: UUID,
    revision_uuid: UUID,
    villages: Sequence[Node],
    from_on: date,
    until_on: date,
    now: datetime,
    times_per_day: int = 1,
    slot_uuids: Sequence[UUID] = (),
    every_slot: bool = False,
    gap_minutes: int | None = None,
    priority: Priority = Priority.ROUTINE,
    actor: UUID | None = None,
) -> Booking:
    """Wish to air a revision, behind all bookings so far.

    Args:
        session: unit of work.
        commune: whose.
        announcement_uuid: what.
        revision_uuid: its approved wording.
        villages: where.
        from_on: first local date.
        until_on: last local date, included.
        now: when it was wished.
        times_per_day: how often per day and village at most.
        slot_uuids: only in these slots; none takes any.
        every_slot: in each opening of its slots, instead of so often a day.
        gap_minutes: between two airings; None as the commune has it.
        priority: goes before lower ones.
        actor: who wished it.

    Raises:
        NoVillages, NoSuchNode: nobody, or somebody of another commune, would hear it.
        UntilBeforeFrom, TimesPerDayTooFew, NoSuchSlot, NotInRange.
        SlotElsewhere: none of the slots is heard in one of the villages.
    """
    slots = [queries.slot(session, commune, uuid) for uuid in slot_uuids]
    last = session.scalar(select(func.max(Booking.position)).where(Booking.node_id == commune.id))
    booking = Booking(
        node_id=commune.id,
        announcement_uuid=announcement_uuid,
        revision_uuid=revision_uuid,
        from_on=from_on,
        until_on=until_on,
        times_per_day=times_per_day,
        every_slot=every_slot,
        gap_minutes=gap_minutes,
        slots=slots,
        priority=priority,
        position=(last or 0) + 1,
        created_at=now,
        villages=list(villages),
    )
    _check(commune, booking)
    session.add(booking)
    session.flush()
    _audit(session, booking, now, actor, "booking.made")
    return booking


def check_slots(session: Session, commune: Node, slot_uuids: Sequence[UUID], villages: Sequence[Node]) -> None:
    """Whether these slots can be booked for these villages. Raises NoSuchSlot, SlotElsewhere."""
    _check_heard([queries.slot(session, commune, uuid) for uuid in slot_uuids], villages)


def change_booking(  # noqa: PLR0913  (keywords, one per field of the form)
    session: Session,
    commune: Node,
    booking: Booking,
    *,
    now: datetime,
    villages: Sequence[Node] | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    slot_uuids: Sequence[UUID] | None = None,
    times_per_day: int | None = None,
    every_slot: bool | None = None,
    gap_minutes: int | Literal["commune"] | None = None,
    position: int | None = None,
    actor: UUID | None = None,
) -> None:
    """Narrow a booking, or take a narrowing back; what is None stays as it is.

    Within what was approved with its revision everything is free: fewer villages, dates, slots or times, and back. Gap
    ("commune": as the commune has it) and order are free too.

    Raises:
        MoreVillages, OtherDays, OtherSlots, MoreOften: more than was approved would be heard (NeedsApproval).
        And what `book` raises; nothing is changed then.
    """
    before = _facts(booking)
    with session.no_autoflush:
        changed = Booking(
            node_id=booking.node_id,
            villages=list(booking.villages if villages is None else villages),
            from_on=from_on or booking.from_on,
            until_on=until_on or booking.until_on,
            slots=booking.slots[:]
            if slot_uuids is None
            else [queries.slot(session, commune, uuid) for uuid in slot_uuids],
            times_per_day=booking.times_per_day if times_per_day is None else times_per_day,
            every_slot=booking.every_slot if every_slot is None else every_slot,
            gap_minutes=_gap(booking, gap_minutes),
            position=booking.position if position is None else position,
        )
        _check(commune, changed)
        _check_approved(session, commune, _approved(session, booking), booking, changed)
    for name in ("villages", "from_on", "until_on", "slots", "times_per_day", "every_slot", "gap_minutes", "position"):
        setattr(booking, name, getattr(changed, name))
    session.flush()
    after = _facts(booking)
    differing = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    _audit(session, booking, now, actor, "booking.changed", **differing)


def put_before(
    session: Session, commune: Node, booking: Booking, other: UUID | None, now: datetime, actor: UUID | None = None
) -> None:
    """Order a booking right before another live one, or behind all (None). Raises NoSuchBooking."""
    order = [one for one in queries.bookings(session, commune) if one.id != booking.id]
    places = [one.uuid for one in order]
    if other is not None and other not in places:
        raise NoSuchBooking
    order.insert(len(order) if other is None else places.index(other), booking)
    before = booking.position
    for place, one in enumerate(order, start=1):
        one.position = place
    session.flush()
    _audit(session, booking, now, actor, "booking.changed", position=[before, booking.position])


def withdraw_booking(session: Session, booking: Booking, now: datetime, actor: UUID | None = None) -> None:
    """Take a booking back: with the next plan it leaves future occurrences, and what lies ahead of a begun one."""
    booking.withdrawn_at = booking.withdrawn_at or now
    session.flush()
    _audit(session, booking, now, actor, "booking.withdrawn")


def restore_booking(session: Session, booking: Booking, now: datetime, actor: UUID | None = None) -> None:
    """Undo a withdrawal."""
    booking.withdrawn_at = None
    session.flush()
    _audit(session, booking, now, actor, "booking.restored")


def withdraw_bookings(
    session: Session, commune: Node, announcement_uuid: UUID, now: datetime, actor: UUID | None = None
) -> None:
    """Take back all live bookings of an announcement."""
    for booking in queries.bookings(session, commune, announcement_uuid=announcement_uuid):
        withdraw_booking(session, booking, now, actor)


def _check(commune: Node, booking: Booking) -> None:
    if booking.until_on < booking.from_on:
        raise UntilBeforeFrom(from_on=booking.from_on, until_on=booking.until_on)
    if booking.times_per_day < 1:
        raise TimesPerDayTooFew(times_per_day=booking.times_per_day)
    check_gap(booking.gap_minutes)
    if not booking.villages:
        raise NoVillages
    for village in booking.villages:
        if village.parent_id != commune.id:
            raise NoSuchNode(slug=village.slug)
    _check_heard(booking.slots, booking.villages)


def _check_heard(slots: Sequence[Slot], villages: Sequence[Node]) -> None:
    for village in villages:
        if slots and not any(_is_heard(slot, village) for slot in slots):
            raise SlotElsewhere(slot=", ".join(slot.name for slot in slots), village=village.name)


def _is_heard(slot: Slot, village: Node) -> bool:
    return village.id in {place.id for place in slot.villages}


def _approved(session: Session, booking: Booking) -> Revision:
    query = select(Revision).where(Revision.uuid == booking.revision_uuid).options(selectinload(Revision.villages))
    return session.scalars(query).one()


def _gap(before: Booking, wanted: int | Literal["commune"] | None) -> int | None:
    if wanted is None:
        return before.gap_minutes
    return None if wanted == "commune" else wanted


def _check_approved(session: Session, commune: Node, approved: Revision, before: Booking, after: Booking) -> None:
    if {village.id for village in after.villages} - {village.id for village in approved.villages}:
        raise MoreVillages
    if after.from_on < approved.from_on or after.until_on > approved.until_on:
        raise OtherDays(from_on=approved.from_on, until_on=approved.until_on)
    wanted = {str(slot.uuid) for slot in after.slots}
    if approved.slots and not (wanted and wanted <= set(approved.slots)):
        raise OtherSlots(slots=", ".join(queries.slot_names(session, commune, approved.slots)))
    is_everywhere = after.every_slot and not (approved.every_slot or before.every_slot)
    if after.times_per_day > approved.times_per_day or is_everywhere:
        raise MoreOften(times_per_day=approved.times_per_day)


def _facts(booking: Booking) -> dict[str, object]:
    """What can be changed, for the audit log."""
    return {
        "villages": [village.slug for village in booking.villages],
        "from_on": booking.from_on.isoformat(),
        "until_on": booking.until_on.isoformat(),
        "slots": [slot.name for slot in booking.slots],
        "times_per_day": booking.times_per_day,
        "every_slot": booking.every_slot,
        "gap_minutes": booking.gap_minutes,
        "position": booking.position,
    }


def _audit(session: Session, booking: Booking, now: datetime, actor: UUID | None, act: str, **changed: object) -> None:
    facts = {"announcement": str(booking.announcement_uuid), "revision": str(booking.revision_uuid), **changed}
    audit.record(session, booking.node_id, now, actor, act, f"booking:{booking.uuid}", **facts)
