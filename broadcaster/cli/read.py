"""`broadcaster read`: what would be spoken, on standard output; doubts, on standard error."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from broadcaster.cli.root import app
from content import importing, reading
from content.service.lexicon_file import from_csv


@app.command()
def read(
    text: Annotated[list[str] | None, typer.Argument(help="Lines to read; none: standard input.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show each change and its rule.")] = False,
    lexicon: Annotated[
        Path | None, typer.Option(help="A CSV file with words of one's own.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Print what will be spoken, one line per line."""
    entries = from_csv(lexicon.read_bytes()).entries if lexicon else ()
    for line in text or (line.rstrip("\n") for line in sys.stdin):
        result = reading.read(line, entries)
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
