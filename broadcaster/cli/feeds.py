"""`broadcaster feeds`: the addresses of the villages' calendars and playlists."""

from collections.abc import Callable
from datetime import datetime

import typer
from sqlalchemy.orm import Session

from broadcaster.cli import tables
from broadcaster.cli.root import app, commune, station
from broadcaster.publishing import feeds
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, villages_of
from content.kernel.nodes import village as find_village

group = typer.Typer(help="Calendars and playlists: list their addresses, renew, shut, reopen.", no_args_is_help=True)
app.add_typer(group, name="feeds")


@group.command("list")
def list_feeds() -> None:
    """Each village's addresses, to be written behind that of the server."""
    opened = station("cli")
    rows = []
    with unit_of_work(opened.sessions, writes=False) as session:
        for village in villages_of(session, commune(session)):
            token = feeds.token_of(session, opened.signer, village)
            rows.append([village.slug, *(f"/feeds/{token}/{name}" if token else "shut" for name in _FILES)])
    tables.show(("Village", "Calendar", "Playlist of today"), rows)


@group.command()
def renew(village: str) -> None:
    """Give a village a new address; the old one stops at once and for good."""
    _change(village, feeds.renew)


@group.command()
def shut(village: str) -> None:
    """Let a village's address open nothing; `reopen` undoes it."""
    _change(village, feeds.shut)


@group.command()
def reopen(village: str) -> None:
    """Let a village's address open again."""
    _change(village, feeds.reopen)


_FILES = ("village.ics", "today.m3u8")


def _change(slug: str, change: Callable[[Session, Node, datetime], None]) -> None:
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        change(session, find_village(session, commune(session), slug), opened.clock.now())
