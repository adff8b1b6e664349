"""Text from outside: whatever was pasted or carried in becomes clean NFC Unicode, or a clear refusal."""

import re
import unicodedata

from content.errors import LegacyEncoding, TextGarbled, TextMissing, TextTooLong

LONGEST_TEXT = 20_000
"""Characters: about 25 minutes of speech."""

# Letters that TCVN3 (ABC) and VNI fonts draw as Vietnamese ones and that no Vietnamese word contains. In TCVN3 a
# tone letter stands for a vowel inside the word; VNI adds a mark after the vowel ("tieâm chuûng").
_TCVN3 = re.compile(r"[a-zA-Z]*[µ¶·¸¹¨»¼½¾Æ©ÇËÌÎÏÐÑªÖ×ØÜÞß«¬®¦§\xad][a-zA-Zµ-ÿ]*")
_VNI = re.compile(r"\w*(?:[aAeEoOuUyY][ÂÊÔÖÏÕØÙÛÜÀÁÉÈÅÃâêôïõøùûüàáéèåã]|[öÖ][øùûõïØÙÛÕÏ])\w*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_FEWEST_LEGACY_WORDS = 3


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
        raise TextTooLong(length=f"{len(text):,}", limit=f"{LONGEST_TEXT:,}")
    if "\ufffd" in text:
        raise TextGarbled(sample=_around(text, text.index("\ufffd")))
    if encoding := legacy_encoding(text):
        raise LegacyEncoding(encoding=encoding, sample=text[:40])


def legacy_encoding(text: str) -> str | None:
    """`TCVN3` or `VNI` if enough words are only readable in such a font, else None."""
    for name, pattern in (("VNI", _VNI), ("TCVN3", _TCVN3)):
        words = [word for word in pattern.findall(text) if len(word) > 1 and word not in {"m²", "m³"}]
        if len(words) >= max(_FEWEST_LEGACY_WORDS, len(text.split()) // 5):
            return name
    return None


def _around(text: str, place: int) -> str:
    return text[max(0, place - 15) : place + 15]
