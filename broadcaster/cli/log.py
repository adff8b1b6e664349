"""`broadcaster log` and `broadcaster report`: what was heard, on the terminal and as files."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from broadcaster import i18n
from broadcaster.asrun import queries
from broadcaster.asrun.queries import VillageLog
from broadcaster.cli import tables
from broadcaster.cli.plan import read_date
from broadcaster.cli.root import app, commune, station
from broadcaster.reports import files
from broadcaster.reports import queries as reports
from broadcaster.reports.spans import Span, SpanKind
from content.kernel.db import unit_of_work
from content.kernel.nodes import village as find_village


@app.command()
def log(
    village: Annotated[
        str | None, typer.Option(help="Short name of a village, such as un-ta; none: sums of all.")
    ] = None,
    on: Annotated[str | None, typer.Option("--date", help="A local date, such as 2026-11-22; none: today.")] = None,
) -> None:
    """Print what became of a day's cues: sums by village, or one village line by line."""
    opened = station("cli")
    now = opened.clock.now()
    with unit_of_work(opened.sessions, writes=False) as session:
        place = commune(session)
        day = read_date(on) if on else now.astimezone(place.zone).date()
        wanted = find_village(session, place, village) if village else None
        logs = queries.day_log(session, place, day, now)
    if wanted is None:
        _show_sums(logs)
    else:
        _show_lines(next(one for one in logs if one.village.id == wanted.id))


@app.command()
def report(
    kind: Annotated[SpanKind, typer.Option(help="Over how long.")] = SpanKind.WEEK,
    on: Annotated[str | None, typer.Option("--date", help="A local date that it holds; none: today.")] = None,
    form: Annotated[files.Form, typer.Option("--format", help="What kind of file.")] = files.Form.PDF,
    to: Annotated[Path | None, typer.Option(help="Folder or file; none: here.")] = None,
    language: Annotated[str, typer.Option(help="vi or en; none: the installation's.")] = "",
    comma: Annotated[bool, typer.Option(help="Separate the cells of a CSV by commas.")] = False,
) -> None:
    """Write a report as PDF, XLSX or CSV."""
    opened = station("cli")
    now = opened.clock.now()
    with unit_of_work(opened.sessions, writes=False) as session:
        place = commune(session)
        day = read_date(on) if on else now.astimezone(place.zone).date()
        told = reports.report(session, place, Span.around(kind, day), now)
    known = language if language in i18n.LANGUAGES else opened.settings.language
    name, content = files.made(told, form, i18n.load(known), place.zone, comma=comma)
    path = (to / name if to.is_dir() else to) if to else Path(name)
    path.write_bytes(content)
    typer.echo(f"{path}: {len(content)} bytes")


def _show_sums(logs: list[VillageLog]) -> None:
    rows = []
    for one in logs:
        sums = Counter(line.outcome for line in one.lines if not line.is_exercise)
        rows.append((one.village.name, ", ".join(f"{outcome} {count}" for outcome, count in sums.items())))
    tables.show(("Village", "Outcomes"), rows)


def _show_lines(one: VillageLog) -> None:
    rows = []
    for line in one.lines:
        at = f"{line.planned_at.astimezone(one.village.zone):%H:%M:%S}"
        late = "" if line.late_ms is None else f"{line.late_ms} ms"
        why = f"{line.outcome} ({line.reason})" if line.reason else line.outcome
        rows.append((at, line.title or line.kind, why, late, "yes" if line.is_planned else "no"))
    tables.show(("Planned", "Cue", "Outcome", "Late", "Planned?"), rows)
