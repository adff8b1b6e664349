"""`broadcaster bookings`: which announcement is wished where, when and how often."""

from typing import Annotated, Literal
from uuid import UUID

import typer

from broadcaster.cli import tables
from broadcaster.cli.plan import read_date
from broadcaster.cli.root import app, commune, station
from broadcaster.publishing import service as publishing
from content import queries as content
from content.kernel.db import unit_of_work
from content.kernel.nodes import village as find_village
from schedules import queries, service
from schedules.models import Booking

group = typer.Typer(help="Bookings: list them, narrow them.", no_args_is_help=True)
app.add_typer(group, name="bookings")


_HEADINGS = ("Booking", "Order", "Announcement", "Priority", "From", "Until", "How often", "Gap", "Slots", "Villages")


@group.command("list")
def list_bookings(
    announcement: Annotated[UUID | None, typer.Option(help="Only of this announcement.")] = None,
    withdrawn: Annotated[bool, typer.Option(help="Those taken back too.")] = False,
) -> None:
    """All bookings in their order."""
    opened = station("cli")
    with unit_of_work(opened.sessions, writes=False) as session:
        place = commune(session)
        found = queries.bookings(session, place, announcement_uuid=announcement, withdrawn=withdrawn)
        titles = content.titles(session, place, [booking.announcement_uuid for booking in found])
        rows = [_cells(booking, titles.get(booking.announcement_uuid, "")) for booking in found]
    tables.show(_HEADINGS, rows)


@group.command()
def change(  # noqa: PLR0913, PLR0917  (options of a command)
    booking: UUID,
    villages: Annotated[str | None, typer.Option(help="Short names, such as un-ta,an-san.")] = None,
    starts: Annotated[str | None, typer.Option("--from", help="First date.")] = None,
    until: Annotated[str | None, typer.Option(help="Last date.")] = None,
    slots: Annotated[str | None, typer.Option(help="Their uuids, separated by commas; empty for any.")] = None,
    times: Annotated[int | None, typer.Option(help="How often a day and village at most.")] = None,
    every_slot: Annotated[bool | None, typer.Option("--every-slot/--some-slots", help="In each opening.")] = None,
    gap: Annotated[str | None, typer.Option(help="Minutes between two airings; “commune” for its rule.")] = None,
    order: Annotated[int | None, typer.Option(help="Its place among those of equal right.")] = None,
    before: Annotated[str | None, typer.Option(help="The booking to come right before; “last” for none.")] = None,
) -> None:
    """Narrow a booking, or take a narrowing back; more than was approved is refused."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        place = commune(session)
        found = queries.booking(session, place, booking)
        service.change_booking(
            session,
            place,
            found,
            villages=[find_village(session, place, slug) for slug in _names(villages)] if villages else None,
            from_on=read_date(starts) if starts else None,
            until_on=read_date(until) if until else None,
            slot_uuids=None if slots is None else [_uuid(text) for text in _names(slots)],
            times_per_day=times,
            every_slot=every_slot,
            gap_minutes=_gap(gap),
            position=order,
            now=opened.clock.now(),
        )
        if before:
            other = None if before == "last" else _uuid(before)
            service.put_before(session, place, found, other, opened.clock.now())
        publishing.want_plan(session, place, None if before else found.announcement_uuid)


def _cells(booking: Booking, title: str) -> list[str]:
    return [
        str(booking.uuid),
        str(booking.position),
        f"{title} (taken back)" if booking.withdrawn_at else title,
        booking.priority,
        str(booking.from_on),
        str(booking.until_on),
        "every opening" if booking.every_slot else f"{booking.times_per_day} a day",
        "" if booking.gap_minutes is None else str(booking.gap_minutes),
        ", ".join(slot.name for slot in booking.slots) or "any",
        ", ".join(village.slug for village in booking.villages),
    ]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _gap(text: str | None) -> int | Literal["commune"] | None:
    if text is None:
        return None
    if text == "commune":
        return "commune"
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is neither a number of minutes nor “commune”") from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is not a uuid") from None
