"""The process in which Piper lives. Run as a module; `orders` has the way it is spoken with."""

from functools import lru_cache
from typing import Any

import onnxruntime
from piper import PiperVoice, SynthesisConfig

from audio_out.engines.orders import answer_orders

# Every native phoneme of Vietnamese in espeak-ng's ears, tones among them.
_ALL_SOUNDS = {
    "vi": "Mời bà con thôn Ún Tà về nhà văn hóa xã họp lúc bảy giờ; khuyên trẻ nhỏ, ông già ăn sạch, uống rượu ít, "
    "ngủ kỹ, phòng bệnh sởi, ghé trạm y tế, đi đường rừng, chăn trâu."
}


def speak(order: dict[str, Any]) -> tuple[int, bytes]:
    """Rate in Hz and s16 samples of one sentence.

    Raises:
        ValueError: the voice does not know all sounds of its language.
    """
    voice = _loaded(order["model"])
    config = SynthesisConfig(length_scale=voice.config.length_scale * order["slowness"])
    text = order["text"].replace("[[", "[").replace("]]", "]")  # doubled, they hold phonemes
    return voice.config.sample_rate, b"".join(chunk.audio_int16_bytes for chunk in voice.synthesize(text, config))


@lru_cache(maxsize=1)
def _loaded(model: str) -> PiperVoice:
    voice = PiperVoice.load(model)
    if missing := _missing(voice):
        raise ValueError(f"it does not know these sounds of its language: {' '.join(missing)}")
    return voice


def _missing(voice: PiperVoice) -> list[str]:
    """Phonemes that would be left out in silence, or asked for beyond the model's table (rhasspy/piper#60)."""
    text = _ALL_SOUNDS.get(voice.config.espeak_voice.partition("-")[0], "")
    known = {
        phoneme for phoneme, ids in voice.config.phoneme_id_map.items() if ids and max(ids) < voice.config.num_symbols
    }
    return sorted({phoneme for phonemes in voice.phonemize(text) for phoneme in phonemes} - known)


if __name__ == "__main__":
    onnxruntime.disable_telemetry_events()  # it reports to its makers on Windows
    answer_orders(speak)
