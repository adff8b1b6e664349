"""Measures that only their surroundings tell: coordinates, amperes, inches, money whose sign comes first."""

import re

from content.reading.numbers import NUMBER, number
from content.reading.scanner import Notes, Rule, before

_ELECTRIC = re.compile(
    r"\b(?:dòng điện|cường độ|áp tô mát|áp-tô-mát|aptomat|attomat|cầu chì|cầu dao|ắc quy|sạc|ổ cắm|công tơ)\b"
    r"[^.;\n]{0,20}$",
    re.IGNORECASE,
)
_SCREEN = re.compile(r"\b(?:tv|ti ?vi|màn hình|laptop|máy tính bảng)\b[^.;\n\"”]{0,20}$", re.IGNORECASE)
# The country lies north of the equator, so that N is English for bắc, never nam.
_SIDES = {"B": "bắc", "N": "bắc", "Đ": "đông", "E": "đông", "T": "tây", "W": "tây"}
_MONEY = {"$": "đô la Mỹ", "€": "ơ rô"}


def _coordinate(found: re.Match[str], _notes: Notes) -> str:
    """Read 22°30'15"B: an angle, and the side of the globe."""
    pairs = zip((found["deg"], found["min"], found["sec"]), ("độ", "phút", "giây"), strict=True)
    words = " ".join(f"{number(value)} {name}" for value, name in pairs if value)
    side = found["side"] or found["whole"]
    return f"{words} {_SIDES[side]}" if side else words


def _current(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the 16A of dòng điện 16A; 16A elsewhere is a house or a class."""
    return f"{number(found['n'])} am pe" if _ELECTRIC.search(before(found)) else None


def _inches(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the 43" of TV 43"."""
    return f"{number(found['n'])} inh" if _SCREEN.search(before(found)) else None


def _sign_first(found: re.Match[str], _notes: Notes) -> str:
    """Read $100 and $1,5 triệu: the money is said after its number."""
    return f"{number(found['n'])}{found['scale'] or ''} {_MONEY[found['sign']]}"


_N = rf"(?P<n>{NUMBER})"
DIGIT_RULES = (
    Rule(
        "coordinate",
        re.compile(
            rf"(?P<deg>{NUMBER})[°º˚](?:[^\S\n]?(?P<min>{NUMBER})['’′](?:[^\S\n]?(?P<sec>{NUMBER})(?:[\"”″]|''))?"
            r"(?:[^\S\n]?(?P<side>[BNĐTEW])(?!\w))?|[^\S\n]?(?P<whole>[BNĐTEW])(?!\w))"
        ),
        _coordinate,
    ),
    Rule("unit", re.compile(rf"{_N}[^\S\n]?A(?!\w)"), _current),
    Rule("unit", re.compile(rf"{_N}[^\S\n]?[\"”″](?!\w)"), _inches),
)
OTHER_RULES = (
    Rule(
        "money",
        re.compile(rf"(?P<sign>[$€])[^\S\n]?{_N}(?P<scale>[^\S\n]?(?:nghìn|ngàn|triệu|tỷ|tỉ)\b)?"),
        _sign_first,
    ),
)
