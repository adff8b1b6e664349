"""Months, quarters and weekdays by themselves, without a day of the month."""

import re

from content.reading.dates import DASH, LUNAR_MARK, MONTH, YEAR, month, year
from content.reading.model import WarningKind
from content.reading.numbers import cardinal, ordinal
from content.reading.scanner import Notes, Rule, after, before


def _month_year(found: re.Match[str], _notes: Notes) -> str | None:
    said = re.search(
        r"\btháng\s*$|\d\s*(?:-|–|đến|và|,)\s*(?:tháng\s*)?$|\btháng\s+\S+\s*(?:-|–|đến|và|,)\s*$",
        before(found),
        re.IGNORECASE,
    )
    if re.search(
        r"\b(?:số|quý|tuần|đợt|kỳ|lần|luật|nghị định|thông tư|nghị quyết|quyết định)\s*$", before(found), re.IGNORECASE
    ):
        return None
    words = f"{month(int(found['m']))} {year(int(found['y']))}"
    return words.removeprefix("tháng ") if said and "tháng" in before(found).lower() else words


def _part_of_year(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the 2/2026 of đợt 2/2026 and quý 4/2026."""
    if not re.search(r"\b(?:đợt|quý|kỳ|lần|tuần|vụ|số|khóa)\s*$", before(found), re.IGNORECASE):
        return None
    return f"{cardinal(int(found[1]))} {year(int(found[2]))}"


def _months(found: re.Match[str], _notes: Notes) -> str | None:
    """Read 11-12 after tháng."""
    if not re.search(r"\btháng\s*$", before(found), re.IGNORECASE):
        return None
    first, last = int(found["m1"]), int(found["m2"])
    words = f"{month(first).removeprefix('tháng ')} đến {month(last)}"
    return f"{words} {year(int(found['y']))}" if found["y"] else words


def _month(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the 4 of tháng 4, and the first and last month where the year is lunar."""
    left = before(found)
    value = int(found[0])
    if not re.search(r"\btháng\s*$", left, re.IGNORECASE) or not 1 <= value <= 12:
        return None
    if re.search(r"\d\s*tháng\s*$", left) and re.match(r"\s*(?:lần|buổi|kỳ|đợt|lượt)\b", after(found)):
        return None
    return month(value, lunar=bool(LUNAR_MARK.match(after(found)))).removeprefix("tháng ")


def _weekday(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the numbers after thứ: 4 is tư, 1 is nhất; 2-6 and 2, 4, 6 are weekdays."""
    left = before(found)
    if not re.search(r"\bthứ\s*(?:[2-7]\s*(?:,|và|&|hoặc)\s*)*$", left, re.IGNORECASE):
        return None
    first = ordinal(int(found[1]))
    return f"{first} đến thứ {ordinal(int(found[2]))}" if found[2] else first


def _weekday_letters(found: re.Match[str], notes: Notes) -> str | None:
    """Read T2-T6, T7, T4; a month where a year or a number above seven follows."""
    value, last = int(found[1]), found[2]
    left, right = before(found), after(found)
    year_follows = re.match(r"[/.-](?=\d{4})", right)
    if year_follows or value > 7 or value == 1 or (last and int(last) > 7):
        words = month(value) if value <= 12 else None
        return f"{words} đến {month(int(last))}" if words and last and int(last) <= 12 else words
    if not re.search(
        r"(?:\b(?:sáng|trưa|chiều|tối|đêm|ngày|từ|đến|và|thứ|các|vào|hôm)|[,(:;–-]|T[2-7]|^)\s*$", left, re.IGNORECASE
    ):
        if re.search(r"\b(?:nhà|tầng|mẫu|dự án|đội)\s*$", left, re.IGNORECASE):
            return None
        notes.warn(WarningKind.AMBIGUOUS, found, f"thứ {ordinal(value)}", month(value))
    words = f"thứ {ordinal(value)}"
    return (
        f"{words} đến {'chủ nhật' if found[0].endswith('CN') else 'thứ ' + ordinal(int(last))}"
        if last or found[0].endswith("CN")
        else words
    )


def _year_after_month(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the year of T12/2026 and IV/2026."""
    return f" {year(int(found['y']))}" if re.search(r"\bT\.?(?:\d|1[0-2])$", before(found)) else None


DIGIT_RULES = (
    Rule("period", re.compile(rf"(\d{{1,2}})/({YEAR})(?![\d/])"), _part_of_year),
    Rule(
        "month",
        re.compile(rf"(?<![\d/.,-])(?P<m1>{MONTH}){DASH}(?P<m2>{MONTH})(?:/(?P<y>{YEAR}))?(?![\d/]|[.,]\d)"),
        _months,
    ),
    Rule("month", re.compile(rf"(?<![\d/.,-])(?P<m>{MONTH})[/-](?P<y>{YEAR})(?![\d/]|[.,]\d)"), _month_year),
    Rule("weekday", re.compile(rf"([1-9]\d*)(?:{DASH}(?:[Tt]hứ\s+)?([2-7]))?(?!\d|[./]\d|-)"), _weekday),
    Rule("month", re.compile(rf"(?<![\d/.,-]){MONTH}(?![\d/]|[.,]\d|\s*[-–]\s*\d)"), _month),
)
WORD_RULES = (Rule("weekday", re.compile(rf"(?<!\w)T\.?(1?\d)(?:{DASH}(?:T\.?(1?\d)|CN))?(?!\w)"), _weekday_letters),)
OTHER_RULES = (Rule("month", re.compile(rf"[/.-](?P<y>{YEAR})(?!\d)"), _year_after_month),)
