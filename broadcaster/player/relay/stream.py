"""A live stream's samples: a child that fetches and decodes, a bounded buffer, and another child when one ends.

The stream runs like a radio that is on with its volume down: what is not taken in time is let go when it is begun. Its
clock is the sender's: when the buffer runs low, quiet tenths of a second are played twice; when it is full, the child
waits, and the stream's delay grows by what the sender's clock is ahead (0.36 s an hour at 100 ppm).
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from importlib.util import find_spec
from typing import IO

import numpy as np

from broadcaster.player.relay.ear import WINDOW, sounding
from broadcaster.player.sound.pcm import RATE_HZ, Samples

log = logging.getLogger(__name__)
DECODER = "broadcaster.player.relay.decoder"
MOST = 15 * RATE_HZ
"""What the buffer holds at most, 1.4 MB: as long as it is tuned in ahead; and HLS comes in pieces of many seconds."""
ENOUGH = 2 * RATE_HZ
"""With this much it goes on after it had run dry."""
LOW = RATE_HZ
HUNG = 20 * RATE_HZ
"""A child that gives nothing while so much was asked for is ended."""
PAUSES_S = (1.0, 30.0)
STEADY = 10 * RATE_HZ
KEPT_ENVIRONMENT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT")


def supported() -> bool:
    """Tell whether this installation can relay: whether PyAV (the extra `player-relay`) is there."""
    return find_spec("av") is not None


class Stream:
    """The stream at an address. One thread receives, one reads; `take` never waits."""

    def __init__(self, url: str, seconds: float, monotonic: Callable[[], float]) -> None:
        """Tune in; `seconds` is how long it may be needed, for the child's limits."""
        self._request = json.dumps({"url": url, "seconds": seconds}).encode()
        self._monotonic = monotonic
        self._lock = threading.Condition()
        self._blocks: deque[Samples] = deque()
        self._fill = 0
        self._dry = True
        self._asked_in_vain = 0
        self._since: float | None = None
        self._closed = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self._receive, name="relay", daemon=True).start()

    def catch_up(self) -> Samples:
        """Let go, once, of what would have sounded since the first sample came; returns it."""
        with self._lock:
            since, self._since = self._since, self._monotonic()
            if since is None:
                return np.zeros(0, np.int16)
            return self._pop(min(int((self._since - since) * RATE_HZ), self._fill - ENOUGH))

    def take(self, frames: int) -> Samples:
        """Return the next samples; fewer or none when they have not come."""
        with self._lock:
            self._dry = self._dry and self._fill < ENOUGH
            taken = self._pop(0 if self._dry else frames)
            if len(taken) < frames:
                self._dry = True
                self._asked_in_vain += frames - len(taken)
                if self._asked_in_vain > HUNG and self._child:
                    self._child.kill()
            return taken

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            self._closed.set()
            self._blocks.clear()
            if self._child:
                self._child.kill()
            self._lock.notify_all()

    def _pop(self, frames: int) -> Samples:
        taken: list[Samples] = []
        while frames > 0 and self._blocks:
            block = self._blocks.popleft()
            taken.append(block[:frames])
            if len(block) > frames:
                self._blocks.appendleft(block[frames:])
            frames -= len(taken[-1])
        samples = np.concatenate(taken) if taken else np.zeros(0, np.int16)
        self._fill -= len(samples)
        self._lock.notify_all()
        return samples

    def _receive(self) -> None:
        failures = 0
        while not self._closed.is_set():
            received, why = 0, "it could not be started"
            try:
                received, why = self._listen()
            except Exception:  # the edge of the thread: the relay must have its next chance
                log.exception("relay_child_failed")
            failures = 0 if received > STEADY else failures + 1
            pause = min(PAUSES_S[0] * 2 ** max(0, failures - 1), PAUSES_S[1])
            if not self._closed.is_set():
                log.warning("stream_lost", extra={"why": why, "again_in_s": pause})
            self._closed.wait(pause)

    def _listen(self) -> tuple[int, str]:
        """Run one child to its end; return how many frames it gave, and why it ended."""
        with _start() as child:
            assert child.stdin
            assert child.stdout
            assert child.stderr
            with self._lock:
                self._child, self._asked_in_vain = child, 0
                if self._closed.is_set():
                    child.kill()
            received = 0
            try:
                child.stdin.write(self._request)
                child.stdin.close()
                received = self._fill_from(child.stdout)
            except BrokenPipeError:
                pass
            finally:
                with self._lock:
                    self._child = None
                child.kill()
            said = child.stderr.read(2000).decode(errors="replace").strip()
            return received, said.rpartition("\n")[2] or f"exit status {child.wait()}"

    def _fill_from(self, pipe: IO[bytes]) -> int:
        received = 0
        while data := pipe.read(2 * WINDOW):
            block = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)
            received += len(block)
            if not self._offer(block):
                break
        return received

    def _offer(self, block: Samples) -> bool:
        with self._lock:
            self._lock.wait_for(lambda: self._closed.is_set() or self._fill < MOST)
            if self._closed.is_set():
                return False
            if self._since is None:
                log.info("stream_connected")
                self._since = self._monotonic()
            again = not self._dry and self._fill < LOW and not sounding(block)
            self._blocks.extend([block, block] if again else [block])
            self._fill += len(block) * (1 + again)
            self._asked_in_vain = 0
        return True


def _start() -> subprocess.Popen[bytes]:
    """Start a child that inherits nothing of ours but where its modules are, in a session of its own."""
    environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109
    return subprocess.Popen(
        [sys.executable, "-m", DECODER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
