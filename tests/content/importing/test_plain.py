"""Text files in the encodings that Vietnamese offices have used."""

import unicodedata

import pytest

from content.importing.document import Kind
from content.importing.errors import FileKindUnknown
from content.importing.extract import extract
from tests.content.importing.typists import tcvn3, vni

TEXT = "Thông báo: tối mai, thứ bảy, họp thôn tại nhà văn hoá"
_TONES = "\u0300\u0301\u0303\u0309\u0323"


def windows_1258(text: str) -> bytes:
    """As Windows in Vietnamese writes: a letter with its shape, then its tone as a mark."""
    out = b""
    for char in text:
        try:
            out += char.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", char)
            shape = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
            out += (shape + "".join(part for part in parts if part in _TONES)).encode("cp1258")
    return out


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "UTF-8"),
        (unicodedata.normalize("NFD", TEXT).encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (windows_1258(TEXT), "Windows-1258"),
        (tcvn3(TEXT).encode("latin-1"), "TCVN3"),
        (vni(TEXT).encode("latin-1"), "VNI"),
    ],
)
def test_every_encoding_gives_the_same_text(data: bytes, encoding: str) -> None:
    """A text file comes in as the same NFC text whatever its bytes, and its encoding is told."""
    imported = extract(data)
    assert (imported.text, imported.kind, imported.encoding) == (TEXT, Kind.TEXT, encoding)


def test_a_text_of_the_west_is_taken_as_one() -> None:
    """What is neither Unicode nor Vietnamese is read as Windows reads it in the West."""
    text = "“Café” – 37 °C, naïve"
    assert extract(text.encode("cp1252")).text == text


def test_lines_stay_lines() -> None:
    """Windows' line ends and empty lines leave one line each."""
    assert extract(b"mot\r\n\r\nhai\r\n").text == "mot\nhai"


@pytest.mark.parametrize("data", [b"abc\x00\x01\x02\x03" * 9, b"\x89PNG\r\n", b"{\\rtf1 abc}", b"MZ\x90"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    """Bytes that are no text are not read as one, whatever their name says."""
    with pytest.raises(FileKindUnknown):
        extract(data)
