"""Tracks mastered, encoded and kept in the store."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from audio_out.assembly.steps import Steps
from audio_out.assembly.tracks import Spoken
from audio_out.codecs import Codec, Pcm, encode, mime_of
from audio_out.mastering import Loudness, loudness_of, master, press
from audio_out.mastering.formats import Format
from audio_out.mastering.horn import shaped
from audio_out.store import Store
from content.kernel.units import Dbtp, DurationMs, Lufs, Sha256


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


class Keeping:
    """Masters and deliverables on their way into one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def finished(
        self, track: Pcm, edit_list: tuple[Spoken, ...], tags: dict[str, str], wished: str, step: Steps, done: int
    ) -> tuple[Master, Deliverable]:
        """Master a track and keep it; the steps `done + 1` and `done + 2`. The artist is the voice."""
        mastered = master(track)
        step.reach(done + 1)
        with ThreadPoolExecutor(1, "keeping") as aside:
            keeping = aside.submit(self._kept, mastered, tags)
            deliverable = self.pressed(mastered, Codec.OPUS, tags, step.ask)
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

    def in_formats(self, track: Pcm, formats: Sequence[Format], tags: dict[str, str]) -> dict[Format, Deliverable]:
        """Master a track and keep what players get of it, in each format; no master is kept."""
        mastered = master(track)
        return {form: self.pressed(shaped(mastered, form.preset), form.codec, tags, lambda: None) for form in formats}

    def _kept(self, mastered: Pcm, tags: dict[str, str]) -> tuple[Sha256, Loudness]:
        return self._store.put(encode(mastered, Codec.FLAC, tags)), loudness_of(mastered)

    def pressed(
        self, mastered: Pcm, codec: Codec, tags: dict[str, str], before_each: Callable[[], None]
    ) -> Deliverable:
        """Encode and keep; `before_each` attempt one may refuse."""
        pressed = press(mastered, codec, tags, before_each)
        return Deliverable(
            sha256=self._store.put(pressed.data),
            mime=mime_of(codec),
            size_bytes=len(pressed.data),
            duration_ms=mastered.duration_ms,
            lufs=pressed.loudness.lufs,
            peak_dbtp=pressed.loudness.peak_dbtp,
        )
