"""Text files: which encoding their bytes are in."""

import codecs
import re
import unicodedata

from content.importing.document import RawBlock, Span, paragraph
from content.importing.errors import FileKindUnknown
from content.importing.syllables import is_syllable

_BOMS = {
    codecs.BOM_UTF8: "UTF-8",
    codecs.BOM_UTF16_LE: "UTF-16-LE",
    codecs.BOM_UTF16_BE: "UTF-16-BE",
}
_BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FOREIGN_WORD = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")


def read(data: bytes) -> tuple[list[RawBlock], str]:
    """A block per line that is not empty, and the encoding. Raises FileKindUnknown for what is no text."""
    text, encoding = decode(data)
    if _BINARY.search(text):
        raise FileKindUnknown
    return [paragraph((Span(line),)) for line in text.splitlines() if line.strip()], encoding


def decode(data: bytes) -> tuple[str, str]:
    """Text and the name of its encoding: a mark at the beginning decides, then what the bytes can be."""
    for mark, name in _BOMS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(name, errors="replace"), name.removesuffix("-LE").removesuffix("-BE")
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    # In UTF-16 every second byte of a Latin letter is zero, and no text in bytes holds a zero.
    if b"\0" in data:
        odd = data[1::2].count(0) >= data[::2].count(0)
        return data.decode("utf-16-le" if odd else "utf-16-be", errors="replace"), "UTF-16"
    vietnamese = unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))
    words = _FOREIGN_WORD.findall(vietnamese)
    if 2 * sum(map(is_syllable, words)) > len(words):
        return vietnamese, "Windows-1258"
    return data.decode("cp1252", errors="replace"), "Windows-1252"
