"""A reading or a take becomes a master and a deliverable: the steps of `audio_out` put together, without a database.

A `Studio` holds the voices and the store; a worker process builds one and closes it at its end. A master is FLAC,
immutable, named by its sha256; a deliverable is made from the master and can be made again.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray
from pydub import AudioSegment

from audio_out.chimes import chime
from audio_out.codecs import RATE, Codec, Pcm, decode, encode, mime_of, tags_of
from audio_out.engines.base import FOREVER, Engine
from audio_out.engines.cache import SentenceCache
from audio_out.engines.espeak import Espeak
from audio_out.engines.gtts import Gtts
from audio_out.engines.ladder import Ladder
from audio_out.errors import NothingToSay, RenderCancelled, Silence
from audio_out.mastering import Loudness, loudness_of, master, press
from audio_out.mastering.formats import Format
from audio_out.mastering.horn import Preset, shaped
from audio_out.mastering.limiter import applied, gains
from audio_out.mastering.meter import true_peaks
from audio_out.phrasing import Phrase, phrases
from audio_out.recordings.hearing import energy_by_frame, heard, kept, speech_energy
from audio_out.store import Store
from audio_out.voices import AUTO, ORDER, VOICES, Pace, Voice, by_id, rungs
from content.kernel.priority import Priority
from content.kernel.units import Dbtp, DurationMs, Lufs, Sha256

RECORDING: Final = "recording"
"""The voice of a master that a human spoke."""
BEFORE_MS, AFTER_CHIME_MS, BEFORE_REPEAT_MS, AFTER_MS = 100, 500, 1500, 300
_TIMES_SAID = {Priority.ROUTINE: 1, Priority.IMPORTANT: 1, Priority.EMERGENCY: 2}
_PATIENCE_S = {Priority.ROUTINE: FOREVER, Priority.IMPORTANT: FOREVER, Priority.EMERGENCY: 8.0}
_SAMPLE_PATIENCE_S = 10.0
_TAGS = frozenset({"title", "artist", "language", "comment"})
_SPEECH_RMS = 0.1  # of full scale: chimes are made to fit this
_FADE_MS = 5
_TAKE_FADE_MS = 20  # a take has the noise of its room, which must neither begin nor end with a click
_BUMPS = Dbtp(-1.0)
_LEAD_MS, _TAIL_MS = 30, 80  # kept around what is heard: soft consonants are under any threshold
_HEARD = 0.004  # of the sentence's own peak: -48 dB


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line of the edit list: where in the sound a sentence is said."""

    text: str
    start_ms: DurationMs
    end_ms: DurationMs


@dataclass(frozen=True, slots=True)
class Master:
    """Mastered speech in the store: FLAC, 48 kHz, mono."""

    sha256: Sha256
    duration_ms: DurationMs
    lufs: Lufs
    peak_dbtp: Dbtp
    voice_id: str
    """The voice that spoke; it differs from the wished one when that did not work."""
    wished_voice_id: str
    edit_list: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A master encoded for players, in the store; loudness is that of the encoded file."""

    sha256: Sha256
    mime: str
    size_bytes: int
    duration_ms: DurationMs
    lufs: Lufs
    peak_dbtp: Dbtp


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
        step = _Steps(len(said) + 2, on_progress, cancelled)
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
        return self._finished(track, edit_list, tags, voice, step, len(said))

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
        step = _Steps(3, on_progress, cancelled)
        step.reach(0)
        track, edit_list = assembled_take(decode(self._store.read(take_sha256)), Priority(urgency))
        step.reach(1)
        tags = {"title": title, "artist": RECORDING, "language": language, "comment": f"sha256 {take_sha256}"}
        return self._finished(track, edit_list, tags, RECORDING, step, 1)

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
        return self._pressed(shaped(decode(data), Preset(preset)), Codec(codec), tags, lambda: None)

    def sample(self, sentence: str, *, language: str, voice: str, preset: Preset = Preset.PLAIN) -> bytes:
        """A sentence in exactly this voice, mastered like an announcement but without a chime, as Opus; kept nowhere.

        Raises:
            UnknownVoice: there is none by this name.
            NoVoiceSpoke: it does not speak now.
        """
        chosen = by_id(voice, self._voices())
        spoken = self._ladder.speak([sentence], [chosen], Pace.CALM, patience_s=_SAMPLE_PATIENCE_S).sentences
        track = _Track()
        track.add(_silence(BEFORE_MS), *_levelled([_voiced(sentence) for sentence in spoken]), _silence(AFTER_MS))
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
        track = _Track()
        segments = _levelled([_voiced(sentence) for sentence in speech.sentences])
        for phrase, segment in zip(said, segments, strict=True):
            track.add(segment, _silence(phrase.pause_ms))
        tags = {"title": title, "artist": speech.voice.id, "language": language, "comment": _fingerprint(reading)}
        made = self._in_formats(track.joined(), formats, tags)
        return {form: (deliverable, speech.voice.id) for form, deliverable in made.items()}

    def call_of_take(self, take_sha256: Sha256, formats: Sequence[Format]) -> dict[Format, Deliverable]:
        """A recorded text of an alert, trimmed, once, without a chime, in each format.

        Raises:
            ObjectMissing, ObjectDamaged, Silence: the take is not to be had, or nothing is heard in it.
            LoudnessMissed, StoreFull, StoreNotWritable: not now.
        """
        track = _Track()
        track.add(*_trimmed(decode(self._store.read(take_sha256))), _silence(AFTER_CHIME_MS))
        return self._in_formats(track.joined(), formats, {"artist": RECORDING, "comment": f"sha256 {take_sha256}"})

    def signal(self, urgency: Priority, formats: Sequence[Format]) -> dict[Format, Deliverable]:
        """The chime of this urgency (an emergency's is the siren) as a sound of its own, in each format."""
        track = _Track()
        track.add(_silence(BEFORE_MS), _segment(chime(urgency)), _silence(AFTER_CHIME_MS))
        return self._in_formats(track.joined(), formats, {"title": urgency})

    def answers(self, voice: Voice) -> bool:
        """Whether a voice speaks now; it is really asked."""
        return self._ladder.answers(voice, patience_s=_SAMPLE_PATIENCE_S)

    def close(self) -> None:
        """End the engines' processes."""
        self._ladder.close()

    def _finished(
        self, track: Pcm, edit_list: tuple[Spoken, ...], tags: dict[str, str], wished: str, step: "_Steps", done: int
    ) -> tuple[Master, Deliverable]:
        """Master a track and keep it; the steps `done + 1` and `done + 2`. The artist is the voice."""
        mastered = master(track)
        step.reach(done + 1)
        with ThreadPoolExecutor(1, "keeping") as aside:
            keeping = aside.submit(self._kept, mastered, tags)
            deliverable = self._pressed(mastered, Codec.OPUS, tags, step.ask)
            sha256, loudness = keeping.result()
        step.reach(done + 2)
        kept = Master(
            sha256=sha256,
            duration_ms=mastered.duration_ms,
            lufs=loudness.lufs,
            peak_dbtp=loudness.peak_dbtp,
            voice_id=tags["artist"],
            wished_voice_id=wished,
            edit_list=edit_list,
        )
        return kept, deliverable

    def _in_formats(self, track: Pcm, formats: Sequence[Format], tags: dict[str, str]) -> dict[Format, Deliverable]:
        mastered = master(track)
        return {form: self._pressed(shaped(mastered, form.preset), form.codec, tags, lambda: None) for form in formats}

    def _kept(self, mastered: Pcm, tags: dict[str, str]) -> tuple[Sha256, Loudness]:
        return self._store.put(encode(mastered, Codec.FLAC, tags)), loudness_of(mastered)

    def _pressed(
        self, mastered: Pcm, codec: Codec, tags: dict[str, str], before_each: Callable[[], None]
    ) -> Deliverable:
        pressed = press(mastered, codec, tags, before_each)
        return Deliverable(
            sha256=self._store.put(pressed.data),
            mime=mime_of(codec),
            size_bytes=len(pressed.data),
            duration_ms=mastered.duration_ms,
            lufs=pressed.loudness.lufs,
            peak_dbtp=pressed.loudness.peak_dbtp,
        )


def assembled(said: Sequence[Phrase], sentences: Sequence[Pcm], urgency: Priority) -> tuple[Pcm, tuple[Spoken, ...]]:
    """Chime, sentences and pauses as one track at 48 kHz, and where each sentence is in it."""
    voiced = _levelled([_voiced(sentence) for sentence in sentences])
    track = _Track()
    track.add(_silence(BEFORE_MS), _segment(chime(urgency)), _silence(AFTER_CHIME_MS))
    edit_list: list[Spoken] = []
    for turn in range(_TIMES_SAID[urgency]):
        if turn:
            track.add(_silence(BEFORE_REPEAT_MS))
        for at, (phrase, segment) in enumerate(zip(said, voiced, strict=True)):
            start_ms = track.end_ms
            track.add(segment)
            edit_list.append(Spoken(phrase.text, start_ms, track.end_ms))
            track.add(_silence(phrase.pause_ms if at + 1 < len(said) else 0))
    track.add(_silence(AFTER_MS))
    return track.joined(), tuple(edit_list)


def assembled_take(take: Pcm, urgency: Priority) -> tuple[Pcm, tuple[Spoken, ...]]:
    """Chime and take as one track at 48 kHz, and where the take is in it: a line without text each time.

    Raises:
        Silence: nothing can be heard in it.
    """
    pieces = _trimmed(take)
    track = _Track()
    track.add(_silence(BEFORE_MS), _segment(chime(urgency)), _silence(AFTER_CHIME_MS))
    edit_list: list[Spoken] = []
    for turn in range(_TIMES_SAID[urgency]):
        if turn:
            track.add(_silence(BEFORE_REPEAT_MS))
        start_ms = track.end_ms
        track.add(*pieces)
        edit_list.append(Spoken("", start_ms, track.end_ms))
    track.add(_silence(AFTER_MS))
    return track.joined(), tuple(edit_list)


class _Track:
    """Segments in a row, joined once at the end: adding sounds to each other copies all of them every time."""

    def __init__(self) -> None:
        self._raw: list[bytes] = []
        self._samples = 0

    @property
    def end_ms(self) -> DurationMs:
        return DurationMs(round(self._samples * 1000 / RATE))

    def add(self, *segments: AudioSegment) -> None:
        for segment in segments:
            self._raw.append(segment.raw_data)
            self._samples += len(segment.raw_data) // 2

    def joined(self) -> Pcm:
        return Pcm(np.frombuffer(b"".join(self._raw), np.int16), RATE)


class _Steps:
    """Progress that never goes back, and the question whether to stop, asked at each step."""

    def __init__(self, total: int, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> None:
        self._total, self._on_progress, self._cancelled = total, on_progress, cancelled
        self._done = -1

    def reach(self, done: int) -> None:
        self.ask()
        if done > self._done:
            self._done = done
            self._on_progress(done, self._total)

    def ask(self) -> None:
        if self._cancelled():
            raise RenderCancelled


def _voiced(sentence: Pcm) -> NDArray[np.float32]:
    """A sentence at 48 kHz from its first sound to its last, without direct current."""
    sound = sentence.samples.astype(np.float32)
    sound -= sound.mean()
    heard = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * _HEARD)
    start = max(0, heard[0] - _LEAD_MS * sentence.rate // 1000)
    resampled: NDArray[np.float32] = soxr.resample(
        sound[start : heard[-1] + _TAIL_MS * sentence.rate // 1000], sentence.rate, RATE
    )
    return resampled


def _levelled(sentences: Sequence[NDArray[np.float32]]) -> list[AudioSegment]:
    """All sentences with one gain, so that they fit the chime and keep their loudness to each other."""
    rms = np.sqrt(sum(float(np.vdot(each, each)) for each in sentences) / sum(map(len, sentences)))
    gain = np.float32(_SPEECH_RMS * 32768 / rms)
    return [
        _segment(np.clip(each * gain, -32768, 32767).astype(np.int16)).fade_in(_FADE_MS).fade_out(_FADE_MS)
        for each in sentences
    ]


def _trimmed(take: Pcm) -> list[AudioSegment]:
    """What is aired of a take, with one gain that makes it fit the chime, and without direct current."""
    sound = take.samples * np.float32(1 / 32768)
    sound -= sound.mean()
    energy = energy_by_frame([sound])
    pieces = kept(heard(energy), take.duration_ms)
    if not pieces:
        raise Silence
    gain_db = 20 * float(np.log10(_SPEECH_RMS / np.sqrt(speech_energy(energy))))
    # A bump against the microphone may stand far over the speech: held down, it is not clipped.
    sound = applied(gains(true_peaks(sound), gain_db, _BUMPS), sound)
    sound *= np.float32(32768)
    samples = sound.astype(np.int16)
    cut = (samples[start * RATE // 1000 : end * RATE // 1000] for start, end in pieces)
    return [_segment(piece).fade_in(_TAKE_FADE_MS).fade_out(_TAKE_FADE_MS) for piece in cut]


def _segment(samples: NDArray[np.int16]) -> AudioSegment:
    return AudioSegment(samples.tobytes(), sample_width=2, frame_rate=RATE, channels=1)


def _silence(duration_ms: int) -> AudioSegment:
    return AudioSegment.silent(duration_ms, frame_rate=RATE)


def _fingerprint(reading: str) -> str:
    return f"sha256 {hashlib.sha256(reading.encode()).hexdigest()}"
