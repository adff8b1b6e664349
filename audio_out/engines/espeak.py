"""eSpeak NG, the voice that is always there: not thread-safe and full of state, so in child processes."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

import espeakng_loader

from audio_out.codecs import Pcm
from audio_out.engines.base import FOREVER, examined
from audio_out.engines.children import Children, Order
from audio_out.errors import EngineMissing
from audio_out.voices import Pace, Voice

NAME: Final = "espeak"
_RATES = {Pace.CALM: 130, Pace.SLOW: 105}
_SHAPE = {"pitch": 50, "range": 90, "gap": 0}
"""Words a minute and the rest. Source: recogniser's word errors over 25 variants, design, speech.md."""
_TIMEOUT_S = 20.0


class Espeak:
    """A small pool of children."""

    name = NAME

    def __init__(self, children: int = 2, timeout_s: float = _TIMEOUT_S) -> None:
        self._children = Children(NAME, "audio_out.engines.espeak_child", children, timeout_s)

    @property
    def pids(self) -> tuple[int, ...]:
        """The children that run now, for the logs and the tests."""
        return self._children.pids

    def fingerprint(self, voice: Voice, pace: Pace) -> str:
        """Names the library's data and the way of speaking."""
        return json.dumps([_model_hash(voice.name), _RATES[pace], _SHAPE])

    def speak(self, sentence: str, voice: Voice, pace: Pace, deadline: float = FOREVER) -> Pcm:  # noqa: ARG002
        """The sentence spoken; it needs no deadline, being the last that can speak and quick."""
        order: Order = {"text": sentence, "voice": voice.name, "rate": _RATES[pace], **_SHAPE}
        return examined(self._children.speak(order), sentence, NAME)

    def close(self) -> None:
        """End the children."""
        self._children.close()


@cache
def _model_hash(voice_name: str) -> str:
    """Over all the data that shapes this voice: another version of them is another voice."""
    base, _, variant = voice_name.partition("+")
    data = Path(espeakng_loader.get_data_path())
    files = [data / name for name in ("phontab", "phonindex", "phondata", "intonations", f"{base}_dict")]
    files += sorted(data.glob(f"lang/*/{base}"))
    files += [data / "voices" / "!v" / variant] if variant else []
    digest = hashlib.sha256()
    try:
        for file in files:
            digest.update(file.read_bytes())
    except OSError as error:
        raise EngineMissing(engine=NAME, detail=str(error)) from error
    return digest.hexdigest()
