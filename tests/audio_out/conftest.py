"""Voices and studios for the tests of audio: eSpeak is real, the counting engine is quick."""

from collections.abc import Iterator

import numpy as np
import pytest

from audio_out.assembly import Studio
from audio_out.codecs import Pcm
from audio_out.engines.base import FOREVER
from audio_out.engines.espeak import Espeak
from audio_out.errors import EngineFailed
from audio_out.store import Store
from audio_out.voices import Pace, Voice
from content.kernel.units import Hz

PARAGRAPH = (
    "Ủy ban nhân dân xã Cốc San thông báo: sáng thứ bảy, toàn xã tổng vệ sinh đường làng, ngõ xóm. "
    "Mỗi hộ cử một người, mang theo cuốc, xẻng và chổi. Tập trung tại nhà văn hóa thôn lúc bảy giờ sáng.\n\n"
    "Đề nghị bà con đi đông đủ, đúng giờ!"
)


class Humming:
    """An engine that hums each sentence for as long as it should last, and counts."""

    def __init__(self, name: str, failing: EngineFailed | None = None) -> None:
        self.name, self.failing = name, failing
        self.said: list[str] = []
        self.closed = False

    def fingerprint(self, voice: Voice, pace: Pace) -> str:
        return f"hum {voice.name} {pace}"

    def speak(self, sentence: str, voice: Voice, pace: Pace, deadline: float = FOREVER) -> Pcm:  # noqa: ARG002
        self.said.append(sentence)
        if self.failing is not None:
            raise self.failing
        time_s = np.arange(round(0.3 * len(sentence.split()) * 16_000)) / 16_000
        syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * time_s)
        return Pcm((6000 * syllables * np.sin(2 * np.pi * 300 * time_s)).astype(np.int16), Hz(16_000))

    def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="session")
def espeak() -> Iterator[Espeak]:
    engine = Espeak(children=1)
    yield engine
    engine.close()


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "objects")


@pytest.fixture
def studio(store, espeak, tmp_path) -> Studio:
    return Studio(store, tmp_path / "speech", engines=[espeak], order=["espeak"])
