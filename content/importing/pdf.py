"""PDF: placed letters become words, lines and paragraphs; what repeats at the edges of pages is dropped.

A gap within a line becomes a tab, so that columns can be told apart. No picture is read: a scan has no text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from ctypes import byref, c_double, c_int, c_void_p, cast, create_string_buffer
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import hypot

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from content.importing.document import RawBlock, RawLine, Span, paragraph
from content.importing.errors import FileDamaged, FileHasNoText, FileLocked, FileTooHard

_MOST_PAGES = 100
_HYPHEN_AT_END = 0x02  # how the library says it
_EDGE = 0.12  # of the page's height, at the top and at the bottom
_FULL = 0.8  # of the page's width
_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:(?:trang|page)\s*)?\d{1,4}(?:\s*/\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)
_ITEM = re.compile(r"(?:[-–+•*▪●]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđ][.)]|[IVX]{1,5}\.)\s")

# In widths of the font's em: a space is a quarter, justified text stretches it, columns stand further apart.
_COLUMN_GAP = 2.0
_SPACE = 0.25
_SPACE_GAP = 0.15
_RAGGED = 1.5
_INDENT = 1.0
_PARAGRAPH_GAP = 2.2


@dataclass(frozen=True, slots=True)
class _Word:
    """Letters set in one go; lengths in points, `y` of the baseline, upwards."""

    text: str
    font: str
    left: float
    right: float
    y: float
    size: float
    after_space: bool


@dataclass(frozen=True, slots=True)
class _Line:
    words: tuple[_Word, ...]
    page: int
    place: float  # of the page's height, 0 is the bottom
    margin: float  # where a full line of the page ends at least

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return self.words[-1].right

    @property
    def size(self) -> float:
        return max(word.size for word in self.words)

    @property
    def spans(self) -> RawLine:
        gaps = ["", *(_gap(one, two) for one, two in pairwise(self.words))]
        return tuple(Span(gap + word.text, word.font) for gap, word in zip(gaps, self.words, strict=True))

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


def read(data: bytes) -> list[RawBlock]:
    """The document's paragraphs, and lines in columns as rows; at most 100 pages.

    Raises:
        FileDamaged, FileHasNoText, FileLocked, FileTooHard.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise (FileLocked if error.err_code == raw.FPDF_ERR_PASSWORD else FileDamaged) from error
    with document:
        if len(document) > _MOST_PAGES:
            raise FileTooHard
        pages = [_lines(document, number) for number in range(len(document))]
    lines = _without_edges(pages)
    if not any(char.isalnum() for line in lines for char in line.text):
        raise FileHasNoText
    return [_block(line) for line in _paragraphs(lines)]


def _lines(document: pypdfium2.PdfDocument, number: int) -> list[_Line]:
    try:
        page = document[number]
        width, height = page.get_size()
        words = list(_words(page.get_textpage()))
    except pypdfium2.PdfiumError as error:
        raise FileDamaged from error
    rows: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: -word.y):
        # A raised figure stands on its line, not above it.
        if rows and rows[-1][0].y - word.y < 0.4 * max(word.size, rows[-1][0].size):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [
        _Line(tuple(sorted(row, key=lambda word: word.left)), number, row[0].y / (height or 1.0), _FULL * width)
        for row in rows
    ]


def _words(text: pypdfium2.PdfTextPage) -> Iterator[_Word]:
    glyphs = _glyphs(text)
    spaced = False
    for together, group in groupby(_chained(glyphs), key=lambda pair: pair[0]):
        letters = [glyph for _, glyph in group]
        if together < 0:
            spaced = True
            continue
        yield _Word(
            "".join(letter.text for letter in letters),
            letters[0].font,
            min(letter.left for letter in letters),
            max(letter.right for letter in letters),
            letters[0].y,
            letters[0].size,
            spaced,
        )
        spaced = False


def _chained(glyphs: Iterator[_Word]) -> Iterator[tuple[int, _Word]]:
    # The number of the word that a glyph belongs to, negative for white space.
    number, before = 0, None
    for glyph in glyphs:
        if glyph.text.isspace():
            before = None
            yield -1 - number, glyph
            continue
        if before is None or not _is_next(before, glyph):
            number += 1
        before = glyph
        yield number, glyph


def _is_next(before: _Word, glyph: _Word) -> bool:
    same = before.font == glyph.font and abs(before.y - glyph.y) < 0.1 * glyph.size
    return same and -0.5 * glyph.size < glyph.left - before.right < _SPACE_GAP * glyph.size


def _glyphs(text: pypdfium2.PdfTextPage) -> Iterator[_Word]:
    # Hundreds of thousands of letters: the places they are written to are made once, and a font is asked for once
    # by piece of text.
    box, x, y = raw.FS_RECTF(), c_double(), c_double()
    piece, font, size = None, "", 1.0
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, index)
        raw.FPDFText_GetLooseCharBox(text, index, box)
        raw.FPDFText_GetCharOrigin(text, index, x, y)
        own_piece = cast(raw.FPDFText_GetTextObject(text, index), c_void_p).value
        if own_piece != piece:
            piece, font, size = own_piece, _font(text, index), _size(text, index)
        yield _Word(_char(code), font, box.left, box.right, y.value, size, after_space=False)


def _char(code: int) -> str:
    if code == _HYPHEN_AT_END:
        return "\xad"  # in TCVN3 the letter ư
    return chr(code) if code >= 0x20 and not 0xD800 <= code < 0xE000 and code <= 0xFFFD else " "


def _size(text: pypdfium2.PdfTextPage, index: int) -> float:
    # Writers set a size of 1 and scale it as often as they set 14.
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, index, byref(matrix))
    return float(raw.FPDFText_GetFontSize(text, index) * hypot(matrix.c, matrix.d)) or 1.0


def _font(text: pypdfium2.PdfTextPage, index: int) -> str:
    name, flags = create_string_buffer(128), c_int()
    raw.FPDFText_GetFontInfo(text, index, name, len(name), byref(flags))
    return name.value.decode("utf-8", errors="replace")


def _gap(one: _Word, two: _Word) -> str:
    gap = (two.left - one.right) / max(one.size, two.size, 1.0)
    if gap > _COLUMN_GAP:
        return "\t"
    return " " if two.after_space or gap > _SPACE_GAP else ""


def _without_edges(pages: Sequence[list[_Line]]) -> list[_Line]:
    repeated = Counter(key for lines in pages for key in {_key(line) for line in lines if _is_at_edge(line)})
    often = max(2, (len(pages) + 1) // 2)
    return [
        line
        for lines in pages
        for line in lines
        if not (_is_at_edge(line) and (repeated[_key(line)] >= often or _PAGE_NUMBER.fullmatch(line.text)))
    ]


def _is_at_edge(line: _Line) -> bool:
    return not _EDGE < line.place < 1 - _EDGE


def _key(line: _Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _paragraphs(lines: Sequence[_Line]) -> Iterator[RawLine]:
    margins = {
        page: max(max(line.right, line.margin) for line in group)
        for page, group in groupby(lines, key=lambda line: line.page)
    }
    spans: list[Span] = []
    for before, line in zip([None, *lines], lines, strict=False):
        if before and _goes_on(before, line, margins[before.page]):
            spans += [Span(" "), *line.spans]
            continue
        if spans:
            yield tuple(spans)
        spans = list(line.spans)
    if spans:
        yield tuple(spans)


def _block(line: RawLine) -> RawBlock:
    columns: list[list[Span]] = [[]]
    for span in line:
        if span.text.startswith("\t"):
            columns.append([])
        columns[-1].append(Span(span.text.lstrip("\t"), span.font))
    return RawBlock(tuple((tuple(column),) for column in columns), is_row=True) if columns[1:] else paragraph(line)


def _goes_on(before: _Line, line: _Line, margin: float) -> bool:
    """Whether a line belongs to the paragraph before: its first word had no room there, and nothing sets it off."""
    first = line.words[0]
    # The margin is known roughly only, so a small letter is believed where a capital is not.
    slack = _RAGGED if first.text[0].islower() else _SPACE
    had_room = margin - before.right > first.right - first.left + slack * first.size
    set_off = _ITEM.match(line.text + " ") or "\t" in before.text + line.text
    indented = line.left - before.left > _INDENT * line.size
    apart = before.page == line.page and before.words[0].y - first.y > _PARAGRAPH_GAP * line.size
    resized = abs(before.size - line.size) > 0.2 * line.size
    return not (had_room or set_off or indented or apart or resized)
