"""`broadcaster audit`: check the audit log, here or in an export, and export it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from broadcaster.cli.root import app, station
from content.kernel import audit
from content.kernel.audit import Chain
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
from content.kernel.nodes import Node

group = typer.Typer(help="The audit log: check, export.", no_args_is_help=True)
app.add_typer(group, name="audit")


class NotAnExport(Invalid):
    """A line that `audit export` has not written."""

    sentence = "“{file}” is not an export of the audit log. Export one with `broadcaster audit export`."


@group.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="An export to check; none: this server's log.", exists=True)
    ] = None,
) -> None:
    """Follow each place's chain from its start; exit status 1 if one is broken."""
    chains = _in_file(file) if file else _in_database()
    for place, chain in chains.items():
        said = f"broken at entry {chain.broken_at}" if chain.broken_at else f"whole, last hash {chain.last_hash}"
        typer.echo(f"{place}: {chain.entries} entries, {said}")
    raise typer.Exit(1 if any(chain.broken_at for chain in chains.values()) else 0)


@group.command()
def export() -> None:
    """Print the whole log, one entry a line, with all that its hashes cover (JSON)."""
    opened = station("cli")
    with unit_of_work(opened.sessions, writes=False) as session:
        nodes = list(session.scalars(select(Node.id)))
        for entry in audit.stream(session, nodes):
            sys.stdout.write(audit.to_line(entry) + "\n")


def _in_database() -> dict[str, Chain]:
    opened = station("cli")
    with unit_of_work(opened.sessions, writes=False) as session:
        names = {node.id: node.name for node in session.scalars(select(Node))}
        return {names[node]: chain for node, chain in audit.check(audit.stream(session, list(names))).items()}


def _in_file(file: Path) -> dict[str, Chain]:
    with file.open(encoding="utf-8") as lines:
        try:
            chains = audit.check(audit.from_line(line) for line in lines)
        except (ValueError, KeyError, TypeError):
            raise NotAnExport(file=file.name) from None
    return {f"place {node}": chain for node, chain in chains.items()}
