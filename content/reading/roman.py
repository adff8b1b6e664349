"""Roman numerals, where the words before them say that they are numbers, or where they can be nothing else."""

import re

from content.reading.dates import DASH, YEAR, year
from content.reading.letters import LETTER
from content.reading.numbers import cardinal, ordinal, roman
from content.reading.scanner import Notes, Rule, before

_NUMERAL = r"[IVXL]+"
_COUNTED = (
    r"đại hội(?: (?:đảng|đoàn|chi bộ|đại biểu))?|khóa|khoá|thế kỷ|thế kỉ|tk|chương|mục|phần|quý|"
    r"cấp|hạng|loại|lần thứ|thứ|kỳ|kì|tập|khu|bậc|giai đoạn|"
    r"đợt|nhóm|vùng|khu vực|liên khu|quân khu|"
    r"quân đoàn|sư đoàn|trung đoàn|tiểu đoàn|đại đội|phụ lục|học kỳ|học kì|hk|kv|kỳ họp|tuyến|lần|hội nghị|"
    r"mức|vụ|điều|bảng|danh mục|độ|type|týp|nhiệm kỳ"
)
_COUNTING = re.compile(rf"\b(?:{_COUNTED})\s+(?:{_NUMERAL}\s*(?:,|và|hoặc|&|/)\s*)*$", re.IGNORECASE)
_MEDAL = re.compile(r"\b(?:huân chương|huy chương)\b[^.;]*\bhạng\s*$", re.IGNORECASE)


def _numeral(found: re.Match[str], _notes: Notes) -> str | None:
    first, last = roman(found["first"]), roman(found["last"]) if found["last"] else 0
    counting = _COUNTING.search(before(found))
    if (
        not first
        or last is None
        or not (counting or (len(found["first"]) > 1 and found["first"] != "XL") or found["last"])
    ):
        return None
    if _MEDAL.search(before(found)):
        return {1: "nhất", 2: "nhì"}.get(first) or cardinal(first)
    nth = ordinal if re.search(r"\bthứ\s*$", before(found), re.IGNORECASE) else cardinal
    words = f"{nth(first)} đến {nth(last)}" if last else nth(first)
    return f"{words} {year(int(found['y']))}" if found["y"] else words


def _numbered_part(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the III.2 of mục III.2, or of a heading."""
    value = roman(found[1])
    at_start = not found.start() or found.string[found.start() - 1] == "\n"
    if not value or not (at_start or _COUNTING.search(before(found))):
        return None
    parts = [value, *map(int, found[2].strip(".").split("."))]
    return " chấm ".join(map(cardinal, parts)) + (", " if at_start else "")


def _heading(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the I. that begins a line."""
    value = roman(found[1])
    at_start = not found.start() or found.string[found.start() - 1] == "\n"
    # X. Cốc San is a commune; lists so long are not read aloud
    return f"{cardinal(value)}, " if value and at_start and found[1] != "X" else None


WORD_RULES = (
    Rule(
        "roman",
        re.compile(rf"(?<!{LETTER})({_NUMERAL})((?:\.\d{{1,2}}){{1,2}})(?![\w/-])(?:\.(?=\s))?"),
        _numbered_part,
    ),
    Rule("roman", re.compile(rf"(?<!{LETTER})({_NUMERAL})[.)/][^\S\n]+"), _heading),
    Rule(
        "roman",
        re.compile(
            rf"(?<![\w.])(?P<first>{_NUMERAL})(?:{DASH}(?P<last>{_NUMERAL}))?(?:[/.-](?P<y>{YEAR}))?(?![\w]|[./]\w)"
        ),
        _numeral,
    ),
)
