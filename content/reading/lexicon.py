"""The commune's own entries, written to spoken. They come before every rule."""

import re
import unicodedata
from collections.abc import Sequence

from content.reading.model import LexiconEntry
from content.reading.scanner import Notes, Rule


def lexicon_rules(entries: Sequence[LexiconEntry]) -> list[Rule]:
    """Make one rule for each kind of entry (exact case, any case); the longest entry wins, whole words only."""
    return [
        rule
        for case_sensitive in (True, False)
        if (rule := _rule([entry for entry in entries if entry.case_sensitive == case_sensitive], case_sensitive))
    ]


def _rule(entries: Sequence[LexiconEntry], case_sensitive: bool) -> Rule | None:  # noqa: FBT001
    def key(text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        return text if case_sensitive else text.casefold()

    spoken = {key(entry.written.strip()): unicodedata.normalize("NFC", entry.spoken) for entry in entries}
    spoken.pop("", None)
    if not spoken:
        return None
    longest_first = sorted(spoken, key=len, reverse=True)
    flags = 0 if case_sensitive else re.IGNORECASE
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", flags)

    def speak(found: re.Match[str], _notes: Notes) -> str | None:
        return spoken.get(key(found[0]))

    return Rule("lexicon", pattern, speak)
