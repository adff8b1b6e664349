"""Piper's neural voices, which need no network, in a child process.

Its phonemiser is not thread-safe, a model from a stick is a stranger's file, and only a process can be stopped in the
middle of a sentence. It never says a sentence twice the same to the sample, for its models add noise by design; a
sentence that stays the same comes from the cache.
"""

import json
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Final

from audio_out.codecs import Pcm
from audio_out.engines.base import FOREVER, examined
from audio_out.engines.children import Children, Order
from audio_out.errors import EngineMissing, UnknownVoice, VoiceDamaged
from audio_out.voicebox import ENGINE, InstalledVoice, Voicebox, sha256_of
from audio_out.voices import Pace, Voice
from content.kernel.units import Sha256

NAME: Final = ENGINE
HOW_TO_INSTALL: Final = 'pip install "village-broadcaster[server,piper]"'
_SLOWNESS = {Pace.CALM: 1.0, Pace.SLOW: 1.25}
"""Times the voice's own length of a phoneme; eSpeak's two paces have the same ratio."""
_TIMEOUT_S = 60.0
_COUNT = "1 2 3 4 5"  # said in every language


class Piper:
    """One child, which keeps the voice it spoke with last: a model is 60 MB to read and more to hold."""

    name = NAME

    def __init__(self, voices: Voicebox, timeout_s: float = _TIMEOUT_S) -> None:
        self._voices = voices
        self._children = Children(NAME, "audio_out.engines.piper_child", 1, timeout_s)

    @property
    def pids(self) -> tuple[int, ...]:
        """The child, if it runs now."""
        return self._children.pids

    def fingerprint(self, voice: Voice, pace: Pace) -> str:
        """Names the library, the model, its settings and the pace."""
        record = self._whole(voice)
        return json.dumps([library(), record.sha256, record.config_sha256, _SLOWNESS[pace]])

    def speak(self, sentence: str, voice: Voice, pace: Pace, deadline: float = FOREVER) -> Pcm:
        """The sentence spoken; an alert does not wait for a model that loads slowly."""
        library()
        self._whole(voice)
        order: Order = {"text": sentence, "model": str(self._voices.model(voice.name)), "slowness": _SLOWNESS[pace]}
        return examined(self._children.speak(order, deadline), sentence, NAME)

    def close(self) -> None:
        """End the child."""
        self._children.close()

    def _whole(self, voice: Voice) -> InstalledVoice:
        """The voice's record; its files are held against it whenever they changed."""
        try:
            record = self._voices.find(voice.name)
            model = self._voices.model(voice.name)
            digests = _digest_of(model), _digest_of(model.with_name(f"{model.name}.json"))
        except (UnknownVoice, OSError) as error:
            raise EngineMissing(engine=NAME, detail=f"voice {voice.name}: {error}") from error
        if digests != (record.sha256, record.config_sha256):
            raise VoiceDamaged(engine=NAME, voice=voice.name, detail=f"voice {voice.name}")
        return record


def library() -> str:
    """The version of the library. Raises EngineMissing, with how to install it."""
    try:
        return metadata.version("piper-tts")
    except metadata.PackageNotFoundError:
        raise EngineMissing(engine=NAME, detail=HOW_TO_INSTALL) from None


def try_out(voices: Voicebox, voice: Voice) -> None:
    """Load the voice and let it count to five. Raises EngineFailed if nothing usable comes."""
    engine = Piper(voices)
    try:
        engine.speak(_COUNT, voice, Pace.CALM)
    finally:
        engine.close()


def _digest_of(path: Path) -> Sha256:
    stat = path.stat()
    return _digest_as_of(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=32)
def _digest_as_of(path: Path, _mtime_ns: int, _size_bytes: int) -> Sha256:
    return sha256_of(path)
