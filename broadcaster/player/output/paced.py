"""A device of patience: takes blocks of 10 ms in real time, as a sound card would, and lets them go.

Like a card it takes each block a buffer's length ahead of its moment; unlike most it gives them back when asked to. If
this process is held up for longer than the buffer, those blocks are silence and an underrun is counted.
"""

import logging
import threading
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from broadcaster.player.clock import PlayerClock
from broadcaster.player.output.base import Session
from broadcaster.player.sound.feed import Feed
from broadcaster.player.sound.pcm import RATE_HZ, Samples

log = logging.getLogger(__name__)
FRAMES = RATE_HZ // 100
BLOCK_S = FRAMES / RATE_HZ
BUFFER_BLOCKS = 40
"""0.4 s: what a busy two-core machine was seen to hold up all its processes for (0.3 s)."""


@dataclass(frozen=True)
class Block:
    """Samples whose first sounds at the monotonic moment `at`."""

    at: float
    samples: Samples


class PacedOutput:
    """The `null` output. Its thread lives only while a session is open."""

    def __init__(self, feed: Feed, clock: PlayerClock) -> None:
        self._feed = feed
        self._clock = clock
        self._stop = threading.Event()
        self._haste = threading.Event()
        self._thread: threading.Thread | None = None
        self._frames_before = 0
        self._died = False
        self.underruns = 0
        self.trouble = ""

    def keep_open(self, sessions: Collection[Session]) -> None:
        """Run while there are sessions."""
        if sessions and (self._thread is None or not self._thread.is_alive()):
            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(self._stop,), name="device", daemon=True)
            self._thread.start()
        elif not sessions and self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None

    def hurry(self) -> None:
        """Let go of the buffer with the next block."""
        self._haste.set()

    def failed(self) -> bool:
        """Tell, once, that the device went away."""
        died, self._died = self._died, False
        return died

    def take(self, block: Block) -> None:
        """Let a block go at its moment."""

    def _run(self, stop: threading.Event) -> None:
        try:
            self._pace(stop)
        except Exception:  # the edge of the thread: a full disk is a device that went away
            log.exception("device_failed")
            self._died = True

    def _pace(self, stop: threading.Event) -> None:
        begun = self._clock.monotonic()
        tick = pulled = 0
        buffer: deque[Block] = deque()
        while not stop.wait(max(0.0, begun + tick * BLOCK_S - self._clock.monotonic())):
            missed = int((self._clock.monotonic() - begun) / BLOCK_S) - tick - BUFFER_BLOCKS
            if missed > 0:
                self.underruns += 1
                log.warning("underrun", extra={"missed_ms": missed * 10})
                tick += missed
                pulled += missed
            if self._haste.is_set():
                self._haste.clear()
                pulled -= self._let_go(buffer)
            # As it opens, all of its buffer at once: what is there by then sounds at once.
            while pulled <= tick + BUFFER_BLOCKS:
                at = begun + pulled * BLOCK_S
                first_frame = self._frames_before + pulled * FRAMES
                buffer.append(Block(at, self._feed.pull(first_frame, at, FRAMES)))
                pulled += 1
            while buffer and buffer[0].at <= begun + tick * BLOCK_S:
                self.take(buffer.popleft())
            tick += 1
        self._frames_before += pulled * FRAMES

    def _let_go(self, buffer: deque[Block]) -> int:
        """Give back all blocks but those due within the next; return how many, 0 where the feed has told of them."""
        soon = self._clock.monotonic() + BLOCK_S
        late = [block for block in buffer if block.at > soon]
        if not late or not self._feed.take_back(late[0].at, len(late) * FRAMES):
            return 0
        for _ in late:
            buffer.pop()
        return len(late)
