"""`broadcaster retention`: what is older than the rules of the settings."""

from typing import Annotated

import typer

from broadcaster.cli.root import app, station
from broadcaster.retention import service
from content.kernel.db import unit_of_work


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written and deleted.")] = False,
) -> None:
    """Write rows older than the rules into files of the folder “archive”, then delete them; the worker does it too."""
    opened = station("cli")
    with unit_of_work(opened.sessions, writes=False) as session:
        batches = service.due(session, opened.settings, opened.clock.now())
    if dry_run:
        for batch in batches:
            typer.echo(f"{batch.name}: {batch.rows} rows would go")
    else:
        for gone in service.tidy(opened):
            typer.echo(f"{gone.batch.rows} rows are in {gone.file}, and deleted")
    if not batches:
        typer.echo("Nothing is older than the settings keep_log_months and keep_health_days say.")
