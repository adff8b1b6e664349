"""`broadcaster read`: what would be spoken, on standard output; doubts, on standard error."""

import sys
from typing import Annotated

import typer

from broadcaster.cli.root import app
from content import importing, reading


@app.command()
def read(
    text: Annotated[list[str] | None, typer.Argument(help="Lines to read; none: standard input.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show each change and its rule.")] = False,
) -> None:
    """Print what will be spoken, one line per line."""
    for line in text or (line.rstrip("\n") for line in sys.stdin):
        result = reading.read(line)
        typer.echo(result.spoken)
        for span in result.spans if explain else ():
            typer.echo(f"    {span.start}-{span.end}  {span.written!r} -> {span.spoken!r}  ({span.rule})")
        _doubt(line, result)


def _doubt(line: str, result: reading.Reading) -> None:
    if encoding := importing.legacy_encoding(line):
        typer.echo(f"warning: this is {encoding} text; `broadcaster import FILE` converts it", err=True)
        return
    for warning in result.warnings:
        said = " / ".join(warning.readings)
        typer.echo(f"warning: {warning.kind} {warning.written[:60]!r} {said}".rstrip(), err=True)
