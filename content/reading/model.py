"""The values that reading takes and gives. No rule lives here."""

from dataclasses import dataclass
from enum import StrEnum


class WarningKind(StrEnum):
    """What a writer should look at before anyone hears the text."""

    NO_DIACRITICS = "no_diacritics"
    UNKNOWN_ABBREVIATION = "unknown_abbreviation"
    LONG_SENTENCE = "long_sentence"
    WEEKDAY_MISMATCH = "weekday_mismatch"
    PAST_DATE = "past_date"
    IMPOSSIBLE_DATE = "impossible_date"
    UNREADABLE_SYMBOL = "unreadable_symbol"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Span:
    """One change: `written` at `start:end` of the written text is said as `spoken`, by `rule`."""

    start: int
    end: int
    written: str
    spoken: str
    rule: str


@dataclass(frozen=True, slots=True)
class ReadingWarning:
    """A doubt about `start:end` of the written text; `readings` are the ways it may be meant, the one chosen first."""

    start: int
    end: int
    kind: WarningKind
    written: str
    readings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """A commune's own way to say a word or phrase."""

    written: str
    spoken: str
    case_sensitive: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A text (NFC) and what an announcer says; replacing `spans` in `written` gives `spoken`."""

    written: str
    spoken: str
    spans: tuple[Span, ...]
    warnings: tuple[ReadingWarning, ...]
