"""`broadcaster plan`: what airs where and when, and why."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from broadcaster.cli import plan_files, tables
from broadcaster.cli.root import app, commune, station
from broadcaster.serve import base_url
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
from content.kernel.nodes import Node, villages_of
from content.kernel.nodes import village as find_village
from schedules import queries
from schedules.models import Occurrence


class NotADate(Invalid):
    """No ISO date."""

    sentence = "“{text}” is not a date. Write it as 2026-11-22."


@app.command()
def plan(
    village: Annotated[str | None, typer.Option(help="Short name of a village, such as un-ta; none: all.")] = None,
    on: Annotated[str | None, typer.Option("--date", help="A local date, such as 2026-11-22; none: today.")] = None,
    to: Annotated[
        list[Path] | None,
        typer.Option(
            help="Write a file instead, by its ending: .ogg all sounds of the day in one, .m3u8 a playlist, .ics the "
            "calendar of the coming days, .html the week for the notice board. May be repeated."
        ),
    ] = None,
    server: Annotated[str, typer.Option(help="Address of the server, for playlist and calendar; none: here.")] = "",
) -> None:
    """Print a day's plan as a table: every cue with its reason, and what is not there and why not."""
    opened = station("cli")
    with unit_of_work(opened.sessions, writes=False) as session:
        place = commune(session)
        day = read_date(on) if on else opened.clock.now().astimezone(place.zone).date()
        only = find_village(session, place, village) if village else None
        if to:
            wanted = plan_files.Wanted(place, only, day, server or base_url(opened.settings))
            for file in to:
                plan_files.write(session, opened, wanted, file)
                typer.echo(f"{file}: {file.stat().st_size} bytes")
            return
        rows = [row for one in queries.day_plan(session, place, day, village=only) for row in _rows(one)]
        said = [_change_airs(session, each, opened) for each in ([only] if only else villages_of(session, place))]
    tables.show(("Village", "Slot", "At", "Length", "Cue", "Why"), rows)
    typer.echo("\n".join(said))


def _rows(occurrence: Occurrence) -> Iterator[tuple[str, ...]]:
    zone = occurrence.village.zone
    for cue in queries.cues(occurrence):
        at = (occurrence.starts_at + timedelta(milliseconds=cue.offset_ms)).astimezone(zone)
        length = timedelta(seconds=cue.duration_ms // 1000)
        reason = occurrence.reasons.get(cue.key, {})
        why = _why(reason.get("because", ""), reason.get("facts"))
        yield occurrence.village.name, occurrence.slot.name, f"{at:%H:%M:%S}", str(length), cue.title, why
    for left_out in occurrence.not_placed:
        why = _why(left_out["why"], left_out.get("facts"))
        yield occurrence.village.name, occurrence.slot.name, "-", "", str(left_out["title"]), why


def _why(reason: object, facts: object) -> str:
    told = [f"{name} {fact}" for name, fact in facts.items()] if isinstance(facts, dict) else []
    return f"{reason} ({', '.join(told)})" if told else str(reason)


def _change_airs(session: Session, village: Node, opened: Station) -> str:
    """From when a change made now is heard there."""
    answer = queries.change_airs_from(session, village, opened.clock.now(), opened.press().lead)
    if answer.airs_from is None:
        return f"{village.name}: nothing opens, so a change made now does not air."
    return f"{village.name}: a change made now airs from {answer.airs_from.astimezone(village.zone):%Y-%m-%d %H:%M} on."


def read_date(text: str) -> date:
    """An ISO date. Raises NotADate."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotADate(text=text) from None
