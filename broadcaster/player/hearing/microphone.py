"""What the microphone captures, with its moments: a child that records, a ring, another child when one ends.

A microphone that is not there, or goes away, costs a line in the log and some verdicts; it comes back by itself.
"""

import logging
import subprocess
import sys
import threading
from typing import IO

import numpy as np

from broadcaster.player.hearing.recorder import HEAD
from broadcaster.player.hearing.ring import Ring
from broadcaster.player.output.fitted import FittedClock
from broadcaster.player.sound.pcm import RATE_HZ, Samples

log = logging.getLogger(__name__)
RECORDER = "broadcaster.player.hearing.recorder"
PAUSES_S = (2.0, 60.0)


class Microphone:
    """Captures while it is open. `name` is the number of a device or a part of its name; None is the system's."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._ring = Ring()
        self._clock = FittedClock()
        self._closed: threading.Event | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Begin to capture; again and again if need be."""
        if self._closed is None:
            self._closed = threading.Event()
            threading.Thread(target=self._run, args=(self._closed,), name="microphone", daemon=True).start()

    def close(self) -> None:
        """Let the microphone go."""
        with self._lock:
            if self._closed:
                self._closed.set()
            self._closed = None
            if self._child:
                self._child.kill()

    def captured(self, at: float, frames: int) -> Samples | None:
        """Return so many samples from the monotonic moment `at` on; None when they are not, or not yet, here."""
        with self._lock:
            origin = self._clock.origin
            return None if origin is None else self._ring.get(round((at - origin) * RATE_HZ), frames)

    def _run(self, closed: threading.Event) -> None:
        failures = 0
        while not closed.is_set():
            blocks, why = 0, "it could not be started"
            try:
                blocks, why = self._listen(closed)
            except Exception:  # the edge of the thread: the microphone must have its next chance
                log.exception("microphone_child_failed")
            failures = 0 if blocks else failures + 1
            pause = min(PAUSES_S[0] * 2 ** max(0, failures - 1), PAUSES_S[1])
            if not closed.is_set():
                log.warning("microphone_lost", extra={"why": why, "again_in_s": pause})
            closed.wait(pause)

    def _listen(self, closed: threading.Event) -> tuple[int, str]:
        """Run one child to its end; return how many blocks it gave, and why it ended."""
        command = [sys.executable, "-m", RECORDER, *([self._name] if self._name else [])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            assert child.stdout
            assert child.stderr
            with self._lock:
                if closed.is_set():
                    child.kill()
                self._child = child
                self._ring, self._clock = Ring(), FittedClock()
            try:
                blocks = self._take(child.stdout)
            finally:
                with self._lock:
                    self._child = None
                    self._clock.forget()
                child.kill()
            said = child.stderr.read(4000).decode(errors="replace").strip()
        return blocks, said.rpartition("\n")[2] or f"exit status {child.returncode}"

    def _take(self, pipe: IO[bytes]) -> int:
        blocks = 0
        while len(head := pipe.read(HEAD.size)) == HEAD.size:
            at, frames = HEAD.unpack(head)
            block = np.frombuffer(pipe.read(2 * frames), np.int16)
            if len(block) < frames:
                break
            with self._lock:
                self._clock.see(at, at - self._ring.end / RATE_HZ)
                self._ring.put(self._ring.end, block)
            if not blocks:
                log.info("microphone_open")
            blocks += 1
        return blocks
