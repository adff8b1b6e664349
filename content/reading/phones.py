"""Telephone numbers: digit by digit, in the groups in which they are written or that announcers use."""

import re

from content.reading.numbers import spell
from content.reading.scanner import Notes, Rule, after, before

_CALL = re.compile(
    r"\b(?:gọi|điện thoại|đt|sđt|số máy|máy|tổng đài|hotline|đường dây nóng|di động|zalo|liên hệ|"
    r"lh|cảnh sát|cấp cứu|cứu hộ|"
    r"cứu nạn|cứu thương|khẩn cấp|trực ban|fax|nhắn tin|báo)\b[^.;\n]{0,40}$",
    re.IGNORECASE,
)
_DIRECT = re.compile(
    r"\b(?:gọi|gọi ngay|tổng đài|hotline|đường dây nóng|điện thoại|sđt|đt|số máy|cảnh sát|cấp cứu|fax)\W*(?:số\W*)?$",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\bcác số(?: máy| điện thoại)?\s*:?\s*(?:1\d\d\s*(?:,|và|hoặc)\s*)*$", re.IGNORECASE)
_EMERGENCY = frozenset({"111", "112", "113", "114", "115", "1022"})


def _groups(written: str) -> str:
    """Say the groups with a breath between; a digit standing alone joins the group after it."""
    parts = re.findall(r"\d+", written)
    if len(parts) == 1 and len(parts[0]) == 10:
        parts = [parts[0][:4], parts[0][4:7], parts[0][7:]]
    spoken = ""
    for part in parts:
        alone = spoken and len(parts[parts.index(part) - 1]) == 1
        spoken += f"{' ' if alone else ', ' if spoken else ''}{spell(part)}"
    return spoken


def _phone(found: re.Match[str], _notes: Notes) -> str | None:
    digits = re.sub(r"\D", "", found[0])
    return _groups(found[0]) if (9 if digits[0] == "0" else 8) <= len(digits) <= 12 else None


def _bracketed(found: re.Match[str], _notes: Notes) -> str:
    return f" {_groups(found[0])}" if found[0][0] != "(" else _groups(found[0])


def _short(found: re.Match[str], _notes: Notes) -> str | None:
    """Read 113, 1022: short numbers, only where the text is about calling."""
    left, right = before(found), after(found)
    known = found[0] in _EMERGENCY and (_CALL.search(left) or _SEVERAL.search(left))
    direct = _DIRECT.search(left) and not re.match(
        r"\s*(?:người|hộ|lần|cuộc|đồng|máy|%|m\b|km|đ\b|thanh niên|công dân)", right
    )
    return spell(found[0]) if known or direct else None


def _either(found: re.Match[str], _notes: Notes) -> str | None:
    """Read 113/114 where the text is about calling."""
    return " hoặc ".join(map(spell, re.findall(r"\d+", found[0]))) if _CALL.search(before(found)) else None


def _abroad(found: re.Match[str], _notes: Notes) -> str:
    return f"cộng {_groups(found[0])}"


DIGIT_RULES = (
    Rule(
        "phone",
        re.compile(r"(?!\d{2}([.-])\d{2}\1\d{4}(?!\d))0\d{1,4}(?:[ .\-\u00a0]\d{1,4}){1,5}(?!\d|[.,]\d)"),
        _phone,
    ),
    Rule("phone", re.compile(r"0\d{8,10}(?!\d)"), _phone),
    Rule("phone", re.compile(r"1[89]00(?:[ .\-]?\d{2,6}){1,3}(?![\d]|[.,]\d)"), _phone),
    Rule("phone", re.compile(r"11[1-5](?:\s?/\s?11[1-5])+(?![\d/])"), _either),
    Rule("phone", re.compile(r"\d{3,6}(?![\d/]|[.,]\d|\s?[-–]\s?\d)"), _short),
)
OTHER_RULES = (
    Rule("phone", re.compile(r"\+84[ .\-]?\d{1,3}(?:[ .\-]?\d{2,4}){2,3}(?!\d)"), _abroad),
    Rule("phone", re.compile(r"[^\S\n]*\(0\d{2,3}\)[ .\-]?\d{1,4}(?:[ .\-]?\d{2,4}){1,3}(?!\d)"), _bracketed),
)
