"""The newest seconds of a stream of samples, found by the number of a frame."""

import threading

import numpy as np

from broadcaster.player.sound.pcm import RATE_HZ, Samples

KEEP = 16 * RATE_HZ
"""1.5 MB: an excerpt's span, what a device takes ahead, and an output offset of 10 s."""


class Ring:
    """One thread puts, another gets. What was lost between two blocks makes all before it unknown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples = np.zeros(KEEP, np.int16)
        self._begin = 0
        self.end = 0
        """The number of the frame after the last."""

    def put(self, first: int, block: Samples) -> None:
        """Take a block of which the first frame has this number."""
        with self._lock:
            if first != self.end:
                self._begin = self.end = first
            place = self.end % KEEP
            room = min(len(block), KEEP - place)
            self._samples[place : place + room] = block[:room]
            self._samples[: len(block) - room] = block[room:]
            self.end += len(block)
            self._begin = max(self._begin, self.end - KEEP)

    def get(self, first: int, frames: int) -> Samples | None:
        """Return these frames, None unless all of them are here."""
        with self._lock:
            if first < self._begin or first + frames > self.end:
                return None
            return self._samples[np.arange(first, first + frames) % KEEP]
