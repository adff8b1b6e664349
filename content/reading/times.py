"""Times of day as written on the 24-hour clock, and their ranges."""

import re

from content.reading.dates import DASH
from content.reading.model import WarningKind
from content.reading.numbers import cardinal
from content.reading.scanner import Notes, Rule, after, before

_MINUTES = r"[0-5]\d"
_AT = (
    rf"(\d{{1,2}})[^\S\n]?(?:[hHg]|giờ)[^\S\n]?(?:[:.](?=\d))?"
    rf"(?:({_MINUTES})(?![\d.,/]\d|\d)[^\S\n]?(?:(?:phút|ph|p|['’])(?!\w))?)?(?![\w])"
)
_COLON = rf"(\d{{1,2}}):({_MINUTES})(?::{_MINUTES})?(?!\d)"
_TIME_WORDS = re.compile(
    r"\b(?:lúc|từ|đến|tới|vào|hồi|trước|sau|khoảng|sáng|trưa|chiều|tối|đêm|ngày|bắt đầu|giờ|gian|"
    r"mở cửa|kết thúc|và|hết)\W*$",
    re.IGNORECASE,
)
_RATIO_WORDS = re.compile(r"\b(?:tỷ lệ|tỉ lệ|tỷ số|tỉ số)\s*(?:là\s*)?$", re.IGNORECASE)


def clock(hours: str, minutes: str | None) -> str:
    """Say a time: 7, 30 is bảy giờ ba mươi phút; whole hours have no minutes."""
    words = f"{cardinal(int(hours))} giờ"
    return f"{words} {cardinal(int(minutes))} phút" if minutes and int(minutes) else words


def _time(found: re.Match[str], notes: Notes) -> str | None:
    hours, minutes = found[1], found[2]
    if _is_grams(found[0], minutes, before(found), after(found)):
        return None
    if minutes and int(hours) > 24:
        notes.warn(WarningKind.IMPOSSIBLE_DATE, found)
    return clock(hours, minutes)


def _is_grams(written: str, minutes: str | None, left: str, right: str = "") -> bool:
    if re.match(r"\s*(?:sáng|trưa|chiều|tối|đêm|ngày)\b", right):
        return False
    return "g" in written and "giờ" not in written and not minutes and not _TIME_WORDS.search(left)


def _colon(found: re.Match[str], _notes: Notes) -> str | None:
    return None if _RATIO_WORDS.search(before(found)) or int(found[1]) > 24 else clock(found[1], found[2])


def _range(found: re.Match[str], notes: Notes) -> str | None:
    """Read 7h30-11h: two times."""
    first, last = re.split(DASH, found[0], maxsplit=1)
    parts = [re.fullmatch(_AT, part) or re.fullmatch(_COLON, part) for part in (first, last)]
    if not all(parts) or any(part and _is_grams(part[0], part[2], before(found)) for part in parts):
        return None
    if any(part and part[2] and int(part[1]) > 24 for part in parts):
        notes.warn(WarningKind.IMPOSSIBLE_DATE, found)
    return " đến ".join(clock(part[1], part[2]) for part in parts if part)


def _bare_to_time(found: re.Match[str], _notes: Notes) -> str | None:
    """Read 8-10h and 8-11h30, where the first hour has no sign."""
    if _is_grams(found[0], found[3], before(found)):
        return None
    return (
        f"{cardinal(int(found[1]))} giờ đến {clock(found[2], found[3])}"
        if found[3]
        else f"{cardinal(int(found[1]))} đến {clock(found[2], None)}"
    )


DIGIT_RULES = (
    Rule("time", re.compile(rf"(?:{_AT}|{_COLON}){DASH}(?:{_AT}|{_COLON})"), _range),
    Rule("time", re.compile(rf"(?<![\d.,/])(\d{{1,2}}){DASH}{_AT}"), _bare_to_time),
    Rule("time", re.compile(_AT), _time),
    Rule("time", re.compile(_COLON), _colon),
)
