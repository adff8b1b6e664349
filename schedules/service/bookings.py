"""Booking announcements into slots and villages, and taking bookings back."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from content.kernel import audit
from content.kernel.nodes import Node, NoSuchNode
from content.kernel.priority import Priority
from schedules import queries
from schedules.errors import NoVillages, SlotElsewhere, TimesPerDayTooFew, UntilBeforeFrom
from schedules.models import Booking, Slot


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
    slot_uuid: UUID | None = None,
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
        slot_uuid: only in this slot; None takes any.
        priority: goes before lower ones.
        actor: who wished it.

    Raises:
        NoVillages, NoSuchNode: nobody, or somebody of another commune, would hear it.
        UntilBeforeFrom, TimesPerDayTooFew, NoSuchSlot.
        SlotElsewhere: the slot is not heard in one of the villages.
    """
    if until_on < from_on:
        raise UntilBeforeFrom(from_on=from_on, until_on=until_on)
    if times_per_day < 1:
        raise TimesPerDayTooFew(times_per_day=times_per_day)
    slot = None if slot_uuid is None else queries.slot(session, commune, slot_uuid)
    _check_villages(commune, villages, slot)
    last = session.scalar(select(func.max(Booking.position)).where(Booking.node_id == commune.id))
    booking = Booking(
        node_id=commune.id,
        announcement_uuid=announcement_uuid,
        revision_uuid=revision_uuid,
        from_on=from_on,
        until_on=until_on,
        times_per_day=times_per_day,
        slot=slot,
        priority=priority,
        position=(last or 0) + 1,
        created_at=now,
        villages=list(villages),
    )
    session.add(booking)
    session.flush()
    _audit(session, booking, now, actor, "booking.made")
    return booking


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


def _check_villages(commune: Node, villages: Sequence[Node], slot: Slot | None) -> None:
    if not villages:
        raise NoVillages
    for village in villages:
        if village.parent_id != commune.id:
            raise NoSuchNode(slug=village.slug)
        if slot is not None and village.id not in {heard.id for heard in slot.villages}:
            raise SlotElsewhere(slot=slot.name, village=village.name)


def _audit(session: Session, booking: Booking, now: datetime, actor: UUID | None, act: str) -> None:
    facts = {"announcement": str(booking.announcement_uuid), "revision": str(booking.revision_uuid)}
    audit.record(session, booking.node_id, now, actor, act, f"booking:{booking.uuid}", **facts)
