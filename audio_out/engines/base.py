"""What every voice engine does, and the measurements that its speech must pass."""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio_out.codecs import Pcm
from audio_out.errors import SpeechRejected
from audio_out.voices import Pace, Voice

FOREVER = math.inf

SHORTEST_SYLLABLE_S = 0.1
LONGEST_SYLLABLE_S = 1.0
_GRACE_S = 2.0
_LONGEST_HOLE_S = 1.5
_WINDOW_S = 0.05
_AUDIBLE_DBFS = -50.0
_LETTERS_OF_A_SYLLABLE = 7  # "nghiêng"


class Engine(Protocol):
    """One way to make speech. Engines are used from several threads at once."""

    name: str

    def fingerprint(self, voice: Voice, pace: Pace) -> str:
        """Names everything beside the sentence that shapes the sound: model, version, rate, options.

        Raises:
            EngineFailed: the engine is not here.
        """
        ...

    def speak(self, sentence: str, voice: Voice, pace: Pace, deadline: float = FOREVER) -> Pcm:
        """The sentence spoken, at the engine's own rate; `deadline` is on the ladder's monotonic clock.

        Raises:
            EngineFailed: no usable speech came.
        """
        ...

    def close(self) -> None:
        """Give processes and the like back; the engine is not used after."""
        ...


def examined(speech: Pcm, sentence: str, engine: str) -> Pcm:
    """The same speech, if it can be that sentence.

    Vietnamese has a syllable per word; 0.1 s is twice as fast as any announcer, 1 s is a word spelled out.

    Raises:
        SpeechRejected: it is empty, silent, too short, too long, or has a hole in it.
    """
    levels = _levels_dbfs(speech)
    audible = np.flatnonzero(levels > _AUDIBLE_DBFS)
    if not len(audible):
        raise SpeechRejected(engine=engine, detail="empty" if not len(speech.samples) else "silent")
    voiced_s = (audible[-1] - audible[0] + 1) * _WINDOW_S
    syllables = sum(math.ceil(len(word) / _LETTERS_OF_A_SYLLABLE) for word in sentence.split())
    words = sum(any(map(str.isalnum, word)) for word in sentence.split())
    if voiced_s < words * SHORTEST_SYLLABLE_S:
        raise SpeechRejected(engine=engine, detail=f"{voiced_s:.1f} s for {words} words: cut off")
    if voiced_s > _GRACE_S + syllables * LONGEST_SYLLABLE_S:
        raise SpeechRejected(engine=engine, detail=f"{voiced_s:.1f} s for {words} words: too long")
    hole_s = float(np.diff(audible).max(initial=0)) * _WINDOW_S
    if hole_s > _LONGEST_HOLE_S:
        raise SpeechRejected(engine=engine, detail=f"a hole of {hole_s:.1f} s")
    return speech


def _levels_dbfs(speech: Pcm) -> NDArray[np.float64]:
    """Level of each 50 ms without its direct current, which is not sound."""
    size = round(speech.rate * _WINDOW_S)
    whole = len(speech.samples) // size * size
    windows = speech.samples[:whole].reshape(-1, size).astype(np.float64)
    levels: NDArray[np.float64] = 20 * np.log10(windows.std(1) / 32768 + 1e-9)
    return levels
