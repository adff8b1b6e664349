"""The player's ear: takes note of what is played, compares excerpts as they come back, has a verdict at a cue's end.

A thread of its own does the arithmetic (5 ms an excerpt); the device's thread only leaves a copy of its blocks here.
"""

import logging
import threading
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from broadcaster.player.hearing.experience import Experience
from broadcaster.player.hearing.judging import STRETCH, UNKNOWN, Verdict, judge, sum_up
from broadcaster.player.hearing.matching import EXCERPT, LEAD, SPAN, Likeness, compare
from broadcaster.player.hearing.ring import Ring
from broadcaster.player.sound.pcm import RATE_HZ, Samples

log = logging.getLogger(__name__)
LOOK_S = 0.5
CLOSE = 8
"""So many excerpts one after the other at the beginning of a cue: short ones have no others."""
HOP = 5 * RATE_HZ
FULL_SCALE = 32_700


class Capturing(Protocol):
    """A microphone."""

    def open(self) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102
    def captured(self, at: float, frames: int) -> Samples | None: ...  # noqa: D102


class Ears(Protocol):
    """What the conductor asks of whatever listens."""

    def keep_open(self, *, wanted: bool) -> None:
        """Listen while the device is open."""
        ...

    def played(self, first_frame: int, at: float, block: Samples) -> None:
        """Note a block: frame `first_frame` leaves the device at the monotonic moment `at`. It is quick."""
        ...

    def begin(self, at: float, offset_s: float) -> None:
        """A cue began at `at`; its sound leaves the loudspeaker `offset_s` later than the device says."""
        ...

    def verdict(self) -> Verdict:
        """End the cue and say whether it was heard."""
        ...


class Deaf:
    """No microphone: nobody can say."""

    def keep_open(self, *, wanted: bool) -> None:
        """Do nothing."""

    def played(self, first_frame: int, at: float, block: Samples) -> None:
        """Do nothing."""

    def begin(self, at: float, offset_s: float) -> None:
        """Do nothing."""

    def verdict(self) -> Verdict:
        """Nobody can say."""
        return UNKNOWN


@dataclass
class _Cue:
    next_frame: int
    offset_s: float
    seen: int = 0
    stretch: list[Likeness] = field(default_factory=list)
    saturated: list[float] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


class Listening:
    """Ears with a microphone."""

    def __init__(self, microphone: Capturing, experience: Experience) -> None:
        self._microphone = microphone
        self._experience = experience
        self._ring = Ring()
        self._newest = (0, 0.0)
        self._cue: _Cue | None = None
        self._lock = threading.Lock()
        self._stop: threading.Event | None = None

    def keep_open(self, *, wanted: bool) -> None:
        """Have the microphone while the device is open, and not otherwise."""
        if wanted and self._stop is None:
            self._microphone.open()
            self._stop = threading.Event()
            threading.Thread(target=self._run, args=(self._stop,), name="hearing", daemon=True).start()
        elif not wanted and self._stop is not None:
            self._stop.set()
            self._stop = None
            self._microphone.close()

    def played(self, first_frame: int, at: float, block: Samples) -> None:
        """Keep a copy of a block."""
        self._ring.put(first_frame, block)
        self._newest = (first_frame, at)

    def begin(self, at: float, offset_s: float) -> None:
        """Listen for a cue."""
        frame, moment = self._newest
        with self._lock:
            self._cue = _Cue(frame + round((at - moment) * RATE_HZ), offset_s)

    def verdict(self) -> Verdict:
        """Judge by what has come back so far."""
        with self._lock:
            cue, self._cue = self._cue, None
            if cue is None:
                return UNKNOWN
            while self._compare_next(cue):
                pass
            self._judge_stretch(cue)
        verdict = sum_up(cue.verdicts)
        if verdict.heard and verdict.gain_db is not None:
            self._experience.add(verdict.gain_db)
        facts = {"heard": verdict.heard, "score": verdict.score, "gain_db": verdict.gain_db, "excerpts": cue.seen}
        log.info("cue_heard", extra=facts)
        return verdict

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(LOOK_S):
            try:
                with self._lock:
                    if self._cue:
                        self._compare_next(self._cue)
            except Exception:  # the edge of the thread: an ear that fails must not silence a mouth
                log.exception("hearing_failed")

    def _compare_next(self, cue: _Cue) -> bool:
        """Compare the next excerpt if it has come back; tell whether there may be another one."""
        frame, moment = self._newest
        begins = cue.next_frame - LEAD
        if begins + SPAN > self._ring.end:
            return False
        captured = self._microphone.captured(moment + (begins - frame) / RATE_HZ + cue.offset_s, SPAN)
        played = self._ring.get(begins, SPAN)
        if captured is None and played is not None:
            return False
        cue.next_frame += EXCERPT if cue.seen < CLOSE else HOP
        cue.seen += 1
        if captured is None or played is None:
            return True
        likeness = compare(played, captured)
        if likeness:
            cue.stretch.append(likeness)
            cue.saturated.append(float(np.mean(np.abs(captured.astype(np.int32)) >= FULL_SCALE)))
        if len(cue.stretch) >= STRETCH:
            self._judge_stretch(cue)
        return True

    def _judge_stretch(self, cue: _Cue) -> None:
        if cue.stretch:
            saturated = sum(cue.saturated) / len(cue.saturated)
            cue.verdicts.append(judge(cue.stretch, self._experience.usual_gain_db, saturated))
        cue.stretch, cue.saturated = [], []
