"""`broadcaster backup` and `broadcaster restore`: the whole installation into one file, and back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from broadcaster import logs
from broadcaster.backup import archive, service
from broadcaster.backup.archive import Contents
from broadcaster.cli.db import group as db
from broadcaster.cli.root import app, settings, station
from broadcaster.settings import Settings
from content.kernel.clock import SystemClock
from content.kernel.db import unit_of_work

HELD = "Nothing is published until an admin has looked at the page /restored and pressed there."


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write; none of that name may exist.")]) -> None:
    """Keep database, audio and keys in one file, while the server goes on working."""
    contents = service.back_up(station("cli"), file)
    _say(file, contents)
    for name in contents.left_out:
        typer.echo(f"Left out, since it was damaged already: {name}")
    raise typer.Exit(1 if contents.left_out else 0)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `broadcaster backup` wrote.")],
    check: Annotated[bool, typer.Option("--check", help="Only check that the file is whole; change nothing.")] = False,
) -> None:
    """Put a backup into an empty data folder and database. Start `broadcaster serve` afterwards."""
    if check:
        _say(file, archive.read(file, None))
        return
    chosen = settings()
    logs.set_up(chosen.log_level, "cli")
    contents = service.restore(chosen, file, SystemClock().now())
    _say(file, contents)
    typer.echo(f"It is in {chosen.data_dir}{_elsewhere(chosen)}. Start `broadcaster serve`. {HELD}")


@db.command()
def restored(
    at: Annotated[datetime | None, typer.Option("--backup-at", help="When it was dumped, in UTC; none: now.")] = None,
) -> None:
    """Say that the database was restored by its own tools: publishing waits until an admin has looked."""
    opened = station("cli")
    now = opened.clock.now()
    with unit_of_work(opened.sessions) as session:
        service.begin_anew(session, at.replace(tzinfo=UTC) if at else now, now)
    typer.echo(HELD)


def _say(file: Path, contents: Contents) -> None:
    typer.echo(
        f"{file}: whole, made {contents.made_at:%Y-%m-%d %H:%M} UTC by version {contents.version}, "
        f"{len(contents.files)} files, {contents.size_bytes / 1e6:.1f} MB"
    )


def _elsewhere(chosen: Settings) -> str:
    url = make_url(chosen.database)
    return "" if url.get_backend_name() == "sqlite" else f" and in the database {url.render_as_string()}"
