"""`broadcaster bundle`: a village's programme onto a stick, and its journal back from one."""

from pathlib import Path
from typing import Annotated

import typer

from broadcaster.cli.root import app, commune, station
from broadcaster.protocol import RowVerdict
from broadcaster.publishing import bundles
from content.kernel.db import unit_of_work
from content.kernel.nodes import village as find_village

group = typer.Typer(help="Villages without a network: programmes and journals on a stick.", no_args_is_help=True)
app.add_typer(group, name="bundle")


@group.command()
def export(
    village: Annotated[str, typer.Option(help="The village's short name, such as un-ta.")],
    out: Annotated[Path, typer.Option(help="The file, or the folder (a stick) for it.")] = Path(),
) -> None:
    """Write what the village's players need into one archive."""
    opened = station("cli")
    with unit_of_work(opened.sessions, writes=False) as session:
        place = find_village(session, commune(session), village)
        listed = bundles.contents(session, place, opened.signer.public.key_id)
    path = out / listed.name if out.is_dir() else out
    with path.open("wb") as file:
        count = bundles.write(listed, opened.store, file)
    typer.echo(f"{path}: {count} objects, {path.stat().st_size / 1e6:.1f} MB")


@group.command("import-journal")
def import_journal(file: Path) -> None:
    """Take in what a player wrote onto a stick (journal-….json); a second time changes nothing."""
    opened = station("cli")
    data = file.read_bytes()
    with unit_of_work(opened.sessions) as session:
        brought = bundles.import_journal(session, data, None, opened.clock.now())
    told = ", ".join(f"{brought.counts[verdict]} {verdict.value}" for verdict in RowVerdict)
    typer.echo(f"player {brought.player}: {told}")
