"""The root of all commands, and how they read settings and open the station."""

import sys
from pathlib import Path

import typer
from pydantic import ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from broadcaster import logs, migrations
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from content.kernel.errors import Invalid, NotFound
from content.kernel.nodes import Node, the_commune

app = typer.Typer(
    name="broadcaster",
    help="Village radio: write, read aloud, approve, schedule, play, and see what was heard.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class BadSettings(Invalid):
    """A setting has an impossible value."""

    sentence = "Setting {name}: {problem}. See docs/settings.md."


class NoCommune(NotFound):
    """Nothing has been set up yet."""

    sentence = (
        "There is no commune in {folder}. Start `broadcaster serve` once, it makes one; or name another folder: "
        "BROADCASTER_DATA_DIR."
    )


def settings() -> Settings:
    """The settings of environment and file. Raises BadSettings."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSettings(name=".".join(map(str, first["loc"])), problem=first["msg"]) from None


def station(process: str) -> Station:
    """The open station of an existing installation, its database brought up to date. Raises NoCommune."""
    chosen = settings()
    logs.set_up(chosen.log_level, process)
    file = make_url(chosen.database).database
    if make_url(chosen.database).get_backend_name() == "sqlite" and file and not Path(file).exists():
        raise NoCommune(folder=chosen.data_dir)
    opened = open_station(chosen)
    migrations.upgrade(chosen.database)
    return opened


def commune(session: Session) -> Node:
    """The commune. Raises NoCommune before the first start."""
    found = the_commune(session)
    if found is None:
        raise NoCommune(folder=settings().data_dir)
    return found


def is_a_terminal() -> bool:
    """Whether somebody can answer a question."""
    return sys.stdin.isatty() and sys.stdout.isatty()
