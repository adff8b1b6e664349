"""What an alert says, to whom, for how long: plain values, stored as they are. No database is known here."""

import hashlib
import json
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from broadcaster.protocol import AlertScope
from content.languages import VIETNAMESE

LONGEST_TEXT = 600
"""About a minute, slowly: what is longer nobody keeps in mind who runs."""
LONGEST_MINUTES = 60
LONGEST_VALID_MINUTES = 24 * 60
MOST_REPEATS = 50
PAUSE_MS = 4000


class Signal(StrEnum):
    """What opens each repeat: the siren, or the common chime where the danger is over."""

    SIREN = "siren"
    CHIME = "chime"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Line(_Value):
    """One language's share: `reading` is spoken once, slowly; `take` (sha256) sounds instead where a human spoke it.

    `signal` makes it a sound without words.
    """

    language: str = ""
    text: str = ""
    reading: str = ""
    take: str | None = None
    signal: Signal | None = None

    @property
    def source(self) -> str:
        """Names, for ever, what the sound is made from."""
        heard = [self.signal, self.take] if self.signal or self.take else [self.language, self.reading]
        return hashlib.sha256(json.dumps(heard, ensure_ascii=False).encode()).hexdigest()

    @classmethod
    def of(cls, signal: Signal) -> Self:
        """A signal as a line."""
        return cls(signal=signal)


class Call(_Value):
    """One emergency call as somebody means it.

    `lines` hold each language once; a village that speaks none of them hears the first. `minutes` bound how long it
    sounds in all, `valid_minutes` how long it may still begin, `repeats` how often (0: as long as `minutes` allow).
    `phrase` is the key of the prepared phrase, empty for a typed text.
    """

    title: str = Field(max_length=300)
    lines: tuple[Line, ...]
    villages: tuple[UUID, ...]
    scope: AlertScope = AlertScope.ACTUAL
    phrase: str = ""
    signal: Signal = Signal.SIREN
    audible: bool = True
    minutes: int = Field(default=10, ge=1, le=LONGEST_MINUTES)
    valid_minutes: int = Field(default=60, ge=1, le=LONGEST_VALID_MINUTES)
    repeats: int = Field(default=0, ge=0, le=MOST_REPEATS)
    pause_ms: int = PAUSE_MS


def in_languages(lines: tuple[Line, ...], languages: tuple[str, ...]) -> tuple[Line, ...]:
    """The lines that a village hears, in the order of its languages; Vietnamese, or the first, where it has none."""
    by_language = {line.language: line for line in lines}
    found = tuple(by_language[language] for language in languages if language in by_language)
    return found or tuple(line for line in lines if line.language == VIETNAMESE)[:1] or lines[:1]
