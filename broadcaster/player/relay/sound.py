"""What a relay gives to the loudspeaker: the stream, or its fallback while the stream is silent or gone.

Read by the device like a file's samples. It lasts exactly as long as it is told to; what neither gives is silence.
"""

import logging
from collections import Counter
from collections.abc import Callable

import numpy as np

from broadcaster.player.relay.ear import Ear
from broadcaster.player.relay.stream import Stream
from broadcaster.player.sound.pcm import RATE_HZ, Pcm, Samples
from broadcaster.protocol import Outcome, Reason

log = logging.getLogger(__name__)
TORN = 1 / 20
"""Gaps in a stream that never had to be replaced are noted as `stream_gone` over this share of its length."""

OpenFallback = Callable[[], Pcm | None]


class RelaySound:
    """A relay's samples. `stream` None: this player cannot relay, and plays the fallback."""

    ready = True
    failed = False

    def __init__(self, stream: Stream | None, silent_after_ms: int, open_fallback: OpenFallback) -> None:
        """`open_fallback` opens the fallback from its beginning, for each outage anew; None when there is none."""
        self._stream = stream
        self._silent_after = silent_after_ms * RATE_HZ // 1000
        self._ear = Ear(silent_after_ms)
        self._open_fallback = open_fallback
        self._fallback = open_fallback()
        self._left = 0
        self._begun = False
        self._instead: Reason | None = None if stream else Reason.RELAY_UNSUPPORTED
        self._replaced = False
        self._lost: Counter[Reason] = Counter()
        self.sounded = 0
        """How many frames of the stream were heard."""

    def lasts(self, frames: int) -> None:
        """Say for how many frames it is to sound."""
        self._left = max(0, frames)

    @property
    def finished(self) -> bool:
        """Whether all frames have been read."""
        return not self._left

    def read(self, frames: int) -> Samples:
        """Return the next samples; fewer only at the end."""
        frames = min(frames, self._left)
        self._left -= frames
        live = self._listen(frames)
        if self._instead is None:
            self.sounded += len(live)
            self._lost[Reason.STREAM_GONE] += frames - len(live)
            return _padded(live, frames)
        self._replaced = True
        self._lost[self._instead] += frames
        # Its media may have come only now.
        self._fallback = self._fallback or self._open_fallback()
        return _padded(self._fallback.read(frames) if self._fallback else live[:0], frames)

    def close(self) -> None:
        """Hang up."""
        if self._stream:
            self._stream.close()
        if self._fallback:
            self._fallback.close()

    def verdict(self) -> tuple[Outcome, Reason | None]:
        """Tell what became of the stream in what was read so far, and what kept it away longest."""
        lost = self._lost.total()
        if not self._replaced and lost <= TORN * (self.sounded + lost):
            return Outcome.AIRED, None
        reason = max(self._lost, key=self._lost.__getitem__)
        return (Outcome.PARTIAL if self.sounded else Outcome.FAILED), reason

    def _listen(self, frames: int) -> Samples:
        """Take from the stream, heard or not, and decide between it and its fallback."""
        if self._stream is None:
            return np.zeros(0, np.int16)
        if not self._begun:
            self._begun = True
            self._ear.hear(self._stream.catch_up())
        live = self._stream.take(frames)
        self._ear.hear(live)
        self._ear.miss(frames - len(live))
        if self._instead is None:
            self._leave()
        elif self._ear.back:
            self._return()
        elif self._ear.gone:
            self._instead = Reason.STREAM_GONE
        return live

    def _leave(self) -> None:
        if self._ear.gone:
            self._instead = Reason.STREAM_GONE
        elif self._ear.silent:
            self._instead = Reason.STREAM_SILENT
            # What was waited through did not sound either.
            waited = min(self.sounded, self._silent_after)
            self.sounded -= waited
            self._lost[Reason.STREAM_SILENT] += waited
        if self._instead:
            log.warning("relay_replaced", extra={"why": self._instead.value})

    def _return(self) -> None:
        self._instead = None
        self._ear.begin_again()
        log.info("relay_back")
        if self._fallback:
            self._fallback.close()
            self._fallback = self._open_fallback()


def _padded(samples: Samples, frames: int) -> Samples:
    return np.concatenate([samples, np.zeros(frames - len(samples), np.int16)]) if len(samples) < frames else samples
