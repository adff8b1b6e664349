"""`broadcaster import`: the text that would come in from a file."""

from pathlib import Path
from typing import Annotated

import typer

from broadcaster.cli.root import app
from content.importing import read_file


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A .docx, .odt, .pdf or .txt file.", exists=True, dir_okay=False)],
    keep_official: Annotated[
        bool, typer.Option("--keep-official", help="Keep motto, issuer, number, recipients and signature.")
    ] = False,
) -> None:
    """Print the text that would come in; what the file is and what was left out goes to standard error."""
    imported = read_file(file.read_bytes(), file.name, keep_official=keep_official)
    typer.echo(f"kind: {imported.kind}\nencoding: {imported.encoding}", err=True)
    typer.echo(f"title: {imported.title or '-'}\nleft out: {', '.join(imported.left_out) or '-'}", err=True)
    typer.echo(imported.text)
