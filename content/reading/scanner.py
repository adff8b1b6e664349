"""Walks a text once, from left to right, and asks the rules at each place. Knows no rule itself.

A rule is a pattern and a function. The pattern says where the rule may apply, starting exactly where the scanner
stands; the function looks at the match and the text around it and gives the words, or None for "not mine".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from content.reading.letters import LETTER
from content.reading.model import ReadingWarning, Span, WarningKind

_LETTERS = re.compile(rf"{LETTER}+")
_HORIZON = 60


@dataclass(slots=True)
class Notes:
    """What rules have to say besides words."""

    warnings: list[ReadingWarning] = field(default_factory=list)

    def warn(self, kind: WarningKind, found: re.Match[str], *readings: str) -> None:
        """Note a doubt about all that was matched."""
        self.warnings.append(ReadingWarning(found.start(), found.end(), kind, found[0], readings))


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to say something else than is written."""

    name: str
    pattern: re.Pattern[str]
    speak: Callable[[re.Match[str], Notes], str | None]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules in order of precedence, by what stands at the place: a word, a digit, anything else."""

    words: Sequence[Rule]
    digits: Sequence[Rule]
    others: Sequence[Rule]


def before(found: re.Match[str]) -> str:
    """Give the written text left of a match, as far as a rule may look."""
    return found.string[max(0, found.start() - _HORIZON) : found.start()]


def after(found: re.Match[str]) -> str:
    """Give the written text right of a match, as far as a rule may look."""
    return found.string[found.end() : found.end() + _HORIZON]


def scan(text: str, rules: Rulebook) -> tuple[list[Span], Notes]:
    """Give the changes in order, never overlapping: a change consumes its text."""
    spans: list[Span] = []
    notes = Notes()
    position = 0
    while position < len(text):
        char = text[position]
        candidates = rules.words if char.isalpha() else rules.digits if char.isdecimal() else rules.others
        span = _first(text, position, candidates, notes)
        if span and span.end > position:
            span = _set_apart(span, text, spans)
            if span.spoken != span.written:
                spans.append(span)
            position = span.end
        else:
            word = _LETTERS.match(text, position)
            position = word.end() if word else position + 1
    return spans, notes


def _set_apart(span: Span, text: str, spans: list[Span]) -> Span:
    """Keep words from running together where the written text has no space: 5 and xã in 5xã."""
    spoken = span.spoken
    if spoken[-1:].isalpha() and text[span.end : span.end + 1].isalnum():
        spoken += " "
    touching = spans[-1].spoken if spans and spans[-1].end == span.start else text[: span.start]
    if spoken[:1].isalpha() and touching[-1:].isalpha():
        spoken = f" {spoken}"
    return Span(span.start, span.end, span.written, spoken, span.rule)


def _first(text: str, position: int, rules: Sequence[Rule], notes: Notes) -> Span | None:
    for rule in rules:
        found = rule.pattern.match(text, position)
        if found and (spoken := rule.speak(found, notes)) is not None:
            return Span(position, found.end(), found[0], spoken, rule.name)
    return None
