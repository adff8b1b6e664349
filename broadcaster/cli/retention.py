"""`broadcaster retention`: what is older than the rules."""

from typing import Annotated

import typer

from broadcaster.cli.root import app, station
from broadcaster.jobs.retention import archive_of
from broadcaster.retention import service
from content.kernel.db import unit_of_work


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
) -> None:
    """Write what is older than the rules into files of the folder “archive”; a week later it is removed.

    The worker does it too. The rules, and the way back, are on the page “What is kept how long”.
    """
    opened = station("cli")
    archive, now = archive_of(opened), opened.clock.now()
    if dry_run:
        with unit_of_work(opened.sessions, writes=False) as session:
            batches = service.due(session, archive, now)
        for batch in batches:
            typer.echo(f"{batch.name}: {batch.rows} would be written")
        if not batches:
            typer.echo("Nothing is older than the rules say.")
        return
    done = service.tidy(archive, now)
    for one in done.written:
        typer.echo(f"{one.rows} of {one.source} are in {one.file}; they are removed on {one.due_at:%Y-%m-%d}")
    for one in done.deleted:
        typer.echo(f"{one.rows} of {one.source} are removed; they stay in {one.file}")
    if not done.written and not done.deleted:
        typer.echo("Nothing is older than the rules say.")
