"""Foreign words and the names of services, written as a Vietnamese ear hears them."""

import re

from content.reading.letters import LETTER
from content.reading.scanner import Notes, Rule
from content.reading.tables import table

_WORDS = table("foreign.tsv")
_PHRASES = "|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True))


def _foreign(found: re.Match[str], _notes: Notes) -> str:
    return _WORDS[found[0].lower()]


WORD_RULES = (Rule("foreign", re.compile(rf"(?<!{LETTER})(?:{_PHRASES})(?!{LETTER})", re.IGNORECASE), _foreign),)
