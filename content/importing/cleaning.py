"""Text from a form or a file becomes clean NFC Unicode, or a clear refusal."""

import re
import unicodedata

from content.errors import LegacyEncoding, TextGarbled, TextMissing, TextTooLong
from content.importing.legacy import legacy_encoding

LONGEST_TEXT = 20_000
"""Characters: about 25 minutes of speech."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(text: str) -> str:
    r"""NFC, `\\n` line ends, no control characters, no white space at the ends; the words stay as they are."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", lines).replace("\u00a0", " ").strip()


def check_speakable(text: str) -> None:
    """Refuse a text that nobody could read aloud.

    Raises:
        TextMissing: no letter or digit in it.
        TextTooLong: over `LONGEST_TEXT` characters.
        TextGarbled: it holds U+FFFD, which stands for bytes that were not UTF-8.
        LegacyEncoding: it is typed for a TCVN3 or VNI font.
    """
    if not any(char.isalnum() for char in text):
        raise TextMissing
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(length=len(text), limit=LONGEST_TEXT)
    if "\ufffd" in text:
        raise TextGarbled(sample=_around(text, text.index("\ufffd")))
    if encoding := legacy_encoding(text):
        raise LegacyEncoding(encoding=encoding, sample=text[:40])


def _around(text: str, place: int) -> str:
    return text[max(0, place - 15) : place + 15]
