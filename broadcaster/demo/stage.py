"""A whole commune on this machine for as long as it is needed: server, worker, nine paired players."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import update

from broadcaster import migrations, sample
from broadcaster import serve as serving
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role, User
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from broadcaster.supervisor import Supervisor, ourselves
from content.kernel.db import unit_of_work
from content.kernel.errors import Unavailable
from content.kernel.nodes import NodeKind, add_node, the_commune
from schedules import service as schedules

TEND_EVERY_S = 0.1


class TookTooLong(Unavailable):
    """Something did not happen in time."""

    sentence = "Waited {seconds:.0f} seconds for {what}, in vain. log.txt beside the data folder says more."


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account of the stage's commune."""

    login: str
    password: str


class Stage:
    """The processes of a commune over an empty data folder; a context that stops them all."""

    def __init__(self, folder: Path, *, poll_seconds: int = 2, worker: bool = True) -> None:
        """Prepare an empty `folder`; whatever lay in it is removed. Without `worker` nothing is rendered or planned."""
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.update(
            BROADCASTER_DATA_DIR=str(folder),
            BROADCASTER_PORT=str(_free_port()),
            BROADCASTER_HOST="127.0.0.1",
            BROADCASTER_POLL_SECONDS=str(poll_seconds),
            BROADCASTER_ONLINE_VOICES="false",
            BROADCASTER_DATABASE_URL="",
            BROADCASTER_LOG_LEVEL="INFO",
        )
        self.settings = Settings()
        self.folder = folder
        self._worker = worker
        self._supervisor = Supervisor(folder.parent / "log.txt")

    def __enter__(self) -> Self:
        """Set up the commune and start web, worker and herald."""
        self.folder.mkdir(parents=True)
        self.folder.parent.joinpath("log.txt").unlink(missing_ok=True)
        migrations.upgrade(self.settings.database)
        self.station: Station = open_station(self.settings)
        self.admin, self.secretary, self.cadre = self._set_up()
        self._supervisor.add("web", ourselves("web"))
        if self._worker:
            self._supervisor.add("worker", ourselves("worker"))
            self._supervisor.add("herald", ourselves("herald"))
        serving.wait_for_web(self.url, threading.Event())
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all processes."""
        self.stop()

    def stop(self) -> None:
        """Stop all processes."""
        self._supervisor.stop()

    @property
    def url(self) -> str:
        """Where the pages are."""
        return serving.base_url(self.settings)

    @property
    def villages(self) -> list[str]:
        """The villages' short names."""
        return list(sample.VILLAGES)

    def local(self, at: datetime) -> datetime:
        """An instant on the commune's wall clock, as the pages show it and take it."""
        with unit_of_work(self.station.sessions, writes=False) as session:
            commune = the_commune(session)
            assert commune is not None
            return at.astimezone(commune.zone)

    def soon(self, in_s: float) -> datetime:
        """The commune's wall clock so many seconds from now."""
        return self.local(self.station.clock.now() + timedelta(seconds=in_s))

    def wavs(self, village: str) -> Path:
        """The folder into which the village's player plays."""
        return self.station.sample_players_dir / village / "air"

    def pid(self, name: str) -> int:
        """The process id of a living child by its name: web, worker, player-un-ta, ..."""
        pid = self.living_pid(name)
        assert pid is not None, name
        return pid

    def living_pid(self, name: str) -> int | None:
        """The same, None while the child waits to be started again."""
        child = next(child for child in self._supervisor.children if child.name == name)
        return child.process.pid if child.process else None

    def start_players(self, on_paired: Callable[[str], None]) -> None:
        """Pair a player for each village with a code of its own, and start it."""
        for village in self.villages:
            self._supervisor.add(f"player-{village}", serving.player_command(self.station, village))
            on_paired(village)

    def stop_players(self) -> None:
        """Stop the players in an orderly way, so that their files are closed."""
        self._supervisor.stop(lambda child: child.name.startswith("player-"))

    def wait_until(self, what: str, happened: Callable[[], bool], within_s: float) -> None:
        """Keep all processes alive until something has happened. Raises TookTooLong."""
        deadline = time.monotonic() + within_s
        while not happened():
            if time.monotonic() > deadline:
                raise TookTooLong(what=what, seconds=within_s)
            self.tend()
            time.sleep(TEND_EVERY_S)

    def tend(self) -> None:
        """Restart what has died."""
        self._supervisor.tend()

    def _set_up(self) -> tuple[Person, Person, Person]:
        """Nine villages without quiet hours and freeze window, an admin, a secretary and a cadre."""
        now = self.station.clock.now()
        with unit_of_work(self.station.sessions) as session:
            commune, admin = sample.make_commune(session, "Cốc San", "xa", now)
            for slug, name in sample.VILLAGES.items():
                village = add_node(session, NodeKind.VILLAGE, slug, name, parent=commune)
                schedules.add_village_airing(
                    session, village, quiet_from_local=None, quiet_until_local=None, freeze_minutes=0
                )
            people = []
            for login, name, role in (("bithu", "Bí thư Đoàn", Role.SECRETARY), ("canbo", "Cán bộ xã", Role.CADRE)):
                person = Person(login, accounts.new_password())
                accounts.add_user(session, commune, login, name, role, person.password, now)
                people.append(person)
            # These people chose their passwords long ago; otherwise all would choose another at their first login.
            session.execute(update(User).values(must_change_password=False))
        return Person(admin.login, admin.password), people[0], people[1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
