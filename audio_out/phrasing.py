"""Where a reading breathes: sentences with the pause after each, and pieces small enough for an online engine.

A reading is spoken Vietnamese (abbreviations and numbers are already words), so a full stop before white space
ends a sentence. Nothing here changes a word.
"""

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from content.kernel.units import DurationMs

SENTENCE_PAUSE = DurationMs(700)
CLAUSE_PAUSE = DurationMs(450)
LINE_PAUSE = DurationMs(800)
PARAGRAPH_PAUSE = DurationMs(1100)
"""Between 0.6 and 0.8 s sounds calm and lets the neighbouring horn's echo pass. Source: design, speech.md."""

_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")
_ENDING = r"""[.!?…;]+["'”’»)\]]*"""
_SENTENCE = re.compile(rf".+?(?:{_ENDING}(?=\s)|$)", re.DOTALL)
_CLAUSE = re.compile(r"[^,;:–—]+(?:[,;:–—]+|$)")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence and the silence that follows it."""

    text: str
    pause_ms: DurationMs


def phrases(reading: str) -> tuple[Phrase, ...]:
    """The sentences of a reading in order, NFC, white space folded; marks without a word are left out."""
    found: list[Phrase] = []
    for paragraph in _PARAGRAPH_END.split(unicodedata.normalize("NFC", reading).replace("\r\n", "\n")):
        said = [phrase for line in paragraph.splitlines() for phrase in _of_line(line)]
        if said:
            found += [*said[:-1], Phrase(said[-1].text, PARAGRAPH_PAUSE)]
    return tuple(found)


def pieces(sentence: str, limit: int = 99) -> tuple[str, ...]:
    """A sentence in pieces of at most `limit` characters, cut after clauses, else between words.

    Clauses are packed as full as they fit; a clause that is too long itself is cut into pieces of about equal
    length, so that no word is left alone. A single word longer than the limit stays whole.
    """
    packed: list[str] = []
    for clause in (match.group().strip() for match in _CLAUSE.finditer(sentence)):
        for part in _of_words(clause, limit):
            if packed and len(packed[-1]) + 1 + len(part) <= limit:
                packed[-1] += " " + part
            else:
                packed.append(part)
    return tuple(piece for piece in packed if has_words(piece))


def has_words(text: str) -> bool:
    """Whether an engine would find anything to say in it."""
    return any(character.isalnum() for character in text)


def _of_line(line: str) -> Iterator[Phrase]:
    texts = [" ".join(match.group().split()) for match in _SENTENCE.finditer(line)]
    texts = [text.lstrip("-–—•*+ ") for text in texts if has_words(text)]
    for text in texts[:-1]:
        yield Phrase(text, CLAUSE_PAUSE if text.endswith(";") else SENTENCE_PAUSE)
    if texts:
        yield Phrase(texts[-1], LINE_PAUSE)


def _of_words(clause: str, limit: int) -> Iterator[str]:
    """The clause in as few parts as fit, each filled to about the same length."""
    words = clause.split()
    while words:
        rest = len(" ".join(words))
        aim = math.ceil(rest / math.ceil(rest / limit))
        taken, length = 1, len(words[0])
        while taken < len(words) and length < aim and length + 1 + len(words[taken]) <= limit:
            length += 1 + len(words[taken])
            taken += 1
        yield " ".join(words[:taken])
        words = words[taken:]
