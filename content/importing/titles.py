"""A guess at what a document is about, from the lines below its kind or its "V/v"."""

import re
from collections.abc import Sequence

from content.importing.document import TextBlock
from content.importing.official import fold, is_kind

_LONGEST = 150
_ADDRESS = re.compile(r"kinh (?:gui|moi)\b")
_ABOUT = re.compile(r"(?:v/v|ve viec)\b\s*[:.]?\s*")
_SENTENCE_END = (".", ",", ";", ":", "!", "?", "/")


def guess_title(columns: Sequence[TextBlock]) -> str | None:
    """THÔNG BÁO with its subject, else what "V/v" says, else a short first line; None if there is none of them."""
    cells = [cell for block in columns for cell in block.cells]
    lines = [line for cell in cells for line in cell]
    kind = next((place for place, line in enumerate(lines) if is_kind(line) and _is_heading(line)), None)
    if kind is not None:
        return _of_kind(lines[kind], lines[kind + 1 : kind + 4])
    about = next((cell[place:] for cell in cells for place, line in enumerate(cell) if _ABOUT.match(fold(line))), None)
    if about:
        subject = _subject(about)
        return subject[:1].upper() + subject[1:]
    return lines[0] if len(lines) > 1 and _is_heading(lines[0]) else None


def _of_kind(kind: str, below: Sequence[str]) -> str:
    if not below or below[0].isupper() or not _is_heading(below[0]) or _ADDRESS.match(fold(below[0])):
        return kind.capitalize() if len(kind.split()) <= 2 else kind
    between = " về việc " if _ABOUT.match(fold(below[0])) else ": "
    return kind.capitalize() + between + _subject(below)


def _subject(lines: Sequence[str]) -> str:
    """The first line without its "V/v", and the lines that go on with a small letter."""
    found = _ABOUT.match(fold(lines[0]))
    subject = lines[0][found.end() :] if found else lines[0]
    for line in lines[1:]:
        if not line[:1].islower() or subject.endswith(_SENTENCE_END):
            break
        subject += f" {line}"
    return subject.rstrip(" .;,")


def _is_heading(line: str) -> bool:
    return len(line) <= _LONGEST and not line.endswith(_SENTENCE_END)
