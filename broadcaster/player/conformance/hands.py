"""Who starts, stops and kills the player under test: this program by commands, or a person who is asked to."""

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from broadcaster.player.conformance.village import CODE, Village
from broadcaster.player.keeping.signatures import fingerprint

END_S = 20.0
NATIVE_PAIR = "{python} -m broadcaster.player pair --server {server} --code {code} --name Conformance --data {data}"
NATIVE_RUN = "{python} -m broadcaster.player run --data {data} --output null --page off"


class Hands(Protocol):
    """What a check has done to its player."""

    slow_s: float
    """So long it may take them to do what is asked."""

    def pair(self, village: Village) -> None:
        """Pair the player with the village; that may fail."""

    def start(self) -> None:
        """Start the player, if it does not run."""

    def stop(self) -> None:
        """Ask the player to end, if it runs, and wait for it."""

    def kill(self) -> None:
        """Cut its power, if it runs."""

    def told(self) -> str:
        """Return what the player has written to its terminal, as far as that is known."""


@dataclass(frozen=True)
class Commands:
    """How the player under test is started: templates with {server}, {code}, {data} (and {python}).

    Without `pair` the player pairs itself when it is started over an empty {data} for the first time.
    """

    run: str = NATIVE_RUN
    pair: str | None = NATIVE_PAIR


class Processes:
    """The player as a process of this machine."""

    slow_s = 0.0

    def __init__(self, commands: Commands, folder: Path, patience_s: float) -> None:
        """`folder` is empty and this player's own; it takes its data and its log."""
        self._commands = commands
        self._patience_s = patience_s
        self._data = folder / "data"
        self._log = folder / "player.log"
        self._facts: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def pair(self, village: Village) -> None:
        """Run the command for it; it may fail."""
        self._data.mkdir(exist_ok=True)
        self._facts = {"server": village.url, "code": CODE, "data": str(self._data), "python": sys.executable}
        if self._commands.pair is None:
            self.start()
            return
        with self._log.open("ab") as log, contextlib.suppress(subprocess.TimeoutExpired):
            command = self._command(self._commands.pair)
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=self._patience_s, check=False
            )

    def start(self) -> None:
        """Start a process."""
        if self._process is None:
            with self._log.open("ab") as log:
                command = self._command(self._commands.run)
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self) -> None:
        """By SIGTERM."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_S)
        self.kill()

    def kill(self) -> None:
        """By SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """Leave nothing running."""
        self.kill()

    def told(self) -> str:
        """Return its log."""
        try:
            return self._log.read_text(errors="replace")
        except OSError:
            return ""

    def _command(self, template: str) -> list[str]:
        return [word.format(**self._facts) for word in shlex.split(template, posix=os.name == "posix")]


class Person:
    """Somebody beside the player, who does what `ask` shows and says when it is done."""

    slow_s = 60.0

    def __init__(self, ask: Callable[[str], object]) -> None:
        """Nothing is asked yet; the player does not run."""
        self._ask = ask
        self._runs = False

    def pair(self, village: Village) -> None:
        """Ask for it."""
        shown = fingerprint(village.key.public)
        self._ask(f"PAIR the player with {village.url}, code {CODE} (the server's key: {shown}).")

    def start(self) -> None:
        """Ask for it."""
        if not self._runs:
            self._ask("START the player, unless it runs.")
        self._runs = True

    def stop(self) -> None:
        """Ask for it."""
        if self._runs:
            self._ask("STOP the player in an orderly way. Do not start it again yet.")
        self._runs = False

    def kill(self) -> None:
        """Ask for it."""
        if self._runs:
            self._ask("NOW cut the player's power, or kill it. Do not start it again yet.")
        self._runs = False

    def told(self) -> str:
        """Nothing is known of it here."""
        return ""
