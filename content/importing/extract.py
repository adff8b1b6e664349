"""From a file's bytes to what would come in. It parses what strangers send, so it runs in the child process only."""

import re
from collections.abc import Iterable, Sequence

from content.importing import docx, legacy, odt, pdf, plain
from content.importing.archive import Archive
from content.importing.cleaning import clean
from content.importing.document import Block, Imported, Kind, RawBlock, TextBlock
from content.importing.errors import FileHasNoText, FileKindUnknown, FileLocked, FileOfOldWord, FileTooHard
from content.importing.official import in_columns, separate
from content.importing.titles import guess_title

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"RIFF",
    b"OggS",
    b"ID3",
    b"MZ",
    b"\x7fELF",
    b"\x1f\x8b",
    b"Rar!",
)
_MOST_CHARACTERS = 1_000_000  # a book; an announcement has 20,000 at most
_NUMBER_ONLY = re.compile(r"\d{1,4}[.)]?")
_END_MARK = re.compile(r"\s*\./\.?[ \t]*$", re.MULTILINE)


def extract(data: bytes, *, keep_official: bool = False) -> Imported:
    """What would come in from a file. Raises the errors of `content.importing.errors`."""
    kind, raw, encoding = _parsed(data)
    if sum(len(span.text) for block in raw for line in block.lines for span in line) > _MOST_CHARACTERS:
        raise FileTooHard
    blocks, legacy_encodings = _in_unicode(raw)
    title = guess_title([in_columns(block) for block in blocks])
    blocks, left_out = separate(blocks, keep=keep_official)
    text = clean("\n".join(line for block in blocks for line in _lines(block)))
    if left_out:
        text = _END_MARK.sub(".", text)
    if not any(char.isalnum() for char in text):
        raise FileHasNoText
    return Imported(text, kind, " + ".join(legacy_encodings) or encoding, left_out, title)


def _parsed(data: bytes) -> tuple[Kind, list[RawBlock], str]:
    """A file's kind by its content, its blocks, and the encoding of its text."""
    if data.startswith(_OLE):
        raise FileLocked if _ENCRYPTED_PACKAGE in data else FileOfOldWord
    if data.startswith(_FOREIGN):
        raise FileKindUnknown
    if b"%PDF-" in data[:1024]:
        return Kind.PDF, pdf.read(data), "Unicode"
    if data.startswith(b"PK"):
        archive = Archive(data)
        if odt.is_odt(archive):
            return Kind.ODT, odt.read(archive), "UTF-8"
        if docx.main_part(archive):
            return Kind.DOCX, docx.read(archive), "UTF-8"
        raise FileKindUnknown
    return Kind.TEXT, *plain.read(data)


def _in_unicode(raw: Iterable[RawBlock]) -> tuple[list[TextBlock], Sequence[str]]:
    """The blocks in Unicode, and the old encodings met: by font where the file names it, then by the words."""
    by_font = [[[legacy.spans_to_unicode(line) for line in cell] for cell in block.cells] for block in raw]
    lines = [text for block in by_font for cell in block for text, _ in cell]
    met = [encoding for block in by_font for cell in block for _, encodings in cell for encoding in encodings]
    converted, found = legacy.lines_to_unicode(lines)
    every = iter(line.replace("\xad", "") for line in converted)
    blocks = [Block(tuple(tuple(next(every) for _ in cell) for cell in block.cells), block.is_row) for block in raw]
    return blocks, tuple(dict.fromkeys((*met, *found)))


def _lines(block: TextBlock) -> list[str]:
    """A paragraph's line; a row's cells in one line; columns of text, one below the other."""
    cells = [[" ".join(line.split()) for line in cell] for cell in block.cells]
    if not block.is_row:
        return [line for cell in cells for line in cell]
    return [_row([_joined(cell, "; ") for cell in cells if any(cell)])]


def _row(cells: list[str]) -> str:
    if len(cells) > 1 and _NUMBER_ONLY.fullmatch(cells[0]):
        return f"{cells[0].rstrip('.)')}. {_row(cells[1:])}"
    return _joined(cells, "; " if any("," in cell for cell in cells) else ", ")


def _joined(pieces: list[str], between: str) -> str:
    return between.join([*(piece.rstrip(" .,;") for piece in pieces[:-1]), *pieces[-1:]])
