"""What the device plays next: sounds placed at moments, pulled in blocks, one at a time, sample by sample.

A sound's first frame is fixed a quarter of a second before it begins, by the device's clock of that moment; from then
on only frames are counted. A sound that the device or the decoder makes late is late; nothing is dropped to catch up.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np

from broadcaster.player.sound.pcm import RATE_HZ, Samples

FREEZE_S = 0.25
SILENT_PEAK = 33
"""-60 dBFS: what never exceeds it is silent."""
Tap = Callable[[int, float, Samples], None]


class Source(Protocol):
    """Samples, opened before their moment. `ready`: may begin. `failed`: broke off. `finished`: all has been read."""

    @property
    def ready(self) -> bool: ...  # noqa: D102

    @property
    def failed(self) -> bool: ...  # noqa: D102

    @property
    def finished(self) -> bool: ...  # noqa: D102

    def read(self, frames: int) -> Samples:
        """Return up to `frames` samples without waiting; fewer at the end, or when they have not come."""
        ...

    def close(self) -> None:
        """Let everything go."""
        ...


@dataclass(frozen=True)
class Began:
    """The sound's first frame leaves the device at this monotonic moment."""

    row_uuid: UUID
    at: float


@dataclass(frozen=True)
class Ended:
    """The sound is over: whole, cut by the more urgent one `cut_by`, or `failed` since its file would not decode.

    `silenced`: there was sound in it, and the device got none.
    """

    row_uuid: UUID
    at: float
    frames: int
    whole: bool
    failed: bool = False
    cut_by: UUID | None = None
    silenced: bool = False


Event = Began | Ended


@dataclass
class Sound:
    """Samples to begin at a monotonic moment. `cuts`: its first frame ends whatever of lower rank sounds then."""

    row_uuid: UUID
    pcm: Source
    starts: float
    gain: float = 1.0
    rank: int = 0
    cuts: bool = False
    start_frame: int | None = None
    frames: int = 0
    begun: bool = False
    source_peak: int = 0
    peak: int = 0

    @property
    def silenced(self) -> bool:
        """Whether nothing was left of what there was to hear."""
        return self.peak < SILENT_PEAK <= self.source_peak


class Feed:
    """Sounds in the order of their starts. The player places, the device pulls; `tell` is called from its thread."""

    def __init__(self, tell: Callable[[Event], None], tap: Tap = lambda *_: None) -> None:
        """`tap` gets each block as the device does, with its first frame's number and moment; it is quick."""
        self._tell = tell
        self._tap = tap
        self._lock = threading.Lock()
        self._sounds: list[Sound] = []
        self._peak = 0
        self._told_at = -math.inf
        self.starved = 0
        """How often the decoder was behind the device."""

    def place(self, sound: Sound) -> None:
        """Let the sound begin at its moment, or as soon as possible after it."""
        with self._lock:
            self._sounds.append(sound)
            self._sounds.sort(key=lambda sound: (not sound.begun, sound.starts))

    def withdraw(self, row_uuid: UUID) -> int:
        """Take the sound out, now; return how many of its frames the device already has (0: nothing is heard)."""
        with self._lock:
            for sound in [sound for sound in self._sounds if sound.row_uuid == row_uuid]:
                self._drop(sound)
                return sound.frames
        return 0

    def take_back(self, at: float, frames: int) -> bool:
        """Have back the newest frames, from the moment `at` on, that will not sound; the next pull is in their place.

        Only for silence, or for a sound that another one will cut at once: it cannot go back. Else, and where a sound
        began or ended in these frames, nothing changes and False is returned.
        """
        with self._lock:
            begun = [sound for sound in self._sounds if sound.begun]
            cutting = [sound.rank for sound in self._sounds if sound.cuts and not sound.begun and sound.starts <= at]
            if self._told_at >= at or not cutting or any(sound.rank >= max(cutting) for sound in begun):
                return False
            for sound in begun:
                sound.frames = max(0, sound.frames - frames)
        return True

    def take_peak_dbfs(self) -> float | None:
        """Return the highest level since the last call, None if all was silence."""
        peak, self._peak = self._peak, 0
        return round(20 * math.log10(peak / 32768), 1) if peak else None

    def pull(self, first_frame: int, at: float, frames: int) -> Samples:
        """Return the next block: `frames` samples of which the first, number `first_frame`, sounds at `at`."""
        block = np.zeros(frames, np.int16)
        with self._lock:
            self._fix_starts(first_frame, at)
            cursor = 0
            while cursor < frames and (sound := self._due(first_frame + frames)):
                cursor = self._fill(block, cursor, sound, first_frame, at)
        self._tap(first_frame, at, block)
        return block

    def _fix_starts(self, first_frame: int, at: float) -> None:
        for sound in self._sounds:
            if sound.start_frame is None and sound.starts - at < FREEZE_S:
                sound.start_frame = max(first_frame, first_frame + round((sound.starts - at) * RATE_HZ))

    def _due(self, limit: int) -> Sound | None:
        head = self._sounds[0] if self._sounds else None
        return head if head and head.start_frame is not None and head.start_frame < limit else None

    def _fill(self, block: Samples, cursor: int, sound: Sound, first_frame: int, at: float) -> int:
        """Put as much of the sound into the block as belongs there; return where the next may begin."""
        if not sound.begun:
            cursor = max(cursor, (sound.start_frame or 0) - first_frame)
            sound.begun = True
            self._say(Began(sound.row_uuid, at + cursor / RATE_HZ))
        cutter = self._cutter(sound, first_frame + len(block))
        cut = None if cutter is None else (cutter.start_frame or 0) - first_frame
        until = len(block) if cut is None else max(cursor, cut)
        samples = sound.pcm.read(until - cursor)
        sound.source_peak = max(sound.source_peak, _peak(samples))
        if sound.gain != 1.0:
            samples = np.rint(samples * sound.gain).astype(np.int16)
        block[cursor : cursor + len(samples)] = samples
        sound.frames += len(samples)
        peak = _peak(samples)
        sound.peak, self._peak = max(sound.peak, peak), max(self._peak, peak)
        cursor += len(samples)
        if sound.pcm.finished or cut is not None:
            failed, whole = sound.pcm.failed, sound.pcm.finished and not sound.pcm.failed
            cut_by = cutter.row_uuid if cutter and not whole else None
            self._say(Ended(sound.row_uuid, at + cursor / RATE_HZ, sound.frames, whole, failed, cut_by, sound.silenced))
            self._drop(sound)
            return cursor
        if cursor < len(block):
            self.starved += 1
        return len(block)

    def _say(self, event: Event) -> None:
        self._told_at = event.at
        self._tell(event)

    def _cutter(self, sounding: Sound, limit: int) -> Sound | None:
        """Return which sound cuts this one before the frame `limit`."""
        cutters = [
            sound
            for sound in self._sounds
            if sound.cuts and sound.rank > sounding.rank and sound.start_frame is not None
        ]
        first = min(cutters, key=lambda sound: (sound.start_frame or 0, -sound.rank), default=None)
        return first if first and (first.start_frame or 0) < limit else None

    def _drop(self, sound: Sound) -> None:
        self._sounds.remove(sound)
        sound.pcm.close()


def _peak(samples: Samples) -> int:
    return int(np.abs(samples.astype(np.int32)).max(initial=0))
