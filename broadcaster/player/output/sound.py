"""The sound card, by PortAudio. Importing this needs the library: `apt install libportaudio2`.

Only opening and closing, and watching over what is open, live here; what the card is given is `fitted.py`'s. A sound
system that hangs holds up no one: it is asked from a thread of its own, and not again before it has answered.
"""

import logging
import threading
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import numpy as np
import sounddevice

from broadcaster.player.clock import PlayerClock
from broadcaster.player.errors import OutputFailed
from broadcaster.player.output.base import Session
from broadcaster.player.output.fitted import Moment, Puller
from broadcaster.player.sound.feed import Feed
from broadcaster.player.sound.pcm import RATE_HZ

log = logging.getLogger(__name__)
LATENCY_S = 0.4
"""What a busy two-core machine needs. PortAudio's own "high" is 35 ms over PulseAudio: any hold-up runs it dry."""
SILENT_S = 4.0
"""A card that asks for nothing for so long is gone. A healthy one was seen to stand still for 2.2 s."""
ANSWER_S = 2.0


class SoundOutput:
    """One PortAudio stream, open while a session is."""

    def __init__(self, feed: Feed, clock: PlayerClock, device: str | None) -> None:
        """Name the device by number or part of its name; None is the system's default.

        One that is not there now is said in the log, with a list of those there are, and looked for whenever it is
        needed: a card that comes a moment after the power must not keep a village's player from living.
        """
        self._clock = clock
        self._puller = Puller(feed, clock)
        self._device = int(device) if device and device.isdecimal() else device
        self._stream: Any = None
        self._asked: threading.Thread | None = None
        self._refused = ""
        self._died = False
        self._rescan = False
        self.underruns = 0
        self.trouble = ""
        self._check()

    def keep_open(self, sessions: Collection[Session]) -> None:
        """Open the stream when there are sessions and close it when there are none."""
        self._tell_underruns()
        if sessions and self._stream is None:
            self._ask(self._open)
            if self._refused:
                raise OutputFailed(f"The sound device does not open: {self._refused}")
        elif not sessions and self._stream is not None:
            self._close()

    def hurry(self) -> None:
        """Do nothing: PortAudio gives back nothing but by a new start, and to know the clock again takes as long."""

    def failed(self) -> bool:
        """Tell, once, that the device went away; the next `keep_open` tries to open it again."""
        silent = self._stream is not None and self._clock.monotonic() - self._puller.seen > SILENT_S
        if not self._died and not silent:
            return False
        self._died = False
        self._rescan = True
        self._close()
        return True

    def _check(self) -> None:
        try:
            sounddevice.check_output_settings(device=self._device, channels=1, samplerate=RATE_HZ, dtype="int16")
        except (sounddevice.PortAudioError, ValueError) as error:
            found = sounddevice.query_devices()
            listed = str(found) if len(found) else "(this machine has none)"
            wish = self._device or "the default device"
            self.trouble, self._rescan = f"Cannot play on {wish}: {error}", True
            log.error("output_missing", extra={"why": f"{self.trouble}. Choose one with --device:\n{listed}"})  # noqa: TRY400

    def _tell_underruns(self) -> None:
        # Here and not where they are counted: a card's callback must not wait for a disk.
        new = self._puller.underruns - self.underruns
        if new:
            self.underruns += new
            log.warning("underrun", extra={"new": new, "since_start": self.underruns})

    def _ask(self, question: Callable[[], None]) -> None:
        self._await_answer()
        self._asked = threading.Thread(target=question, name="portaudio", daemon=True)
        self._asked.start()
        self._await_answer()

    def _await_answer(self) -> None:
        if self._asked is None:
            return
        self._asked.join(ANSWER_S)
        if self._asked.is_alive():
            raise OutputFailed("The sound system does not answer")

    def _open(self) -> None:
        self._refused = ""
        stream = None
        try:
            if self._rescan:
                # PortAudio looks for devices only when it starts: one that came back has another number, or had none.
                sounddevice._terminate()  # noqa: SLF001 - its documented way
                sounddevice._initialize()  # noqa: SLF001
            stream = sounddevice.OutputStream(
                device=self._device,
                samplerate=RATE_HZ,
                channels=1,
                dtype="int16",
                latency=LATENCY_S,
                callback=self._callback,
                finished_callback=self._finished,
            )
            self._puller.begin(stream.latency)
            stream.start()
            self._stream, self._rescan, self.trouble = stream, False, ""
        except (sounddevice.PortAudioError, ValueError) as error:
            self._refused = self.trouble = str(error)
            self._rescan = True
            if stream is not None:
                stream.close(ignore_errors=True)

    def _close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            self._ask(partial(stream.close, ignore_errors=True))
        except OutputFailed as error:
            log.warning("output_not_closed", extra={"why": str(error)})

    def _finished(self) -> None:
        # Called for a stream we closed too; then there is none any more.
        self._died = self._stream is not None

    def _callback(self, out: np.ndarray[Any, Any], frames: int, time: Any, status: sounddevice.CallbackFlags) -> None:
        told = Moment(time.currentTime, time.outputBufferDacTime)
        block = self._puller.pull(frames, told, ran_dry=bool(status.output_underflow))
        out[:, 0] = 0 if block is None else block
