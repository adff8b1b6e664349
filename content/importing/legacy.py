"""Text typed for the Vietnamese fonts of the nineties, TCVN3 (ABC) and VNI, becomes Unicode.

Such text holds Latin-1 letters that only those fonts draw as Vietnamese ones. It is known by its words: they are
no syllables as they stand and become syllables when converted. A font's name is better evidence, where a file
has one. Source of the tables: TCVN 5712:1993 (VN3) and the VNI-Windows code page.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from content.importing.document import Span
from content.importing.syllables import is_syllable


class Encoding(StrEnum):
    """What a text can have been written in, beside Unicode."""

    TCVN3 = "TCVN3"
    VNI = "VNI"


_TCVN3_CODES = "µ¶·¸¹ ¨»¼½¾Æ ©ÇÈÉÊË ® ÌÎÏÐÑ ªÒÓÔÕÖ ×ØÜÝÞ ßáâãä «åæçèé ¬êëìíî ïñòóô \xadõö÷øù úûüýþ ¡¢§£¤¥¦"
_TCVN3_LETTERS = "àảãáạ ăằẳẵắặ âầẩẫấậ đ èẻẽéẹ êềểễếệ ìỉĩíị òỏõóọ ôồổỗốộ ơờởỡớợ ùủũúụ ưừửữứự ỳỷỹýỵ ĂÂĐÊÔƠƯ"
_TCVN3 = str.maketrans(_TCVN3_CODES, _TCVN3_LETTERS)

# VNI writes a vowel and then one mark for its tone, its shape or both.
_VNI_TONED = (
    "øùûõï",
    {"a": "àáảãạ", "e": "èéẻẽẹ", "o": "òóỏõọ", "u": "ùúủũụ", "y": "ỳýỷỹỵ", "ô": "ờớởỡợ", "ö": "ừứửữự"},
)
_VNI_HATTED = ("âàáåãä", {"a": "âầấẩẫậ", "e": "êềếểễệ", "o": "ôồốổỗộ"})
_VNI_BREVED = ("êèéúüë", {"a": "ăằắẳẵặ"})
_VNI_PAIRS = {
    vowel + mark: letter
    for marks, rows in (_VNI_TONED, _VNI_HATTED, _VNI_BREVED)
    for vowel, letters in rows.items()
    for mark, letter in zip(marks, letters, strict=True)
}
_VNI_ALONE = str.maketrans("ìíæóòôöñîÌÍÆÓÒÔÖÑÎ", "ìíỉĩịơưđỵÌÍỈĨỊƠƯĐỴ")
_VNI_LETTER = re.compile("[aeouyôö][øùûõïâàáåãäêèéúüë]|.", re.IGNORECASE)

_WORD = re.compile(r"[a-zA-Z\u00a1-\u024f\u0300-\u036f\u1e00-\u1eff]+")
_MODERN = re.compile(r"[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
_UNITS = {"µm", "n·m"}
_PROOFS = 2
_WORDS_PER_PROOF = 8

# Fonts like these are marked as symbol fonts, and files then name their letters in Unicode's private area.
_SYMBOLS = {0xF000 + code: code for code in range(0x20, 0x100)}


@dataclass(frozen=True, slots=True)
class _Tally:
    proofs: tuple[str, ...]
    against: int
    words: int

    @property
    def convinces(self) -> bool:
        hits = len(self.proofs)
        return len(set(self.proofs)) >= _PROOFS and hits > 2 * self.against and hits * _WORDS_PER_PROOF >= self.words


def to_unicode(text: str) -> tuple[str, str | None]:
    """The text in Unicode NFC, and the old encoding that some or all of its lines were in (None: it was Unicode)."""
    lines, found = lines_to_unicode(text.split("\n"))
    return "\n".join(lines), str(found[0]) if found else None


def lines_to_unicode(lines: Iterable[str]) -> tuple[list[str], tuple[Encoding, ...]]:
    """Convert the lines that were typed for an old font, and name the encodings met, the most frequent first."""
    nfc = [unicodedata.normalize("NFC", line) for line in lines]
    encodings = _encodings(nfc)
    converted = [convert(line, encoding) if encoding else line for line, encoding in zip(nfc, encodings, strict=True)]
    met = [encoding for encoding in encodings if encoding]
    return converted, tuple(sorted(set(met), key=met.count, reverse=True))


def spans_to_unicode(spans: Iterable[Span]) -> tuple[str, tuple[Encoding, ...]]:
    """A line whose pieces have fonts, converted where a font is an old one; the rest is left for `lines_to_unicode`."""
    text, met = "", []
    for span in _merged(spans):
        encoding = font_encoding(span.font)
        if encoding and not _MODERN.search(span.text):
            piece = convert(span.text.translate(_SYMBOLS), encoding)
            text += piece.upper() if _is_capitals_font(span.font) else piece
            met += [encoding] if piece != span.text else []
        else:
            text += span.text
    return unicodedata.normalize("NFC", text), tuple(met)


def font_encoding(font: str | None) -> Encoding | None:
    """The encoding that a font by this name draws: `.VnTime`, `VNI-Times`, also as `ABCDEF+.VnTime,Bold`."""
    name = _font_name(font).lower()
    return Encoding.TCVN3 if name.startswith(".vn") else Encoding.VNI if name.startswith("vni-") else None


def convert(text: str, encoding: Encoding) -> str:
    """Convert without asking whether the text is in this encoding; words with letters beyond Latin-1 stay."""
    if encoding is Encoding.VNI:
        return _WORD.sub(lambda word: _word(word[0], encoding), text)
    shouted = not re.search("[a-z]", text) and re.search("[A-Z]{2}", re.sub("[^A-Z ]", "", text))
    converted = _WORD.sub(lambda word: _word(word[0], encoding), text)
    return converted.upper() if shouted else converted


def legacy_encoding(text: str) -> str | None:
    """`TCVN3` or `VNI` if lines of the text are only readable in such a font, else None."""
    return to_unicode(text)[1]


def _word(word: str, encoding: Encoding) -> str:
    if _MODERN.search(word):
        return word
    if encoding is Encoding.VNI:
        return _VNI_LETTER.sub(lambda found: _vni_letter(found[0]), word)
    # TCVN3 has no capitals with tones: in "CéNG" the letters around say what é is.
    is_capitals = len(re.findall("[A-Z]", word)) >= 2 and not re.search("[a-z]", word)
    converted = word.translate(_TCVN3)
    return converted.upper() if is_capitals else converted


def _vni_letter(found: str) -> str:
    pair = _VNI_PAIRS.get(found.lower())
    if pair is None:
        return found.translate(_VNI_ALONE)
    return pair.upper() if found[0].isupper() else pair


def _encodings(lines: Sequence[str]) -> list[Encoding | None]:
    # Where a letter beyond Latin-1 occurs, part of the text is Unicode, so each line must convince by itself.
    tallies = [{encoding: _weigh(line, encoding) for encoding in Encoding} for line in lines]
    whole = {encoding: _sum(tally[encoding] for tally in tallies) for encoding in Encoding}
    rest = None if any(_MODERN.search(line) for line in lines) else _best(whole)
    return [_best(tally) or rest for tally in tallies]


def _best(tallies: dict[Encoding, _Tally]) -> Encoding | None:
    best = max(Encoding, key=lambda encoding: len(tallies[encoding].proofs) - tallies[encoding].against)
    return best if tallies[best].convinces else None


def _sum(tallies: Iterable[_Tally]) -> _Tally:
    every = list(tallies)
    return _Tally(
        tuple(proof for tally in every for proof in tally.proofs),
        sum(tally.against for tally in every),
        sum(tally.words for tally in every),
    )


def _weigh(line: str, encoding: Encoding) -> _Tally:
    words = _WORD.findall(line)
    foreign = [word for word in words if not word.isascii()]
    proofs = tuple(word for word in foreign if _is_proof(word, encoding))
    against = sum(_is_against(word, encoding) for word in foreign)
    return _Tally(proofs, against, len(words))


def _is_proof(word: str, encoding: Encoding) -> bool:
    is_candidate = re.search("[a-zA-Z]", word) and word.lower() not in _UNITS and not is_syllable(word)
    return bool(is_candidate) and is_syllable(_word(word, encoding))


def _is_against(word: str, encoding: Encoding) -> bool:
    if _MODERN.search(word):
        return True
    marked = any(char.isalpha() and not char.isascii() for char in word)
    converted = _word(word, encoding)
    return marked and (converted == word or not is_syllable(converted))


def _merged(spans: Iterable[Span]) -> list[Span]:
    # A vowel and its mark, or the letters of one word, may lie in two pieces with one font.
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].font == span.font:
            merged[-1] = Span(merged[-1].text + span.text, span.font)
        else:
            merged.append(span)
    return merged


def _font_name(font: str | None) -> str:
    return re.split("[,;]", (font or "").rpartition("+")[2])[0].strip(" '\"")


def _is_capitals_font(font: str | None) -> bool:
    return _font_name(font).startswith((".Vn", ".VN", ".vn")) and _font_name(font).endswith("H")
