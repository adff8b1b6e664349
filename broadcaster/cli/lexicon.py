"""`broadcaster lexicon`: the commune's own way of saying words, as a table out and in."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.cli import tables
from broadcaster.cli.root import app, commune, station
from content import queries
from content.kernel.db import unit_of_work
from content.service import lexicon
from content.service.lexicon_file import from_csv, to_csv

group = typer.Typer(help="The commune's lexicon: list, import, export.", no_args_is_help=True)
app.add_typer(group, name="lexicon")
CsvFile = Annotated[Path, typer.Argument(help="A CSV file as `export` writes it.", exists=True, dir_okay=False)]


@group.command("list")
def list_entries(words: Annotated[str, typer.Argument(help="Only entries that hold these words.")] = "") -> None:
    """All entries: as written, as read, and whether capitals count."""
    with unit_of_work(station("cli").sessions, writes=False) as session:
        found = queries.lexicon_rows(session, commune(session), words)
        rows = [(row.written, row.spoken, "counts" if row.case_sensitive else "any") for row in found]
    tables.show(("Written", "Spoken", "Case"), rows)


@group.command()
def export(file: Annotated[Path | None, typer.Argument(help="Where to; none: standard output.")] = None) -> None:
    """Write all entries as CSV that opens in Excel."""
    with unit_of_work(station("cli").sessions, writes=False) as session:
        data = to_csv(queries.lexicon(session, commune(session)))
    if file is None:
        sys.stdout.buffer.write(data)
    else:
        file.write_bytes(data)


@group.command("import")
def import_(
    file: CsvFile,
    by: Annotated[str, typer.Option(help="Login of who answers for the words; kept in the audit log.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Add new words and change those read otherwise; what the file does not name stays. Bad lines are left out."""
    sheet, opened = from_csv(file.read_bytes()), station("cli")
    for bad in sheet.bad_lines:
        typer.echo(f"line {bad.number}: {bad.error}", err=True)
    with unit_of_work(opened.sessions) as session:
        here = commune(session)
        person = accounts.by_login(session, here, by)
        accounts.require(person, Role.SECRETARY)
        told = lexicon.compare(session, here, sheet.entries)
        if not dry_run:
            lexicon.put_all(session, here, sheet.entries, person.uuid, opened.clock.now())
    typer.echo(f"{len(told.new)} new, {len(told.changed)} changed, {len(told.same)} as they were")
