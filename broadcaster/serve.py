"""`broadcaster serve`: the whole server of a commune on one machine: web, worker and, for the sample, nine players."""

import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2

from broadcaster import migrations, sample
from broadcaster.fleet import service as fleet
from broadcaster.sample import Credential
from broadcaster.settings import Settings
from broadcaster.station import Station, check_data_dir, open_station
from broadcaster.supervisor import Supervisor, ourselves
from content.kernel.db import unit_of_work
from content.kernel.errors import Unavailable
from content.kernel.nodes import the_commune, villages_of

log = logging.getLogger(__name__)
WEB_UP_WITHIN_S = 60.0


class PortTaken(Unavailable):
    """Another program listens there."""

    sentence = "Port {port} on {host} is in use. Stop the other program, or choose another: --port {other}."


class WebNotUp(Unavailable):
    """The web process does not answer."""

    sentence = "The web process did not answer within {seconds} seconds. The log lines above say why."


@dataclass(frozen=True, slots=True)
class Choice:
    """What the first start makes: the sample commune, or an empty one of this name."""

    commune: str | None = None


def prepare(settings: Settings, choice: Choice) -> tuple[Station, list[Credential]]:
    """Check folder and port, bring the database up to date, make the commune at the first start.

    Returns the station and the first passwords, which are shown once; none at later starts.
    """
    check_data_dir(settings.data_dir)
    check_port(settings.host, settings.port)
    migrations.upgrade(settings.database)
    station = open_station(settings)
    with unit_of_work(station.sessions) as session:
        if the_commune(session) is not None:
            return station, []
        now = station.clock.now()
        if choice.commune:
            return station, [sample.make_commune(session, choice.commune, "xa", now)[1]]
        return station, sample.make_sample_commune(session, now)[1]


def check_port(host: str, port: int) -> None:
    """Raises PortTaken if nothing could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(host=host, port=port, other=port + 1) from None


def run(station: Station, credentials: list[Credential], *, sample_players: bool = True) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    supervisor = Supervisor()
    try:
        supervisor.add("web", ourselves("web"))
        supervisor.add("worker", ourselves("worker"))
        wait_for_web(base_url(station.settings), stop)
        if sample_players:
            start_sample_players(station, supervisor)
        greet(station.settings, credentials)
        supervisor.run(stop)
    finally:
        supervisor.stop()


def base_url(settings: Settings) -> str:
    """Where this machine reaches its own server."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    return f"http://{host}:{settings.port}"


def wait_for_web(url: str, stop: threading.Event) -> None:
    """Until the web process answers. Raises WebNotUp."""
    deadline = time.monotonic() + WEB_UP_WITHIN_S
    while time.monotonic() < deadline and not stop.wait(0.1):
        try:
            if httpx2.get(f"{url}/health", timeout=2).is_success:
                return
        except httpx2.TransportError:
            continue
    if not stop.is_set():
        raise WebNotUp(seconds=int(WEB_UP_WITHIN_S))


def start_sample_players(station: Station, supervisor: Supervisor) -> None:
    """Pair and start a player on this machine for each village of the sample commune; others have real ones."""
    with unit_of_work(station.sessions, writes=False) as session:
        commune = the_commune(session)
        slugs = [village.slug for village in villages_of(session, commune)] if commune else []
    if commune is None or not sample.is_sample(commune):
        return
    for slug in slugs:
        supervisor.add(f"player-{slug}", player_command(station, slug))


def player_command(station: Station, slug: str) -> list[str]:
    """The command line that plays a village's programme into files; pairs the player first where it is not yet."""
    folder = station.sample_players_dir / slug
    python = [sys.executable, "-m", "broadcaster.player"]
    if not (folder / "identity.json").exists():
        pair_player(station, slug, folder)
    return [*python, "run", "--data", str(folder), "--output", "wav", "--wav-dir", str(folder / "air"), "--with-parent"]


def pair_player(station: Station, slug: str, folder: Path) -> None:
    """Pair a sample player as an admin and a technician would: a code here, typed in there."""
    with unit_of_work(station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        village = next(node for node in villages_of(session, commune) if node.slug == slug)
        code = fleet.make_code(session, village, None, station.clock.now(), for_sample=True)
    argv = [sys.executable, "-m", "broadcaster.player", "pair", "--server", base_url(station.settings)]
    subprocess.run(
        [*argv, "--code", code, "--name", f"mẫu {slug}", "--data", str(folder)], check=True, capture_output=True
    )


def greet(settings: Settings, credentials: list[Credential]) -> None:
    """Say where the pages are and, at the first start, the passwords: once."""
    lines = ["", f"  Broadcaster is running:  {base_url(settings)}", ""]
    if credentials:
        lines += ["  First passwords, shown only now:", ""]
        lines += [f"    {one.role.value:<10} login {one.login:<8} password {one.password}" for one in credentials]
        lines += [""]
    lines += ["  Stop it with Ctrl+C. A forgotten password: broadcaster accounts password LOGIN", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
