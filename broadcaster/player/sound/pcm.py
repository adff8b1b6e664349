"""A cue's samples: opened before its second, decoded a little ahead by a thread of its own, read by the device.

Everything becomes 48 kHz mono 16 bit, whatever libsndfile reads: Ogg Opus, MP3, FLAC, WAV. Memory stays the same for a
chime and for an hour.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Floats = NDArray[np.float32]

log = logging.getLogger(__name__)
RATE_HZ = 48_000
BLOCK_S = 0.5
AHEAD_BLOCKS = 10
SOON_BLOCKS = 2
REST_S = 0.05
"""What sounds only in a second can wait: whoever else begins now, here or in another process, has the processor."""


class Pcm:
    """The samples of some files in a row. One thread decodes, one reads; `read` never waits."""

    def __init__(self, paths: Sequence[Path], on_ready: Callable[[], None]) -> None:
        """Start decoding; `on_ready` is called when the first samples, or the failure, are there."""
        self._paths = paths
        self._on_ready = on_ready
        self._blocks: deque[Samples] = deque()
        self._room = threading.Condition()
        self._over = False
        self._closed = False
        self.failed = False
        self.ready = False
        threading.Thread(target=self._decode, name="decode", daemon=True).start()

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to read, ever."""
        return self._over and not self._blocks

    def read(self, frames: int) -> Samples:
        """Return up to `frames` samples; fewer at the end, or when the decoder is behind."""
        with self._room:
            taken: list[Samples] = []
            while frames and self._blocks:
                block = self._blocks.popleft()
                taken.append(block[:frames])
                if len(block) > frames:
                    self._blocks.appendleft(block[frames:])
                frames -= len(taken[-1])
            self._room.notify_all()
        return np.concatenate(taken) if taken else np.zeros(0, np.int16)

    def close(self) -> None:
        """Stop decoding and drop what is left."""
        with self._room:
            self._closed = True
            self._blocks.clear()
            self._room.notify_all()

    def _decode(self) -> None:
        try:
            for path in self._paths:
                for block in _blocks(path):
                    if not self._offer(block):
                        return
        except Exception:  # the edge of the thread: libsndfile knows many ways to dislike a file
            log.exception("decode_failed", extra={"paths": [path.name for path in self._paths]})
            self.failed = True
        finally:
            self._over = True
            self._announce()

    def _offer(self, block: Samples) -> bool:
        with self._room:
            self._room.wait_for(lambda: self._closed or len(self._blocks) < AHEAD_BLOCKS)
            self._room.wait_for(lambda: self._closed or len(self._blocks) < SOON_BLOCKS, REST_S)
            if self._closed:
                return False
            self._blocks.append(block)
        self._announce()
        return True

    def _announce(self) -> None:
        if not self.ready:
            self.ready = True
            self._on_ready()


class Limited:
    """Samples that end after so many frames, wherever that is; `cut` tells that they did."""

    def __init__(self, pcm: Pcm, frames: int) -> None:
        self._pcm = pcm
        self._left = frames
        self.cut = frames <= 0

    @property
    def ready(self) -> bool:
        """Whether it may begin."""
        return self._pcm.ready

    @property
    def failed(self) -> bool:
        """Whether the files broke off."""
        return self._pcm.failed

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to read, ever."""
        return self.cut or self._pcm.finished

    def read(self, frames: int) -> Samples:
        """Return up to `frames` samples; fewer at the end, or when the decoder is behind."""
        samples = self._pcm.read(min(frames, self._left))
        self._left -= len(samples)
        self.cut = self._left <= 0
        return samples

    def close(self) -> None:
        """Stop decoding."""
        self._pcm.close()


def length_s(paths: Sequence[Path]) -> float:
    """Return how long files last in a row, in seconds.

    Raises:
        soundfile.LibsndfileError: one of them is no audio.
    """
    return float(sum(info.frames / info.samplerate for info in map(soundfile.info, map(str, paths))))


def _blocks(path: Path) -> Iterator[Samples]:
    with soundfile.SoundFile(path) as file:
        size = max(1, int(file.samplerate * BLOCK_S))
        mono = (block.mean(axis=1) for block in file.blocks(size, dtype="float32", always_2d=True))
        for block in mono if file.samplerate == RATE_HZ else _resampled(mono, file.samplerate):
            # Lossy codecs overshoot full scale; unclipped they would wrap into noise.
            yield np.rint(np.clip(block, -1.0, 1.0) * 32767).astype(np.int16)


def _resampled(blocks: Iterator[Floats], rate_hz: int) -> Iterator[Floats]:
    """Bring another rate to 48 kHz on straight lines: good enough for what a foreign server may send."""
    step = rate_hz / RATE_HZ
    held, position = np.zeros(0, np.float32), 0.0
    for block in blocks:
        held = np.concatenate([held, block])
        count = max(0, int((len(held) - 1 - position) / step) + 1)
        yield np.interp(position + step * np.arange(count), np.arange(len(held)), held).astype(np.float32)
        position += step * count
        used = min(int(position), len(held) - 1)
        held, position = held[used:], position - used
