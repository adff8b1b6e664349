"""A lexicon as a table that Excel opens, and back: values in, values out.

CSV in UTF-8 with a byte-order mark, since Excel takes a file without one for another encoding. Coming in, commas,
semicolons (Excel's choice where the comma is the decimal sign) and tabs separate columns, and UTF-16 is read too.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from content.errors import EntryTwice, LexiconFileUnreadable
from content.kernel.errors import Invalid
from content.kernel.folding import plain
from content.reading import LexiconEntry
from content.service.lexicon import Key, checked, key_of

HEADINGS = ("Viết", "Đọc là", "Phân biệt chữ hoa")
LARGEST_FILE = 1 << 19
"""Bytes: some five thousand entries; every reading of a text goes through all of them."""
_YES, _NO = "có", "không"
_NOES = {"khong", "no", "0", "false", "k"}
_SEPARATORS = ",;\t"
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line (counted from 1, the headings among them) that cannot come in, and why."""

    number: int
    error: Invalid


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: the entries that can come in, each word once, and the lines that cannot."""

    entries: tuple[LexiconEntry, ...]
    bad_lines: tuple[BadLine, ...]


def to_csv(entries: Iterable[LexiconEntry]) -> bytes:
    """The file, a line per entry below the headings."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(HEADINGS)
    for entry in entries:
        rows.writerow([*map(_inert, (entry.written, entry.spoken)), _YES if entry.case_sensitive else _NO])
    return codecs.BOM_UTF8 + text.getvalue().encode()


def from_csv(data: bytes) -> Sheet:
    """The entries of a file; a line without a word is passed over. Raises LexiconFileUnreadable."""
    entries: dict[Key, LexiconEntry] = {}
    bad_lines = []
    for number, row in _rows(_text(data)):
        try:
            entry = _entry(row)
            if key_of(entry) in entries:
                raise EntryTwice(written=entry.written)
            entries[key_of(entry)] = entry
        except Invalid as error:
            bad_lines.append(BadLine(number, error))
    if not entries and not bad_lines:
        raise LexiconFileUnreadable
    return Sheet(tuple(entries.values()), tuple(bad_lines))


def _text(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data[: LARGEST_FILE + 1].decode(encoding)
    except UnicodeDecodeError:
        raise LexiconFileUnreadable from None
    if len(data) > LARGEST_FILE or "\0" in text:
        raise LexiconFileUnreadable
    return text


def _rows(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """The lines that hold something, with their numbers, without the headings."""
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in lines:
            is_heading = plain(row[0]) in {plain(HEADINGS[0]), "written"} if row else False
            if any(cell.strip() for cell in row) and not is_heading:
                yield lines.line_num, row
    except csv.Error:
        raise LexiconFileUnreadable from None


def _entry(row: Sequence[str]) -> LexiconEntry:
    written, spoken, case, *_ = (*row, "", "")
    return checked(LexiconEntry(_live(written), _live(spoken), plain(case) not in _NOES))


def _inert(cell: str) -> str:
    """A cell that Excel would take for a formula, kept from it by an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _live(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
