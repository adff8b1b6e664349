"""A real voice for the tests of recordings."""

import numpy as np
import pytest
import soxr

from audio_out.voices import VOICES, Pace
from tests.audio_out.recordings.makers import RATE

SENTENCES = (
    "Ủy ban nhân dân xã Cốc San thông báo: sáng thứ bảy, toàn xã tổng vệ sinh đường làng, ngõ xóm.",
    "Mỗi hộ cử một người, mang theo cuốc, xẻng và chổi.",
    "Tập trung tại nhà văn hóa thôn lúc bảy giờ sáng.",
)


@pytest.fixture(scope="session")
def speech(espeak) -> np.ndarray:
    """A quarter of a minute of speech with pauses, 48 kHz, peaks at half of full scale."""
    voice = next(voice for voice in VOICES if voice.engine == "espeak")
    said = [espeak.speak(sentence, voice, Pace.CALM) for sentence in SENTENCES]
    pause = np.zeros(RATE // 2)
    sound = np.concatenate(
        [part for pcm in said for part in (soxr.resample(pcm.samples / 32768, pcm.rate, RATE), pause)]
    )
    return sound / np.abs(sound).max() / 2
