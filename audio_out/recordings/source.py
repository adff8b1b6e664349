"""A foreign file as it was recorded: surveyed once as a whole, then brought to mono without losing the speaker.

It decodes what strangers send, so it runs in the child process only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio_out.codecs import channels_of, resampled
from audio_out.errors import NotAudio, RecordingTooLong
from audio_out.recordings.limits import LONGEST
from content.kernel.units import Hz

_CEILING = 0.985  # of full scale: what a lossy codec makes of a clipped top still reaches it, three samples in a row
_RUNS_IN_A_SECOND = 3
_CANCELLED = 0.3  # of the loudest channel's energy; a channel alone leaves 0.25, the same sound in both 1
_MOST_CHANNELS = 8


@dataclass(slots=True)
class Survey:
    """What must be known of the whole before it is mixed.

    `clipped_at_s` are the seconds in which runs of three samples and more stand at full scale, as converters and
    encoders leave them (a clean take that was brought to full scale shows fewer than one in four seconds).
    """

    seconds: float = 0.0
    clipped_at_s: list[float] = field(default_factory=list)
    _energies: NDArray[np.float64] = field(default_factory=lambda: np.zeros(_MOST_CHANNELS + 1))
    _peaks: NDArray[np.float64] = field(default_factory=lambda: np.zeros(_MOST_CHANNELS + 1))

    def add(self, block: NDArray[np.float32], rate: Hz) -> None:
        """Take in the next second [channels, n]. Raises RecordingTooLong."""
        if _runs_at_full_scale(block) >= _RUNS_IN_A_SECOND:
            self.clipped_at_s.append(round(self.seconds, 1))
        mix = block.mean(0)
        for at, sound in ((_MOST_CHANNELS, mix), *enumerate(block)):
            self._energies[at] += float(np.vdot(sound, sound)) / rate
            self._peaks[at] = max(self._peaks[at], float(np.abs(sound).max()))
        self.seconds += block.shape[1] / rate
        if self.seconds * 1000 > LONGEST:
            raise RecordingTooLong(minutes=LONGEST // 60_000)

    def mixed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """A block as mono: the mean of its channels, or the loudest one where the others would cancel or dilute it.

        A plug of the wrong kind gives the second channel the sound upside down, and the mean of both is silence.
        Peaks over full scale, as lossy codecs make them, are kept whole by lowering the take.
        """
        loudest = int(self._energies[:_MOST_CHANNELS].argmax())
        alone = self._energies[_MOST_CHANNELS] < _CANCELLED * self._energies[loudest] and loudest < len(block)
        peak = self._peaks[loudest if alone else _MOST_CHANNELS]
        sound = block[loudest] if alone else block.mean(0)
        return np.asarray(sound / np.float32(max(1.0, peak)), np.float32)


def surveyed(file: Any) -> Survey:
    """Hear the whole file once.

    Raises:
        NotAudio, RecordingTooLong: it cannot be a take.
    """
    survey = Survey()
    for block, rate in channels_of(file):
        survey.add(block, rate)
    if not survey.seconds:
        raise NotAudio
    return survey


def take_of(file: Any, survey: Survey) -> Iterator[NDArray[np.int16]]:
    """The surveyed file as mono blocks of about a second at 48 kHz."""
    mono = ((survey.mixed(block), rate) for block, rate in channels_of(file))
    for sound in resampled(mono):
        yield np.clip(np.rint(sound * np.float32(32768)), -32768, 32767).astype(np.int16)


def _runs_at_full_scale(block: NDArray[np.float32]) -> int:
    """How often three samples and more in a row stand there, in the channel where it is most often."""
    high = np.abs(block) >= _CEILING
    if not high.any():
        return 0
    three = high[:, 2:] & high[:, 1:-1] & high[:, :-2]
    return int((three[:, 1:] & ~three[:, :-1]).sum(1).max(initial=0))
