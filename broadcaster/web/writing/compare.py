"""What changed between two versions of an announcement, word by word. Values in, values out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from pydantic import BaseModel, ValidationError

from broadcaster.web.words import mark
from content.models import Revision
from content.workflow import Step

Content = Mapping[str, object]
"""A submission as its event keeps it."""
Names = Mapping[str, Mapping[str, str]]
"""By field: the words for its stored values."""

_WORD = re.compile(r"\s+|[^\s]+")
_FACTS = {
    "title": mark("Title"),
    "villages": mark("Villages"),
    "from_on": mark("First day"),
    "until_on": mark("Last day"),
    "times_per_day": mark("Times a day"),
    "slots": mark("Slot"),
    "category": mark("Subject"),
    "priority": mark("Priority"),
    "voice": mark("Voice"),
    "pace": mark("Speed of reading"),
}
_DAYS = {"from_on", "until_on"}
RECORDED_INSTEAD = mark("A recording now sounds instead of a voice.")
VOICED_INSTEAD = mark("A voice now reads the text instead of the recording.")
RECORDED_ANEW = mark("The recording was replaced by another one.")
MADE_ANEW = mark("The audio was made anew; text and recording are the same.")
ADDED = mark("This language is new.")
IN_EVERY_SLOT = mark("in every slot")
LEFT_OUT = mark("This language is left out now.")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stayed (`same`), are `gone` or `new`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class FactChange:
    """One field besides the text: its label and its two values."""

    label: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class PartChange:
    """One language: what happened to its sound, and its text and reading as word diffs (empty: unchanged)."""

    language: str
    sentence: str
    text: tuple[Piece, ...]
    reading: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs between two versions; false if nothing does."""

    facts: tuple[FactChange, ...]
    parts: tuple[PartChange, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.facts or self.parts)


class Seen(BaseModel):
    """What a review page showed, carried by its form: which submission (the first is 1), and the masters."""

    submission: int
    masters: dict[str, str]

    @classmethod
    def of(cls, revision: Revision, masters: Mapping[str, str]) -> "Seen":
        """What a page shows of a revision now."""
        return cls(submission=len(submissions(revision)), masters=dict(masters))

    @classmethod
    def read(cls, text: str) -> "Seen | None":
        """What a form brought back, None if it is not ours."""
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return None

    def content(self, revision: Revision) -> Content | None:
        """The submission that was shown, if there is such a one."""
        known = submissions(revision)
        return known[self.submission - 1] if 0 < self.submission <= len(known) else None


def submissions(revision: Revision) -> list[Content]:
    """Every submission of a revision, the oldest first."""
    return [event.content for event in revision.events if event.step == Step.SUBMIT and event.content]


def changes(
    before: Content,
    now: Content,
    names: Names,
    masters_before: Mapping[str, str] | None = None,
    masters_now: Mapping[str, str] | None = None,
) -> Changes:
    """What differs; the masters tell, where they are known, which audio was made anew."""
    remade = {
        language
        for language, master in (masters_now or {}).items()
        if (masters_before or {}).get(language, master) != master
    }
    return Changes(tuple(_facts(before, now, names)), tuple(_parts(before, now, remade)))


def word_diff(before: str, now: str) -> list[Piece]:
    """The two texts as one, with what is gone and what is new."""
    olds, news = _WORD.findall(before), _WORD.findall(now)
    pieces: list[Piece] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(news[j1:j2])))
            continue
        pieces += [Piece("gone", "".join(olds[i1:i2]))] if i2 > i1 else []
        pieces += [Piece("new", "".join(news[j1:j2]))] if j2 > j1 else []
    return pieces


def _facts(before: Content, now: Content, names: Names) -> Iterator[FactChange]:
    for field, label in _FACTS.items():
        values = [_value(content, field) for content in (before, now)]
        if values[0] != values[1]:
            yield FactChange(label, *(_shown(field, value, names.get(field, {})) for value in values))


def _value(content: Content, field: str) -> object:
    """As it is stored; earlier releases stored one slot, or an empty word for any."""
    return [content["slot"]] if field == "slots" and content.get("slot") else content.get(field, [])


def _shown(field: str, value: object, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(names.get(str(item), str(item)) for item in value) or names.get("", "")
    if field in _DAYS:
        return f"{date.fromisoformat(str(value)):%d/%m/%Y}"
    return names.get(str(value), str(value))


def _parts(before: Content, now: Content, remade: set[str]) -> Iterator[PartChange]:
    texts = _by_language(before, "texts"), _by_language(now, "texts")
    readings = _by_language(before, "readings"), _by_language(now, "readings")
    for language in dict.fromkeys([*texts[1], *texts[0]]):
        text = _changed(texts[0].get(language, ""), texts[1].get(language, ""))
        # Where the text changed, what is read changed with it: said once is enough.
        reading = () if text else _changed(readings[0].get(language, ""), readings[1].get(language, ""))
        sentence = _sounds_otherwise(language, before, now)
        if not (text or reading or sentence) and language in remade:
            sentence = MADE_ANEW
        if text or reading or sentence:
            yield PartChange(language, sentence, text, reading)


def _changed(before: str, now: str) -> tuple[Piece, ...]:
    return tuple(word_diff(before, now)) if before != now else ()


def _sounds_otherwise(language: str, before: Content, now: Content) -> str:
    """What happened to a language besides its words, in a sentence; empty if nothing did."""
    if language not in _by_language(before, "texts"):
        return ADDED
    if language not in _by_language(now, "texts"):
        return LEFT_OUT
    old, new = (_by_language(content, "recordings").get(language) for content in (before, now))
    if old == new:
        return ""
    return RECORDED_ANEW if old and new else RECORDED_INSTEAD if new else VOICED_INSTEAD


def _by_language(content: Content, field: str) -> dict[str, str]:
    held = content.get(field)
    return {str(key): str(value or "") for key, value in held.items()} if isinstance(held, dict) else {}
