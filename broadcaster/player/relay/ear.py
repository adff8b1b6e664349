"""Whether a stream says anything, by its samples: silent, gone, or back. Pure.

A tenth of a second *sounds* when its level (RMS) is over -50 dBFS: a studio's noise lies below, soft speech above.
Shares count and not single moments, so that a click does not make a dead line alive nor a pause a living one dead.
"""

from collections import deque

import numpy as np

from broadcaster.player.sound.pcm import RATE_HZ, Samples

WINDOW = RATE_HZ // 10
THRESHOLD_DBFS = -50.0
STILL_SHARE = 0.02
"""Silent: no more than this share of the last `silent_after_ms` sounds."""
BACK_MS = 5000
BACK_SHARE = 0.3
"""Back: this share of five seconds without a gap sounds; speech has 0.6 or more, with its pauses."""
GONE_MS = 5000
_POWER = (32768 * 10 ** (THRESHOLD_DBFS / 20)) ** 2


class Ear:
    """Hears a stream in pieces of any length, with the gaps between them."""

    def __init__(self, silent_after_ms: int) -> None:
        self._recent: deque[bool] = deque(maxlen=max(1, silent_after_ms // 100))
        self._unbroken: deque[bool] = deque(maxlen=BACK_MS // 100)
        self._rest = np.zeros(0, np.int16)
        self._gap = GONE_MS * RATE_HZ // 1000

    @property
    def silent(self) -> bool:
        """Whether nothing was heard for `silent_after_ms`."""
        return len(self._recent) == self._recent.maxlen and sum(self._recent) <= STILL_SHARE * len(self._recent)

    @property
    def gone(self) -> bool:
        """Whether no samples have come for five seconds, or none ever."""
        return self._gap >= GONE_MS * RATE_HZ // 1000

    @property
    def back(self) -> bool:
        """Whether the last five seconds came whole and sound."""
        return len(self._unbroken) == self._unbroken.maxlen and sum(self._unbroken) >= BACK_SHARE * len(self._unbroken)

    def hear(self, samples: Samples) -> None:
        """Listen to samples that came."""
        if not len(samples):
            return
        self._gap = 0
        heard = np.concatenate([self._rest, samples])
        whole = len(heard) // WINDOW * WINDOW
        self._rest = heard[whole:]
        for window in heard[:whole].reshape(-1, WINDOW):
            sounds = sounding(window)
            self._recent.append(sounds)
            self._unbroken.append(sounds)

    def begin_again(self) -> None:
        """Forget what led to `silent`: the stream is heard again."""
        self._recent.clear()

    def miss(self, frames: int) -> None:
        """Note frames that should have come and did not."""
        if frames:
            self._gap += frames
            self._unbroken.clear()


def sounding(samples: Samples) -> bool:
    """Tell whether the level of the samples is over the threshold."""
    return bool(np.mean(np.square(samples, dtype=np.float64)) > _POWER)
