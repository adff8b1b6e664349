"""`broadcaster player`: the server's side of the players. The player itself is `broadcaster-player`."""

import typer

from broadcaster.cli import tables
from broadcaster.cli.root import app, commune, station
from broadcaster.fleet import service as fleet
from content.kernel.db import unit_of_work
from content.kernel.nodes import village as find_village
from content.kernel.nodes import villages_of

group = typer.Typer(help="Players: pair, list.", no_args_is_help=True)
app.add_typer(group, name="player")


@group.command()
def pair(village: str) -> None:
    """Print a pairing code for a player of VILLAGE (its short name, such as un-ta); it lives 15 minutes."""
    opened = station("cli")
    with unit_of_work(opened.sessions) as session:
        code = fleet.make_code(session, find_village(session, commune(session), village), None, opened.clock.now())
    typer.echo(code)


@group.command("list")
def list_players() -> None:
    """All players, and when each was last heard from."""
    rows = []
    with unit_of_work(station("cli").sessions, writes=False) as session:
        villages = villages_of(session, commune(session))
        names = {village.id: village.name for village in villages}
        for player in fleet.players_of(session, villages):
            seen = f"{player.last_seen_at:%Y-%m-%d %H:%M:%S} UTC" if player.last_seen_at else "never"
            rows.append((names[player.village_id], str(player.uuid), player.name, seen))
    tables.show(("Village", "Player", "Name", "Last heard from"), rows)
