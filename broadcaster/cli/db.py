"""`broadcaster db`: the database's schema and its audit chain."""

import typer
from sqlalchemy import select

from audio_out.errors import ObjectDamaged
from broadcaster import migrations
from broadcaster.cli.root import app, settings, station
from broadcaster.station import check_data_dir
from content.kernel import audit
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node

group = typer.Typer(help="The database: upgrade, check.", no_args_is_help=True)
app.add_typer(group, name="db")


@group.command()
def upgrade() -> None:
    """Bring the database to this version's schema; `serve` does it at each start."""
    chosen = settings()
    check_data_dir(chosen.data_dir)
    migrations.upgrade(chosen.database)
    typer.echo("The database is up to date.")


@group.command()
def check() -> None:
    """Check the audit chain of every place and every stored audio file; exit status 1 if anything is broken."""
    opened = station("cli")
    broken = 0
    with unit_of_work(opened.sessions, writes=False) as session:
        for node in session.scalars(select(Node).order_by(Node.id)):
            if (at := audit.check_chain(session, node.id)) is not None:
                typer.echo(f"audit of {node.name}: broken at entry {at}")
                broken += 1
    for name in opened.store:
        try:
            opened.store.verify(name)
        except ObjectDamaged as error:
            typer.echo(str(error))
            broken += 1
    typer.echo("All is whole." if not broken else f"{broken} broken.")
    raise typer.Exit(1 if broken else 0)
