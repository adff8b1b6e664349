"""Written Vietnamese to what an announcer says: pure, explainable, without a speech engine.

Every change is a span with its rule, every doubt a warning. The rules are in the modules beside this one; `rules`
puts them in order. Nothing here knows a database, a clock or a network.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from content.reading.lexicon import lexicon_rules
from content.reading.model import LexiconEntry, Reading, ReadingWarning, Span, WarningKind
from content.reading.rules import rulebook
from content.reading.scanner import Rulebook, scan
from content.reading.warnings import about_text, syllables

__all__ = ["LexiconEntry", "Reading", "ReadingWarning", "Span", "WarningKind", "read", "syllables"]


def read(text: str, lexicon: Sequence[LexiconEntry] = (), today: date | None = None) -> Reading:
    """Read a text as an announcer would.

    Args:
        text: what was written; it is made NFC first, and all offsets are in that text.
        lexicon: the commune's own entries; they come before every rule.
        today: the village's local date, to find dates that are past; none are without it.
    """
    written = unicodedata.normalize("NFC", text)
    spans, notes = scan(written, _rulebook(tuple(lexicon)))
    spoken = _apply(written, spans)
    warnings = [*notes.warnings, *about_text(written, spoken, spans, today)]
    return Reading(
        written, spoken, tuple(spans), tuple(sorted(warnings, key=lambda warning: (warning.start, warning.kind)))
    )


@lru_cache(maxsize=8)
def _rulebook(lexicon: tuple[LexiconEntry, ...]) -> Rulebook:
    """All rules, the lexicon's first; what an entry says is itself read. It is read often, and changes rarely."""
    own = [LexiconEntry(entry.written, read(entry.spoken).spoken, entry.case_sensitive) for entry in lexicon]
    return rulebook(lexicon_rules(own))


def _apply(written: str, spans: Sequence[Span]) -> str:
    pieces, position = [], 0
    for span in spans:
        pieces += [written[position : span.start], span.spoken]
        position = span.end
    return "".join([*pieces, written[position:]])
