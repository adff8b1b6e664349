"""The sound card, by PortAudio. Importing this needs the library: `apt install libportaudio2`."""

import logging
from collections import deque
from collections.abc import Collection
from statistics import median
from typing import Any

import numpy as np
import sounddevice

from broadcaster.player.clock import PlayerClock
from broadcaster.player.errors import OutputFailed
from broadcaster.player.feed import Feed
from broadcaster.player.output.base import Session
from broadcaster.player.pcm import RATE_HZ

log = logging.getLogger(__name__)
FIT_BLOCKS = 64


class SoundOutput:
    """One PortAudio stream, open while a session is; its blocks' moments come from a fitted clock."""

    def __init__(self, feed: Feed, clock: PlayerClock, device: str | None) -> None:
        """Name the device by number or part of its name; None is the system's default.

        Raises:
            OutputFailed: there is no such device; the message lists those there are.
        """
        self._feed = feed
        self._clock = clock
        self._device = int(device) if device and device.isdecimal() else device
        self._stream: Any = None
        self._died = False
        self._frames = 0
        self._origins: deque[float] = deque(maxlen=FIT_BLOCKS)
        self.underruns = 0
        self._check()

    def keep_open(self, sessions: Collection[Session]) -> None:
        """Open the stream when there are sessions and close it when there are none."""
        if sessions and self._stream is None:
            self._open()
        elif not sessions and self._stream is not None:
            self._close()

    def failed(self) -> bool:
        """Tell, once, that the device went away; the next `keep_open` tries to open it again."""
        died, self._died = self._died, False
        if died:
            self._close()
        return died

    def _check(self) -> None:
        try:
            sounddevice.check_output_settings(device=self._device, channels=1, samplerate=RATE_HZ, dtype="int16")
        except (sounddevice.PortAudioError, ValueError) as error:
            found = sounddevice.query_devices()
            listed = str(found) if len(found) else "(this machine has none)"
            wish = self._device or "the default device"
            raise OutputFailed(f"Cannot play on {wish}: {error}. Choose one with --device:\n{listed}") from error

    def _open(self) -> None:
        self._origins.clear()
        self._died = False
        try:
            self._stream = sounddevice.OutputStream(
                device=self._device,
                samplerate=RATE_HZ,
                channels=1,
                dtype="int16",
                latency="high",
                callback=self._callback,
                finished_callback=self._finished,
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            self._close()
            raise OutputFailed(f"The sound device does not open: {error}") from error

    def _close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)

    def _finished(self) -> None:
        # Called for a stream we closed too; then there is none any more.
        self._died = self._stream is not None

    def _callback(self, out: np.ndarray[Any, Any], frames: int, time: Any, status: sounddevice.CallbackFlags) -> None:
        if status.output_underflow:
            self.underruns += 1
            # Frames were lost in the card: what was fitted before does not hold.
            self._origins.clear()
        delay = time.outputBufferDacTime - time.currentTime if time.currentTime else self._stream.latency
        self._origins.append(self._clock.monotonic() + delay - self._frames / RATE_HZ)
        at = median(self._origins) + self._frames / RATE_HZ
        out[:, 0] = self._feed.pull(self._frames, at, frames)
        self._frames += frames
