"""No engine's word is taken for its speech."""

import numpy as np
import pytest

from audio_out.codecs import Pcm
from audio_out.engines.base import examined
from audio_out.errors import SpeechRejected
from content.kernel.units import Hz

RATE = Hz(16_000)
SENTENCE = "Mời bà con đi họp thôn lúc bảy giờ tối."


def hum(seconds: float) -> np.ndarray:
    return (6000 * np.sin(2 * np.pi * 200 * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def test_speech_of_the_right_length_passes():
    """What can be the sentence is handed on unchanged."""
    speech = Pcm(hum(3.0), RATE)
    assert examined(speech, SENTENCE, "test") is speech


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (hum(0), "empty"),
        (np.zeros(3 * RATE, np.int16), "silent"),
        (np.full(3 * RATE, 9000, np.int16), "silent"),
        (hum(0.6), "cut off"),
        (hum(30), "too long"),
        (np.concatenate([hum(1), np.zeros(2 * RATE, np.int16), hum(1)]), "hole"),
        (np.concatenate([hum(0.4), np.zeros(4 * RATE, np.int16)]), "cut off"),
    ],
)
def test_what_cannot_be_the_sentence_is_rejected(samples, why):
    """Empty, silent, direct current, cut off, endless or torn: each is named."""
    with pytest.raises(SpeechRejected, match=why):
        examined(Pcm(samples, RATE), SENTENCE, "test")
