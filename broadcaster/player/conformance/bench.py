"""What a check works with: a village, the player under test as a process, and patience. Knows no rule."""

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.player.conformance.village import CODE, Village
from broadcaster.protocol import AsRunRow, Cue, Outcome, Reason

LEAD = timedelta(seconds=6)
"""Plans are made so long before: a slow machine must be able to fetch and open what is needed."""
END_S = 20.0
NATIVE_PAIR = "{python} -m broadcaster.player pair --server {server} --code {code} --name Conformance --data {data}"
NATIVE_RUN = "{python} -m broadcaster.player run --data {data} --output null --page off"


class Broken(Exception):
    """The player broke the rule; the message tells how it was seen."""


@dataclass(frozen=True)
class Commands:
    """How the player under test is started: templates with {server}, {code}, {data} (and {python}).

    Without `pair` the player pairs itself when it is started over an empty {data} for the first time.
    """

    run: str = NATIVE_RUN
    pair: str | None = NATIVE_PAIR


class Bench:
    """One village and one player, for one check."""

    def __init__(self, commands: Commands, folder: Path, patience_s: float) -> None:
        """Nothing runs yet. `folder` is empty and the check's own; it takes the player's data and its log."""
        self.village = Village()
        self.patience_s = patience_s
        self.log = folder / "player.log"
        self._commands = commands
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the player and the village."""
        self.kill()
        self.village.close()

    def begin(self) -> None:
        """Pair, publish an empty plan, start, and wait until the player has it and trusts its clock."""
        self.introduce()
        manifest = self.village.publish()
        self.start()
        self.until(
            lambda: any(beat.manifest_id == manifest.manifest_id for beat in self.village.heartbeats),
            "no heartbeat told of the first manifest",
        )

    def introduce(self) -> None:
        """Pair the player; it may fail."""
        if self._commands.pair is None:
            self.start()
            return
        with self.log.open("ab") as log, contextlib.suppress(subprocess.TimeoutExpired):
            command = self._command(self._commands.pair)
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=self.patience_s, check=False
            )

    def start(self) -> None:
        """Start the player, if it does not run."""
        if self._process is None:
            with self.log.open("ab") as log:
                command = self._command(self._commands.run)
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self) -> None:
        """Ask the player to end, and wait for it."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_S)
        self.kill()

    def kill(self) -> None:
        """Cut its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def until(self, condition: Callable[[], object], otherwise: str, seconds: float | None = None) -> None:
        """Wait for something that the player's requests bring.

        Raises:
            Broken: it did not happen in time; `otherwise` says what was missed.
        """
        seconds = self.patience_s if seconds is None else seconds
        with self.village.news:
            if not self.village.news.wait_for(condition, seconds):
                raise Broken(f"{otherwise} (waited {seconds:g} s)")

    def pass_by(self, at: datetime, never: Callable[[], object], otherwise: str) -> None:
        """Let the village's time pass until `at`.

        Raises:
            Broken: what must never happen did.
        """
        seconds = max(0.0, (at - self.village.now()).total_seconds())
        with self.village.news:
            if self.village.news.wait_for(never, seconds):
                raise Broken(otherwise)

    def wait_for(self, at: datetime) -> None:
        """Let the village's time pass until `at`."""
        self.pass_by(at, lambda: False, "")

    def soon(self) -> datetime:
        """When the next plan may begin."""
        return self.village.now() + LEAD

    def ended(self, key: str, outcome: Outcome, reason: Reason | None = None, seconds: float | None = None) -> AsRunRow:
        """Wait for a cue's row and hold it against what it must say."""
        self.until(lambda: self.village.row(key), f"no row of the cue {key!r} came", seconds)
        row = self.village.row(key)
        assert row is not None
        expect(
            (row.outcome, row.reason) == (outcome, reason),
            f"the row of {key!r} says {_said(row.outcome, row.reason)}, not {_said(outcome, reason)}",
        )
        return row

    def aired(self, key: str, seconds: float | None = None) -> AsRunRow:
        """Wait for the row of a cue that must have been aired whole."""
        return self.ended(key, Outcome.AIRED, None, seconds)

    def told(self, last_lines: int = 4) -> str:
        """Return the end of what the player wrote to its terminal."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-last_lines:])

    def _command(self, template: str) -> list[str]:
        self._data.mkdir(exist_ok=True)
        facts = {"server": self.village.url, "code": CODE, "data": str(self._data), "python": sys.executable}
        return [word.format(**facts) for word in shlex.split(template, posix=os.name == "posix")]


def expect(held: object, otherwise: str) -> None:
    """Hold the player to something.

    Raises:
        Broken: with what was seen instead.
    """
    if not held:
        raise Broken(otherwise)


def cue(key: str, sha256: str, *, at_s: float = 0.0, lasts_s: float = 1.0, latest_s: float = 60.0) -> Cue:
    """Plan one object; times in seconds from the occurrence's start, `latest_s` from the cue's own."""
    at_ms = round(at_s * 1000)
    return Cue(
        key=key,
        offset_ms=at_ms,
        duration_ms=round(lasts_s * 1000),
        latest_start_ms=at_ms + round(latest_s * 1000),
        media=(sha256,),
        title=key,
    )


def _said(outcome: Outcome, reason: Reason | None) -> str:
    return f"{outcome}/{reason}" if reason else str(outcome)
