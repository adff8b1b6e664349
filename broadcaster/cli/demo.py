"""`broadcaster demo`: the whole day's job, by itself."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from broadcaster import logs
from broadcaster.cli.root import app
from broadcaster.demo.day import demonstrate


@app.command()
def demo(
    announcements: Annotated[Path | None, typer.Option(help="A folder of .md or .txt announcements.")] = None,
    folder: Annotated[Path, typer.Option(help="Where recordings and report go; emptied first.")] = Path("build/demo"),
) -> None:
    """Show the main job end to end in about four minutes; exit status 1 if anything was not aired."""
    logs.set_up("WARNING", "demo")
    if not demonstrate(folder, announcements, Console()):
        raise typer.Exit(1)
