"""What changed between two versions of an announcement, word by word. Values in, values out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from broadcaster.web.words import mark
from content.models import Revision
from content.workflow import Step

_WORD = re.compile(r"\s+|[^\s]+")
_FACTS = {
    "title": mark("Title"),
    "villages": mark("Villages"),
    "from_on": mark("First day"),
    "until_on": mark("Last day"),
    "times_per_day": mark("Times a day"),
    "priority": mark("Priority"),
}


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


def content_of(revision: Revision) -> dict[str, object]:
    """A revision as its submission keeps it, so that the two can be compared."""
    return {
        "title": revision.title,
        "texts": {part.language: part.text for part in revision.parts},
        "villages": [node.slug for node in revision.villages],
        "from_on": revision.from_on.isoformat(),
        "until_on": revision.until_on.isoformat(),
        "priority": revision.priority,
        "times_per_day": revision.times_per_day,
    }


def submitted_before(revision: Revision) -> dict[str, object] | None:
    """What was submitted the time before the newest, None on a first submission."""
    submissions = [event.content for event in revision.events if event.step == Step.SUBMIT and event.content]
    return submissions[-2] if len(submissions) > 1 else None


def text_of(content: Mapping[str, object], language: str) -> str:
    """The text of one language in a kept submission."""
    texts = content.get("texts")
    return str(texts.get(language, "")) if isinstance(texts, dict) else ""


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


def fact_changes(before: Mapping[str, object], now: Mapping[str, object], names: Mapping[str, str]) -> list[FactChange]:
    """Fields besides the text that differ; `names` gives the words for slugs and stored values."""
    return list(_fact_changes(before, now, names))


def _fact_changes(
    before: Mapping[str, object], now: Mapping[str, object], names: Mapping[str, str]
) -> Iterator[FactChange]:
    for field, label in _FACTS.items():
        if before.get(field) != now.get(field):
            yield FactChange(label, _shown(before.get(field), names), _shown(now.get(field), names))


def _shown(value: object, names: Mapping[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(names.get(str(item), str(item)) for item in value)
    try:
        return f"{date.fromisoformat(str(value)):%d/%m/%Y}"
    except ValueError:
        return names.get(str(value), str(value))
