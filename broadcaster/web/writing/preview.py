"""What will be said, cut into pieces that a page can mark. Values in, values out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from content import reading
from content.importing import LONGEST_TEXT
from content.kernel.units import DurationMs

_SYLLABLES_PER_S = 3.05
_PAUSE_S = 0.7
"""An announcer's calm pace. Source: design, speech.md."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Some words to be spoken; `written` is how they stood in the text where that differs."""

    spoken: str
    written: str | None = None

    @property
    def can_be_taught(self) -> bool:
        """Whether it holds a word or a number, and not a sign alone."""
        return any(char.isalnum() for char in self.written or "")


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as it will be heard: pieces in order, doubts, and about how long it takes."""

    segments: tuple[Segment, ...]
    warnings: tuple[reading.ReadingWarning, ...]
    length_ms: DurationMs

    @property
    def changes(self) -> tuple[Segment, ...]:
        """The pieces that are said otherwise than written, each once."""
        return tuple(dict.fromkeys(segment for segment in self.segments if segment.written is not None))


def preview(text: str, today: date, frozen: str | None = None, lexicon: Sequence[reading.LexiconEntry] = ()) -> Preview:
    """How a text is read today, or how it was read when it was frozen.

    Where today's rules read it otherwise than then, the frozen words are shown without marks.
    """
    read = reading.read(text[:LONGEST_TEXT], lexicon, today=today)
    if frozen is not None and frozen != read.spoken:
        return Preview((Segment(frozen),), read.warnings, _length(frozen))
    return Preview(tuple(_segments(read)), read.warnings, _length(read.spoken))


def _segments(read: reading.Reading) -> Iterator[Segment]:
    place = 0
    for span in read.spans:
        if span.start > place:
            yield Segment(read.written[place : span.start])
        yield Segment(span.spoken, span.written)
        place = span.end
    if place < len(read.written):
        yield Segment(read.written[place:])


def _length(spoken: str) -> DurationMs:
    pauses = sum(spoken.count(sign) for sign in ".!?\n")
    return DurationMs(round(1000 * (len(spoken.split()) / _SYLLABLES_PER_S + _PAUSE_S * pauses)))
