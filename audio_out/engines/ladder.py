"""From the best voice down to the one that is always there: never silence, and never a silent success."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from audio_out.codecs import Pcm
from audio_out.engines.base import FOREVER, Engine
from audio_out.engines.cache import SentenceCache, key_of
from audio_out.errors import EngineFailed, EngineMissing, NoVoiceSpoke
from audio_out.voices import Pace, Voice

log = logging.getLogger(__name__)
_TRIAL = "Xin chào bà con."


@dataclass(frozen=True, slots=True)
class Speech:
    """Sentences spoken, in order, all by one voice."""

    sentences: tuple[Pcm, ...]
    voice: Voice


class Ladder:
    """The engines at hand and the cache before them."""

    def __init__(
        self, engines: Iterable[Engine], cache: SentenceCache, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._engines = {engine.name: engine for engine in engines}
        self._cache, self._monotonic = cache, monotonic

    def speak(
        self,
        sentences: Sequence[str],
        voices: Sequence[Voice],
        pace: Pace,
        *,
        patience_s: float = FOREVER,
        on_sentence: Callable[[int], None] = lambda _done: None,
    ) -> Speech:
        """All sentences by the first voice that speaks every one of them; a change midway would sound broken.

        Args:
            sentences: each is one synthesis.
            voices: from the wished one down.
            pace: how fast.
            patience_s: how long to wait for an engine that is far away.
            on_sentence: told how many are done; what it raises ends the work.

        Raises:
            NoVoiceSpoke: every voice failed.
        """
        deadline = self._monotonic() + patience_s
        failures: list[EngineFailed] = []
        for voice in voices:
            try:
                spoken = []
                for done, sentence in enumerate(sentences):
                    on_sentence(done)
                    spoken.append(self._one(sentence, voice, pace, deadline))
                return Speech(tuple(spoken), voice)
            except EngineFailed as failure:
                log.warning("ladder.rung_failed", extra={"voice": voice.id, "error": str(failure)})
                failures.append(failure)
        raise NoVoiceSpoke(reasons="; ".join(str(failure) for failure in failures)) from failures[-1]

    def answers(self, voice: Voice, *, patience_s: float) -> bool:
        """Whether a voice speaks now: really asked, never the cache."""
        engine = self._engines.get(voice.engine)
        try:
            return engine is not None and bool(
                len(engine.speak(_TRIAL, voice, Pace.CALM, self._monotonic() + patience_s).samples)
            )
        except EngineFailed as failure:
            log.info("ladder.no_answer", extra={"voice": voice.id, "error": str(failure)})
            return False

    def close(self) -> None:
        """Close the engines."""
        for engine in self._engines.values():
            engine.close()

    def _one(self, sentence: str, voice: Voice, pace: Pace, deadline: float) -> Pcm:
        engine = self._engines.get(voice.engine)
        if engine is None:
            raise EngineMissing(engine=voice.engine, detail="not set up")
        key = key_of(voice.id, engine.fingerprint(voice, pace), sentence)
        speech = self._cache.get(key)
        if speech is None:
            speech = engine.speak(sentence, voice, pace, deadline)
            self._cache.put(key, speech)
        return speech
