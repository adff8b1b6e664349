"""`broadcaster read`: what would be spoken."""

import sys
from typing import Annotated

import typer

from broadcaster.cli.root import app
from content import reading


@app.command()
def read(
    text: Annotated[list[str] | None, typer.Argument(help="Lines to read; none: standard input.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show each change and its rule.")] = False,
) -> None:
    """Print what will be spoken, one line per line."""
    for line in text or (line.rstrip("\n") for line in sys.stdin):
        result = reading.read(line)
        typer.echo(result.spoken)
        if explain:
            for span in result.spans:
                typer.echo(f"    {span.start}-{span.end}  {span.written!r} -> {span.spoken!r}  ({span.rule})")
            for warning in result.warnings:
                said = " / ".join(warning.readings)
                typer.echo(f"    {warning.start}-{warning.end}  {warning.written!r}: {warning.kind} {said}")
