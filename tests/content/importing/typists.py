"""Typists of the nineties: Unicode into TCVN3 and VNI, by tables written apart from the product's."""

import re
import unicodedata

# TCVN 5712:1993, VN3: bare vowel, then its codes with grave, hook, tilde, acute, dot below.
_VN3 = {
    "a": "- b5 b6 b7 b8 b9", "ă": "a8 bb bc bd be c6", "â": "a9 c7 c8 c9 ca cb", "e": "- cc ce cf d0 d1",
    "ê": "aa d2 d3 d4 d5 d6", "i": "- d7 d8 dc dd de", "o": "- df e1 e2 e3 e4", "ô": "ab e5 e6 e7 e8 e9",
    "ơ": "ac ea eb ec ed ee", "u": "- ef f1 f2 f3 f4", "ư": "ad f5 f6 f7 f8 f9", "y": "- fa fb fc fd fe",
}  # fmt: skip
_VN3_CAPITALS = dict(zip("ĂÂÊÔƠƯĐ", "¡¢£¤¥¦§", strict=True))
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_MARKS = {"": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}

# VNI: the mark after the vowel, by tone in the order above.
_VNI_PLAIN = ("", "ø", "û", "õ", "ù", "ï")
_VNI_HAT = ("â", "à", "å", "ã", "á", "ä")
_VNI_BREVE = ("ê", "è", "ú", "ü", "é", "ë")
_VNI_I = ("i", "ì", "æ", "ó", "í", "ò")


def _tcvn3_letters() -> dict[str, str]:
    letters = {"đ": "®", **_VN3_CAPITALS}
    for vowel, codes in _VN3.items():
        for code, tone in zip(codes.split(), _TONES, strict=True):
            if code != "-":
                letters[unicodedata.normalize("NFC", vowel + tone)] = chr(int(code, 16))
    return letters


_TCVN3 = _tcvn3_letters()


def typable_in_tcvn3(text: str) -> str:
    """The text with those capitals made small that TCVN3 lacks; in words of capitals they are understood."""
    return re.sub(r"[^\W\d_]+", lambda word: _without_toned_capitals(word[0]), unicodedata.normalize("NFC", text))


def _without_toned_capitals(word: str) -> str:
    if word.isupper() and len(re.findall("[A-Z]", word)) >= 2:
        return word
    return "".join(char.lower() if char.lower() in _TCVN3 and char not in _TCVN3 else char for char in word)


def tcvn3(text: str) -> str:
    """As typed for `.VnTime`: toned capitals become the small letter's code."""
    nfc = unicodedata.normalize("NFC", text)
    return "".join(_TCVN3.get(char, _TCVN3.get(char.lower(), char)) for char in nfc)


def vni(text: str) -> str:
    """As typed for `VNI-Times`."""
    return "".join(map(_vni_letter, unicodedata.normalize("NFC", text)))


def _vni_letter(char: str) -> str:
    if char in "đĐ":
        return "ñ" if char == "đ" else "Ñ"
    base, *marks = unicodedata.normalize("NFD", char)
    if not re.fullmatch("[aeiouyAEIOUY]", base):
        return char
    tone = next((_MARKS[mark] for mark in marks if mark in _MARKS), 0)
    small, shape = base.lower(), set(marks) - set(_MARKS)
    if small == "i":
        written = _VNI_I[tone]
    elif small == "y" and tone == 5:
        written = "î"
    elif "\u031b" in shape:
        written = {"o": "ô", "u": "ö"}[small] + _VNI_PLAIN[tone]
    else:
        row = _VNI_HAT if "\u0302" in shape else _VNI_BREVE if "\u0306" in shape else _VNI_PLAIN
        written = small + row[tone]
    return written if base.islower() else written.upper()
