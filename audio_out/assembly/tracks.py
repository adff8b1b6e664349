"""What sounds in an announcement, in which order, and where in it each sentence is said."""

from collections.abc import Sequence
from dataclasses import dataclass

from audio_out.assembly.segments import Track, levelled, segment, silence, trimmed, voiced
from audio_out.chimes import chime
from audio_out.codecs import Pcm
from audio_out.phrasing import Phrase
from content.kernel.priority import Priority
from content.kernel.units import DurationMs

BEFORE_MS, AFTER_CHIME_MS, BEFORE_REPEAT_MS, AFTER_MS = 100, 500, 1500, 300
_TIMES_SAID = {Priority.ROUTINE: 1, Priority.IMPORTANT: 1, Priority.EMERGENCY: 2}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line of the edit list: where in the sound a sentence is said."""

    text: str
    start_ms: DurationMs
    end_ms: DurationMs


def assembled(said: Sequence[Phrase], sentences: Sequence[Pcm], urgency: Priority) -> tuple[Pcm, tuple[Spoken, ...]]:
    """Chime, sentences and pauses as one track at 48 kHz, and where each sentence is in it."""
    sounding = levelled([voiced(sentence) for sentence in sentences])
    track = Track()
    track.add(silence(BEFORE_MS), segment(chime(urgency)), silence(AFTER_CHIME_MS))
    edit_list: list[Spoken] = []
    for turn in range(_TIMES_SAID[urgency]):
        if turn:
            track.add(silence(BEFORE_REPEAT_MS))
        for at, (phrase, sentence) in enumerate(zip(said, sounding, strict=True)):
            start_ms = track.end_ms
            track.add(sentence)
            edit_list.append(Spoken(phrase.text, start_ms, track.end_ms))
            track.add(silence(phrase.pause_ms if at + 1 < len(said) else 0))
    track.add(silence(AFTER_MS))
    return track.joined(), tuple(edit_list)


def assembled_take(take: Pcm, urgency: Priority) -> tuple[Pcm, tuple[Spoken, ...]]:
    """Chime and take as one track at 48 kHz, and where the take is in it: a line without text each time.

    Raises:
        Silence: nothing can be heard in it.
    """
    pieces = trimmed(take)
    track = Track()
    track.add(silence(BEFORE_MS), segment(chime(urgency)), silence(AFTER_CHIME_MS))
    edit_list: list[Spoken] = []
    for turn in range(_TIMES_SAID[urgency]):
        if turn:
            track.add(silence(BEFORE_REPEAT_MS))
        start_ms = track.end_ms
        track.add(*pieces)
        edit_list.append(Spoken("", start_ms, track.end_ms))
    track.add(silence(AFTER_MS))
    return track.joined(), tuple(edit_list)
