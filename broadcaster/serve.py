"""`broadcaster serve`: a commune's whole server on one machine: web, worker, herald and the sample's players."""

import logging
import os
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
from broadcaster.supervisor import Supervisor, leave_when_asked, ourselves
from content.kernel.db import unit_of_work
from content.kernel.errors import Unavailable
from content.kernel.nodes import the_commune, villages_of

log = logging.getLogger(__name__)
WEB_UP_WITHIN_S = 300.0
"""A slow office machine with much to do once took half a minute only to load the programme."""
SAMPLE_POLL_S = 5
"""Nine players on the server's own machine may ask often, and who tries it out does not like to wait."""


class PortTaken(Unavailable):
    """Another program listens there."""

    sentence = "Port {port} on {host} is in use. Stop the other program, or choose another: BROADCASTER_PORT={other}."


class WebNotUp(Unavailable):
    """The web process does not answer."""

    sentence = "The web process did not answer within {seconds} seconds. The log lines above say why."


class NotPaired(Unavailable):
    """A sample player could not be paired."""

    sentence = "The sample player of {village} could not be paired: {said}"


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


def run(station: Station, credentials: list[Credential]) -> None:
    """Serve until SIGINT or SIGTERM. In a terminal, what the children log goes to a file and not between our lines."""
    stop = threading.Event()
    leave_when_asked(stop.set)
    log_file = station.settings.data_dir / "log.txt" if sys.stdout.isatty() else None
    greet(credentials)
    supervisor = Supervisor(log_file)
    sample_villages = _sample_villages(station)
    if sample_villages:
        os.environ.setdefault("BROADCASTER_POLL_SECONDS", str(SAMPLE_POLL_S))
    try:
        supervisor.add("web", ourselves("web"))
        supervisor.add("worker", ourselves("worker"))
        supervisor.add("herald", ourselves("herald"))
        wait_for_web(base_url(station.settings), stop)
        for slug in sample_villages:
            if stop.is_set():
                break
            supervisor.add(f"player-{slug}", player_command(station, slug))
        point(station.settings, log_file)
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


def _sample_villages(station: Station) -> list[str]:
    """The villages whose players run on this machine: all of the sample commune; others have real ones."""
    with unit_of_work(station.sessions, writes=False) as session:
        commune = the_commune(session)
        if commune is None or not sample.is_sample(commune):
            return []
        return [village.slug for village in villages_of(session, commune)]


def player_command(station: Station, slug: str) -> list[str]:
    """The command line that plays a village's programme into files; pairs the player first where it is not yet."""
    folder = station.sample_players_dir / slug
    python = [sys.executable, "-m", "broadcaster.player"]
    if not (folder / "identity.json").exists():
        pair_player(station, slug, folder)
    return [*python, "run", "--data", str(folder), "--output", "wav", "--wav-dir", str(folder / "air"), "--with-parent"]


def pair_player(station: Station, slug: str, folder: Path) -> None:
    """Pair a sample player as an admin and a technician would: a code here, typed in there. Raises NotPaired."""
    with unit_of_work(station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        village = next(node for node in villages_of(session, commune) if node.slug == slug)
        code = fleet.make_code(session, village, None, station.clock.now(), for_sample=True)
    argv = [sys.executable, "-m", "broadcaster.player", "pair", "--server", base_url(station.settings)]
    argv += ["--code", code, "--name", f"mẫu {slug}", "--data", str(folder)]
    paired = subprocess.run(argv, check=False, capture_output=True, text=True)
    if paired.returncode > 0:
        raise NotPaired(village=slug, said=paired.stderr.strip())


def greet(credentials: list[Credential]) -> None:
    """Say the first passwords, once, before anything can go wrong; at later starts nothing."""
    if not credentials:
        return
    lines = ["", "  First passwords, shown only now; everybody chooses their own at the first login:", ""]
    lines += [f"    {one.role.value:<10} login {one.login:<8} password {one.password}" for one in credentials]
    if len(credentials) > 1:
        lines += ["", "  This is the sample commune: of its village names only Ún Tà is real, the others are examples."]
        lines += [f"  A trial slot opens every {sample.TRIAL_EVERY_MIN} minutes, day and night: no quiet hours."]
    _say([*lines, ""])


def point(settings: Settings, log_file: Path | None) -> None:
    """Say where the pages are."""
    lines = ["", f"  Broadcaster is running:  {base_url(settings)}", ""]
    if log_file:
        lines += [f"  Log: {log_file}"]
    lines += [f"  Stop it with Ctrl+C. A forgotten password: {sys.argv[0]} accounts password LOGIN", ""]
    _say(lines)


def _say(lines: list[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
