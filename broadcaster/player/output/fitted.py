"""When a sound card sounds what it takes, from times that are often late and sometimes false. No PortAudio in here.

What was seen (PortAudio's ALSA over PulseAudio): the time a block will sound is right to a millisecond, but this
process reads its own clock up to 0.2 s late when its threads are busy; and while a stream starts or recovers from an
underrun the card takes blocks at once, promises to sound them soon, and then stands still for up to two seconds.
"""

from collections import deque
from dataclasses import dataclass

from broadcaster.player.clock import PlayerClock
from broadcaster.player.sound.feed import Feed
from broadcaster.player.sound.pcm import RATE_HZ, Samples

KEEP_S = 3.0
SETTLE_S = 0.35
"""A clock is known when estimates have held for so long."""
DOUBT_S = 1.0
"""A known clock is given up when all estimates have been later for so long: a busy machine also makes some in a row."""
JUMP_S = 0.02
ENOUGH = 3


@dataclass(frozen=True)
class Estimate:
    """Made at the monotonic moment `now`: the stream's frame 0 sounded, or would have, at `origin`."""

    now: float
    origin: float


@dataclass(frozen=True)
class Moment:
    """What the card tells with a block, in seconds of its own clock: now, and when the block's first frame sounds."""

    now: float
    sounds: float


class FittedClock:
    """A stream's frame n sounds at `origin` + n / 48000 s (monotonic); None as long as that cannot be known."""

    def __init__(self) -> None:
        self.origin: float | None = None
        self._seen: deque[Estimate] = deque()
        self._begun = 0.0

    def forget(self) -> None:
        """Start anew: the stream was opened, or has lost time."""
        self.origin = None
        self._seen.clear()

    def see(self, now: float, origin: float) -> bool:
        """Take in an estimate; return whether the card has stood still since the clock was known."""
        if not self._seen:
            self._begun = now
        self._seen.append(Estimate(now, origin))
        while self._seen[0].now < now - KEEP_S:
            self._seen.popleft()
        known = self.origin is not None
        span = DOUBT_S if known else SETTLE_S
        recent = [estimate for estimate in self._seen if estimate.now > now - span]
        enough = len(recent) >= ENOUGH and now - self._begun >= span
        jumped = enough and min(estimate.origin for estimate in recent) > self._earliest() + JUMP_S
        if jumped:
            self._seen = deque(recent)
        if enough or known:
            self.origin = self._earliest()
        return jumped and known

    def _earliest(self) -> float:
        # A busy machine only ever makes an estimate too late. Not the very first: one may be false.
        origins = sorted(estimate.origin for estimate in self._seen)
        return origins[len(origins) // 8]


class Puller:
    """Hands the feed's blocks to a card's callback, each with its moment, and silence while the moment is not known.

    The feed's frames are numbered by the time they sound at: what the card loses is left out, as on any device.
    """

    def __init__(self, feed: Feed, clock: PlayerClock) -> None:
        self._feed = feed
        self._clock = clock
        self._fitted = FittedClock()
        self._latency = 0.0
        self._taken = 0
        self._frame = 0
        self._next_at: float | None = None
        self._lost_time = False
        self.underruns = 0
        self.seen = clock.monotonic()

    def begin(self, latency: float) -> None:
        """Serve a new stream; `latency` in seconds is believed where its times are false."""
        self._latency = latency
        self._taken = 0
        self._lose_time()
        self.seen = self._clock.monotonic()

    def pull(self, frames: int, told: Moment, *, ran_dry: bool) -> Samples | None:
        """Return the card's next block, None for silence. For the card's own thread: quick, no file, no log."""
        now = self.seen = self._clock.monotonic()
        if ran_dry:
            self.underruns += 1
            self._lose_time()
        delay = told.sounds - told.now
        if not 0 < delay < 2 * self._latency + 1:
            delay = self._latency
        if self._fitted.see(now, now + delay - self._taken / RATE_HZ):
            self.underruns += 1
            self._lost_time = True
        taken, self._taken = self._taken, self._taken + frames
        if self._fitted.origin is None:
            return None
        return self._pull(self._fitted.origin + taken / RATE_HZ, frames)

    def _pull(self, at: float, frames: int) -> Samples:
        if self._lost_time and self._next_at is not None:
            self._frame += max(0, round((at - self._next_at) * RATE_HZ))
        self._lost_time = False
        block = self._feed.pull(self._frame, at, frames)
        self._frame += frames
        self._next_at = at + frames / RATE_HZ
        return block

    def _lose_time(self) -> None:
        self._fitted.forget()
        self._lost_time = True
