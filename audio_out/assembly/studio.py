"""A reading or a take becomes a master and a deliverable: the steps put together."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from audio_out.assembly.keeping import Deliverable, Keeping, Master
from audio_out.assembly.segments import Track, levelled, segment, silence, trimmed, voiced
from audio_out.assembly.steps import Steps
from audio_out.assembly.tracks import AFTER_CHIME_MS, AFTER_MS, BEFORE_MS, assembled, assembled_take
from audio_out.chimes import chime
from audio_out.codecs import Codec, decode, tags_of
from audio_out.engines.base import FOREVER, Engine
from audio_out.engines.cache import SentenceCache
from audio_out.engines.espeak import Espeak
from audio_out.engines.gtts import Gtts
from audio_out.engines.ladder import Ladder
from audio_out.errors import NothingToSay
from audio_out.mastering import master, press
from audio_out.mastering.formats import Format
from audio_out.mastering.horn import Preset, shaped
from audio_out.phrasing import phrases
from audio_out.store import Store
from audio_out.voices import AUTO, ORDER, VOICES, Pace, Voice, by_id, rungs
from content.kernel.priority import Priority
from content.kernel.units import Sha256

RECORDING: Final = "recording"
"""The voice of a master that a human spoke."""
_PATIENCE_S = {Priority.ROUTINE: FOREVER, Priority.IMPORTANT: FOREVER, Priority.EMERGENCY: 8.0}
_SAMPLE_PATIENCE_S = 10.0
_TAGS = frozenset({"title", "artist", "language", "comment"})


class Studio:
    """Everything that is needed to speak; may be used from several threads."""

    def __init__(
        self,
        store: Store,
        cache_dir: Path,
        *,
        order: Sequence[str] = ORDER,
        engines: Iterable[Engine] | None = None,
        voices: Callable[[], Sequence[Voice]] = lambda: VOICES,
        cache_bytes: int = 2 << 30,
    ) -> None:
        """`voices` is asked at each rendering, so that a voice installed meanwhile is used."""
        self._keeping = Keeping(store)
        self._store, self._order, self._voices = store, tuple(order), voices
        at_hand = (Gtts(), Espeak()) if engines is None else engines
        self._ladder = Ladder(at_hand, SentenceCache(cache_dir, cache_bytes))

    def render(
        self,
        reading: str,
        *,
        language: str = "vi",
        voice: str = AUTO,
        pace: Pace = Pace.CALM,
        urgency: Priority = Priority.ROUTINE,
        title: str = "",
        on_progress: Callable[[int, int], None] = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> tuple[Master, Deliverable]:
        """Speak, master and keep a reading, and its default deliverable (Opus) with it.

        Args:
            reading: spoken Vietnamese, no abbreviations or figures.
            language: BCP 47.
            voice: a voice id, or `auto` for the best that works now.
            pace: how fast; what is an emergency is always read slowly.
            urgency: chime and how often the text is said; a plain string will do.
            title: written into the files.
            on_progress: told (steps done, steps in all) between steps, never backwards.
            cancelled: asked between steps.

        Raises:
            NothingToSay, NoVoice, UnknownVoice: the wish cannot be met.
            NoVoiceSpoke, LoudnessMissed, StoreFull, StoreNotWritable: not now.
            RenderCancelled: `cancelled` said so.
        """
        urgency = Priority(urgency)
        said = phrases(reading)
        if not said:
            raise NothingToSay
        step = Steps(len(said) + 2, on_progress, cancelled)
        speech = self._ladder.speak(
            [phrase.text for phrase in said],
            rungs(voice, language, self._order, self._voices()),
            Pace.SLOW if urgency == Priority.EMERGENCY else pace,
            patience_s=_PATIENCE_S[urgency],
            on_sentence=step.reach,
        )
        track, edit_list = assembled(said, speech.sentences, urgency)
        step.reach(len(said))
        tags = {"title": title, "artist": speech.voice.id, "language": language, "comment": _fingerprint(reading)}
        return self._keeping.finished(track, edit_list, tags, voice, step, len(said))

    def render_take(
        self,
        take_sha256: Sha256,
        *,
        language: str = "vi",
        urgency: Priority = Priority.ROUTINE,
        title: str = "",
        on_progress: Callable[[int, int], None] = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> tuple[Master, Deliverable]:
        """Trim, master and keep a recording's take, and its default deliverable (Opus) with it.

        Silence at its ends goes, but for 150 ms, and holes over 2 s are shortened to 2 s: speech is never cut. The same
        take gives the same master. The edit list has one line without text for each time that it is heard.

        Args:
            take_sha256: the decoded take in the store (`recordings.receive`).
            language: BCP 47, written into the files.
            urgency: chime, and how often the take is heard; a plain string will do.
            title: written into the files.
            on_progress: told (steps done, steps in all) between steps, never backwards.
            cancelled: asked between steps.

        Raises:
            ObjectMissing, ObjectDamaged: the take is not to be had.
            Silence: nothing can be heard in it.
            LoudnessMissed, StoreFull, StoreNotWritable: not now.
            RenderCancelled: `cancelled` said so.
        """
        step = Steps(3, on_progress, cancelled)
        step.reach(0)
        track, edit_list = assembled_take(decode(self._store.read(take_sha256)), Priority(urgency))
        step.reach(1)
        tags = {"title": title, "artist": RECORDING, "language": language, "comment": f"sha256 {take_sha256}"}
        return self._keeping.finished(track, edit_list, tags, RECORDING, step, 1)

    def deliver(
        self, master_sha256: Sha256, *, codec: Codec = Codec.OPUS, preset: Preset = Preset.PLAIN
    ) -> Deliverable:
        """Shape and encode a stored master; the same master, codec and preset give the same file.

        Raises:
            ObjectMissing, ObjectDamaged: the master is not to be had.
            Silence: nothing is left of it in the horn's band.
            LoudnessMissed, StoreFull, StoreNotWritable: not now.
        """
        data = self._store.read(master_sha256)
        tags = {name: text for name, text in tags_of(data).items() if name in _TAGS}
        return self._keeping.pressed(shaped(decode(data), Preset(preset)), Codec(codec), tags, lambda: None)

    def sample(self, sentence: str, *, language: str, voice: str, preset: Preset = Preset.PLAIN) -> bytes:
        """A sentence in exactly this voice, mastered like an announcement but without a chime, as Opus; kept nowhere.

        Raises:
            UnknownVoice: there is none by this name.
            NoVoiceSpoke: it does not speak now.
        """
        chosen = by_id(voice, self._voices())
        spoken = self._ladder.speak([sentence], [chosen], Pace.CALM, patience_s=_SAMPLE_PATIENCE_S).sentences
        track = Track()
        track.add(silence(BEFORE_MS), *levelled([voiced(sentence) for sentence in spoken]), silence(AFTER_MS))
        tags = {"artist": voice, "language": language}
        return press(shaped(master(track.joined()), Preset(preset)), Codec.OPUS, tags, lambda: None).data

    def call(
        self, reading: str, formats: Sequence[Format], *, language: str = "vi", title: str = "", at_once: bool = False
    ) -> dict[Format, tuple[Deliverable, str]]:
        """A text of an alert, once and slowly, without a chime, in each format, with the voice's id; no master is kept.

        Args:
            reading: spoken Vietnamese, no abbreviations or figures.
            formats: what players of its villages take.
            language: BCP 47.
            title: written into the files.
            at_once: by the last voice of the order, which is always there and quick.

        Raises:
            NothingToSay, NoVoice: the wish cannot be met.
            NoVoiceSpoke, LoudnessMissed, StoreFull, StoreNotWritable: not now.
        """
        said = phrases(reading)
        if not said:
            raise NothingToSay
        voices = rungs(AUTO, language, self._order, self._voices())
        speech = self._ladder.speak(
            [phrase.text for phrase in said],
            voices[-1:] if at_once else voices,
            Pace.SLOW,
            patience_s=_PATIENCE_S[Priority.EMERGENCY],
        )
        track = Track()
        segments = levelled([voiced(sentence) for sentence in speech.sentences])
        for phrase, sounding in zip(said, segments, strict=True):
            track.add(sounding, silence(phrase.pause_ms))
        tags = {"title": title, "artist": speech.voice.id, "language": language, "comment": _fingerprint(reading)}
        made = self._keeping.in_formats(track.joined(), formats, tags)
        return {form: (deliverable, speech.voice.id) for form, deliverable in made.items()}

    def call_of_take(self, take_sha256: Sha256, formats: Sequence[Format]) -> dict[Format, Deliverable]:
        """A recorded text of an alert, trimmed, once, without a chime, in each format.

        Raises:
            ObjectMissing, ObjectDamaged, Silence: the take is not to be had, or nothing is heard in it.
            LoudnessMissed, StoreFull, StoreNotWritable: not now.
        """
        track = Track()
        track.add(*trimmed(decode(self._store.read(take_sha256))), silence(AFTER_CHIME_MS))
        return self._keeping.in_formats(
            track.joined(), formats, {"artist": RECORDING, "comment": f"sha256 {take_sha256}"}
        )

    def signal(self, urgency: Priority, formats: Sequence[Format]) -> dict[Format, Deliverable]:
        """The chime of this urgency (an emergency's is the siren) as a sound of its own, in each format."""
        track = Track()
        track.add(silence(BEFORE_MS), segment(chime(urgency)), silence(AFTER_CHIME_MS))
        return self._keeping.in_formats(track.joined(), formats, {"title": urgency})

    def answers(self, voice: Voice) -> bool:
        """Whether a voice speaks now; it is really asked."""
        return self._ladder.answers(voice, patience_s=_SAMPLE_PATIENCE_S)

    def close(self) -> None:
        """End the engines' processes."""
        self._ladder.close()


def _fingerprint(reading: str) -> str:
    return f"sha256 {hashlib.sha256(reading.encode()).hexdigest()}"
