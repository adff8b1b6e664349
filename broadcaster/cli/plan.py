"""`broadcaster plan`: what airs where and when, and why."""

from datetime import date, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from broadcaster.cli.root import app, commune, station
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
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
) -> None:
    """Print a day's plan as a table."""
    opened = station("cli")
    with unit_of_work(opened.sessions, writes=False) as session:
        place = commune(session)
        day = _date(on) if on else opened.clock.now().astimezone(place.zone).date()
        only = find_village(session, place, village) if village else None
        table = Table("Village", "Slot", "At", "Length", "Cue", "Why")
        for occurrence in queries.day_plan(session, place, day, village=only):
            _add(table, occurrence)
    Console().print(table)


def _add(table: Table, occurrence: Occurrence) -> None:
    zone = occurrence.village.zone
    for cue in queries.cues(occurrence):
        at = (occurrence.starts_at + timedelta(milliseconds=cue.offset_ms)).astimezone(zone)
        length = timedelta(seconds=cue.duration_ms // 1000)
        why = str(occurrence.reasons.get(cue.key, {}).get("because", ""))
        table.add_row(occurrence.village.name, occurrence.slot.name, f"{at:%H:%M:%S}", str(length), cue.title, why)
    for left_out in occurrence.not_placed:
        table.add_row(
            occurrence.village.name, occurrence.slot.name, "-", "", str(left_out["title"]), str(left_out["why"])
        )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotADate(text=text) from None
