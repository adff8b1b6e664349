"""`broadcaster slots`: when each village's loudspeakers open, and the holidays and gap of the commune."""

from dataclasses import replace
from datetime import time
from typing import Annotated, Literal
from uuid import UUID

import typer
from sqlalchemy.orm import Session

from broadcaster.cli import tables
from broadcaster.cli.plan import read_date
from broadcaster.cli.root import app, commune, station
from broadcaster.publishing import service as publishing
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
from content.kernel.nodes import Node, villages_of
from content.kernel.nodes import village as find_village
from content.kernel.units import DurationMs
from schedules import days, queries, service
from schedules.models import Slot
from schedules.planner import Relay
from schedules.recurrence import Rule

group = typer.Typer(help="Slots: list, add, change, cancel, reopen; holidays and gap.", no_args_is_help=True)
app.add_typer(group, name="slots")

At = Annotated[str | None, typer.Option("--at", help="Wall clock of its start, such as 17:00.")]
Minutes = Annotated[float | None, typer.Option(help="How long it lasts, up to 1440.")]
Villages = Annotated[str | None, typer.Option(help="Short names, such as un-ta,an-san; none: all.")]
Recurs = Annotated[str | None, typer.Option("--rrule", help="RFC 5545, such as FREQ=DAILY; “once” for none.")]
From = Annotated[str | None, typer.Option("--from", help="Its first date; none: today.")]
Until = Annotated[str | None, typer.Option("--until", help="Its last date; “ever” for none.")]
Also = Annotated[str | None, typer.Option(help="Extra days: 2026-12-24, lunar:15, lunar:10/3, tet, holidays.")]
ButNot = Annotated[str | None, typer.Option(help="Days without, written the same way.")]
Opening = Annotated[bool | None, typer.Option("--opening-chime/--no-opening-chime", help="Before the first.")]
Closing = Annotated[bool | None, typer.Option("--closing-chime/--no-closing-chime", help="After the last.")]
Relayed = Annotated[str | None, typer.Option(help="Address of a stream that fills the rest; “none” ends it.")]
Station = Annotated[str | None, typer.Option("--station", help="What is relayed, such as VOV1; none: its host.")]


Instead = Annotated[
    str | None,
    typer.Option("--instead", help="The announcement (uuid) that sounds while the stream does not; “chime” for none."),
]


_HEADINGS = (
    "Slot",
    "Name",
    "At",
    "Minutes",
    "Recurs",
    "Also",
    "But not",
    "From",
    "Until",
    "Chimes",
    "Relay",
    "Villages",
)


class NotATime(Invalid):
    """No wall clock."""

    sentence = "“{text}” is not a time. Write it as 17:00."


@group.command("list")
def list_slots(cancelled: Annotated[bool, typer.Option(help="Cancelled ones too.")] = False) -> None:
    """All slots with their rules."""
    with unit_of_work(station("cli").sessions, writes=False) as session:
        rows = [_cells(slot) for slot in queries.slots(session, commune(session), cancelled=cancelled)]
    tables.show(_HEADINGS, rows)


@group.command()
def add(  # noqa: PLR0913, PLR0917  (options of a command)
    name: str,
    at: Annotated[str, typer.Option("--at", help="Wall clock of its start, such as 17:00.")],
    minutes: Annotated[float, typer.Option(help="How long it lasts, up to 1440.")],
    villages: Villages = None,
    rrule: Recurs = "FREQ=DAILY",
    starts: From = None,
    until: Until = None,
    also: Also = None,
    but_not: ButNot = None,
    opening_chime: Opening = False,
    closing_chime: Closing = False,
    relay: Relayed = None,
    name_of_station: Station = None,
    instead: Instead = None,
) -> None:
    """Add a slot; its uuid is printed."""
    opened = station("cli")
    now = opened.clock.now()
    with unit_of_work(opened.sessions) as session:
        place = commune(session)
        rule = Rule(_time(at), _ms(minutes), now.astimezone(place.zone).date())
        rule = _changed(rule, rrule=rrule, starts=starts, until=until, also=also, but_not=but_not)
        slot = service.open_slot(
            session,
            place,
            name=name,
            start_local=rule.start_local,
            duration_ms=rule.duration_ms,
            starts_on=rule.starts_on,
            until_on=rule.until_on,
            rrule=rule.rrule,
            also=rule.also,
            but_not=rule.but_not,
            opening_chime=bool(opening_chime),
            closing_chime=bool(closing_chime),
            relay=_relay(relay, name_of_station, _fallback(instead)) or None,
            villages=_villages(session, place, villages) or villages_of(session, place),
            now=now,
        )
        publishing.want_plan(session, place)
        typer.echo(slot.uuid)


@group.command()
def change(  # noqa: PLR0913, PLR0917  (options of a command)
    slot: UUID,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    at: At = None,
    minutes: Minutes = None,
    villages: Villages = None,
    rrule: Recurs = None,
    starts: From = None,
    until: Until = None,
    also: Also = None,
    but_not: ButNot = None,
    opening_chime: Opening = None,
    closing_chime: Closing = None,
    relay: Relayed = None,
    name_of_station: Station = None,
    instead: Instead = None,
) -> None:
    """Change a slot; what is not named stays, an empty list of days takes the days away."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        place = commune(session)
        found = queries.slot(session, place, slot)
        rule = replace(
            found.rule,
            start_local=_time(at) if at else found.start_local,
            duration_ms=_ms(minutes) if minutes is not None else found.rule.duration_ms,
        )
        service.change_slot(
            session,
            place,
            found,
            name=name or found.name,
            rule=_changed(rule, rrule=rrule, starts=starts, until=until, also=also, but_not=but_not),
            villages=_villages(session, place, villages) or found.villages,
            opening_chime=opening_chime,
            closing_chime=closing_chime,
            relay=_relay(
                relay or (found.relay_url if name_of_station or instead else None),
                name_of_station or (found.relay_title if not relay else None),
                found.relay_fallback if instead is None else _fallback(instead),
            ),
            now=opened.clock.now(),
        )
        publishing.want_plan(session, place)


@group.command()
def cancel(slot: UUID) -> None:
    """Close a slot; `reopen` undoes it."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        place = commune(session)
        service.cancel_slot(session, queries.slot(session, place, slot), opened.clock.now())
        publishing.want_plan(session, place)


@group.command()
def reopen(slot: UUID) -> None:
    """Open a cancelled slot again, unless its time was given away meanwhile."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        place = commune(session)
        service.reopen_slot(session, place, queries.slot(session, place, slot), opened.clock.now())
        publishing.want_plan(session, place)


@group.command()
def holidays(
    year: int,
    decided: Annotated[
        str | None, typer.Option(help="Tết's five days and the one beside 2 September, as dates.")
    ] = None,
    add: Annotated[str | None, typer.Option(help="Single dates beside those that count already.")] = None,
    strike: Annotated[str | None, typer.Option(help="Single dates that are none.")] = None,
) -> None:
    """Print a year's public holidays; `--decided` enters what the yearly decision fixed, empty takes it back."""
    opened = station("cli")
    now, writes = opened.clock.now(), any(typed is not None for typed in (decided, add, strike))
    with unit_of_work(opened.sessions, writes=writes) as session:
        place = commune(session)
        if decided is not None:
            known = queries.commune_airing(session, place).decided
            new = (*(on for on in known if on.year != year), *days.parse(decided).dates)
            service.change_commune_airing(session, place, now, holidays=new)
        if add is not None:
            service.enter_holidays(session, place, days.parse(add).dates, now)
        for on in days.parse(strike or "").dates:
            service.strike_holiday(session, place, on, now)
        if writes:
            publishing.want_plan(session, place)
        known = queries.commune_airing(session, place).decided
    typer.echo("\n".join(on.isoformat() for on in sorted(days.holidays(year, known))))


@group.command()
def gap(minutes: int) -> None:
    """Keep two airings of an announcement so far apart, unless its booking says otherwise."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        place = commune(session)
        service.change_commune_airing(session, place, opened.clock.now(), gap_minutes=minutes)
        publishing.want_plan(session, place)


def _cells(slot: Slot) -> list[str]:
    chimes = [name for name, is_on in (("opening", slot.opening_chime), ("closing", slot.closing_chime)) if is_on]
    return [
        str(slot.uuid),
        f"{slot.name} (cancelled)" if slot.cancelled_at else slot.name,
        f"{slot.start_local:%H:%M}",
        f"{slot.duration_ms / 60_000:g}",
        slot.rrule or "once",
        slot.also,
        slot.but_not,
        str(slot.starts_on),
        str(slot.until_on or "ever"),
        ", ".join(chimes),
        f"{slot.relay_title} {slot.relay_url}" + (f" or {slot.relay_fallback}" if slot.relay_fallback else "")
        if slot.relay_url
        else "",
        ", ".join(village.slug for village in slot.villages),
    ]


def _relay(url: str | None, title: str | None, fallback: UUID | None) -> Relay | Literal[False] | None:
    if url is None:
        return None
    return False if url == "none" else Relay(url, title or "", fallback)


def _fallback(text: str | None) -> UUID | None:
    if text in {None, "chime"}:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is neither an announcement's uuid nor “chime”") from None


def _changed(
    rule: Rule, *, rrule: str | None, starts: str | None, until: str | None, also: str | None, but_not: str | None
) -> Rule:
    """The rule with what was named."""
    if rrule is not None:
        rule = replace(rule, rrule=None if rrule == "once" else rrule)
    if starts is not None:
        rule = replace(rule, starts_on=read_date(starts))
    if until is not None:
        rule = replace(rule, until_on=None if until == "ever" else read_date(until))
    if also is not None:
        rule = replace(rule, also=days.parse(also))
    return rule if but_not is None else replace(rule, but_not=days.parse(but_not))


def _villages(session: Session, place: Node, slugs: str | None) -> list[Node]:
    return [find_village(session, place, slug.strip()) for slug in slugs.split(",")] if slugs else []


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise NotATime(text=text) from None


def _ms(minutes: float) -> DurationMs:
    return DurationMs(round(minutes * 60_000))
