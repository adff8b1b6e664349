"""Days, months, years and weekdays. Lunar months keep their names only where the text says that it is lunar."""

import calendar
import re

from content.reading.model import WarningKind
from content.reading.numbers import cardinal, ordinal
from content.reading.scanner import Notes, Rule, after, before

DASH = r"[^\S\n]*[-–—÷~→][^\S\n]*"
YEAR = r"(?:1[89]|20|21)\d\d"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
MONTH = r"(?:0?[1-9]|1[0-2])"
FULL_DATE = re.compile(rf"(?P<d>{_DAY})(?P<sep>[/.-])(?P<m>{MONTH})(?P=sep)(?P<y>{YEAR})(?!\d)")
SHORT_YEAR_DATE = re.compile(rf"(?P<d>{_DAY})/(?P<m>{MONTH})/(?P<y>[2-4]\d)(?![\d/]|[.,]\d)")
ISO_DATE = re.compile(rf"(?P<y>{YEAR})-(?P<m>{MONTH})-(?P<d>{_DAY})(?!\d)")
SHORT_DATE = re.compile(rf"(?P<d>{_DAY})(?P<sep>[/-])(?P<m>{MONTH})(?![\d/]|[.,]\d)")
_ONE_DATE = rf"({_DAY})[/.]({MONTH})(?:[/.]({YEAR}))?"
_HYPHEN_DATE = rf"({_DAY})-({MONTH})(?:-({YEAR}))?"

# Words after which a date follows without "ngày" said again, and words after which it is said though not written.
_NAMED_DAY = re.compile(
    r"\b(?:ngày|hôm|mùng|mồng|rằm|lễ|dịp|tết|quốc khánh|kỷ niệm|kỉ niệm|chào mừng|mừng)\b[^.;:\n\d]*$", re.IGNORECASE
)
_DAY_WORD = re.compile(r"\b(?:ngày|mùng|mồng|hôm|rằm)\s*:?\s*$", re.IGNORECASE)
_DAY_SAID = re.compile(
    r"\b(?:ngày|thứ\s+(?:[2-7]|hai|ba|tư|năm|sáu|bảy)|chủ nhật|CN|T[2-7])[^\S\n]?[,(]?[^\S\n]*(?:ngày\s+)?$",
    re.IGNORECASE,
)
_PART_OF_DAY = re.compile(r"\b(?:sáng|trưa|chiều|tối|đêm|khuya)\s*$", re.IGNORECASE)
_WEEKDAY_BEFORE = re.compile(
    r"(?:\b(?:thứ\s+(?:\d|hai|ba|tư|năm|sáu|bảy)|chủ nhật|cn|t[2-7])[\s,(]*|tuần (?:này|sau|"
    r"tới)[\s,(]*|\d\s*(?:giờ|h|phút|')?[\s,(]*)$",
    re.IGNORECASE,
)
_BEFORE_DATE = re.compile(
    r"(?:^|[:,;.(\n•*+–—-]\s*|\b(?:từ|đến|tới|trước|sau|hết|vào|hạn|chót|cuối|và|hoặc|trong|nay|"
    r"qua|nhất|xong|tính|các|mai|kia|hôm nay)\s+|\bngày\s*:\s*)$",
    re.IGNORECASE,
)
_HOLIDAYS = frozenset(
    [(1, 1), (3, 2), (27, 2), (8, 3), (26, 3), (30, 4), (1, 5), (7, 5), (15, 5), (19, 5), (1, 6), (28, 6), (27, 7),
     (19, 8), (2, 9), (10, 10), (20, 10), (18, 11), (20, 11), (22, 12)],
)  # fmt: skip
_HOLIDAY_WORDS = re.compile(r"\b(?:lễ|dịp|tết|kỷ niệm|kỉ niệm|chào mừng|mừng|quốc khánh)\b[^.;\n]*$", re.IGNORECASE)
_DAY_LIST = re.compile(
    r"\bngày\s*:?\s*\d+(?:\s*(?:,|và|hoặc|-|–)\s*(?:ngày\s+)?\d+)*\s*(?:,|và|hoặc)\s*$", re.IGNORECASE
)
LUNAR_MARK = re.compile(r"\s*,?\s*\(?(?:âm lịch|ÂL|AL)\b", re.IGNORECASE)
# Before 5/12 these speak of a place, a share or a school year, not of a day.
_NO_DATE = re.compile(
    r"\b(?:ngõ|ngách|hẻm|kiệt|số nhà|nhà số|sn|tỷ lệ|tỉ lệ|bản đồ|liều|trình độ(?: văn hóa|"
    r" học vấn)?|văn hóa|học vấn|đạt|giảm|tăng|chia|chiếm|được|gần|khoảng|hơn|còn|bằng|phòng|"
    r"thửa|lô|số|lớp|điểm|hạng)\s*$",
    re.IGNORECASE,
)
# "5/12 hộ" counts; "ngày 5/12 hộ ..." does not.
COUNTED = re.compile(
    r"\s*(?:tổng|số|dân số|diện tích|quãng|thời gian|khối lượng|giá|hộ|thôn|bản|xã|tổ|người|hồ sơ|"
    r"đại biểu|phiếu|tiêu chí|"
    r"thành viên|đảng viên|chi bộ|chi hội|chi đoàn|hội viên|đoàn viên|cử tri|em|học sinh|cháu|con|"
    r"trường|lớp|điểm|thửa|nhà|"
    r"ha|héc|m2|m²|km|kg|lít|giờ|ngày|tháng|năm|quý|tuần|h|xuất|suất|mức|phần|công trình|nhiệm vụ|"
    r"chỉ tiêu|nội dung|ý kiến|"
    r"đồng chí|đ/c|cán bộ|công dân|thanh niên|phụ nữ|trẻ|gia đình|khẩu|nhân khẩu|cơ sở|đơn vị|doanh nghiệp|"
    r"viên|thìa|muỗng|bát|cốc|chén|liều|gói|chai|bình|bao|sân|đàn|vụ|ao|ruộng|lượng|quân số|"
    r"kế hoạch|trọng lượng|chiều)\b",
    re.IGNORECASE,
)
_DURATION_COUNT = re.compile(
    r"\s*(?:lần|bữa|buổi|viên|giờ|tiếng|cữ|ca|gói|liều|lít|chuyến|lượt|bát|cốc|kg|g|ml|người|con|hộ|trận|suất|công)\b",
    re.IGNORECASE,
)


def day(value: int) -> str:
    """Say a day of the month: the first ten are mùng."""
    return f"mùng {cardinal(value)}" if value <= 10 else cardinal(value)


def month(value: int, *, lunar: bool = False) -> str:
    """Say a month. Only a lunar first month is Giêng, and a lunar twelfth Chạp."""
    if lunar and value in (1, 12):
        return "tháng Giêng" if value == 1 else "tháng Chạp"
    return f"tháng {ordinal(value) if value == 4 else cardinal(value)}"


def year(value: int) -> str:
    """Say a year with its word."""
    return f"năm {cardinal(value)}"


def _say(d: str, m: str, y: str | None, *, lunar: bool = False) -> str:
    words = f"{day(int(d))} {month(int(m), lunar=lunar)}"
    return f"{words} {year(int(y))}" if y else words


def _is_lunar(found: re.Match[str]) -> bool:
    return bool(LUNAR_MARK.match(after(found)))


def _prefix(found: re.Match[str], first_day: int) -> str:
    """Give "ngày " where an announcer says it though it is not written."""
    left = before(found)
    if _DAY_WORD.search(left) or _NAMED_DAY.search(left):
        return ""
    if _HOLIDAY_WORDS.search(left) and re.search(r"\d/\d+\s*(?:,|và|-|–)\s*$", left):
        return ""
    if _PART_OF_DAY.search(left):
        return "ngày " if first_day > 10 else ""
    return "ngày " if _WEEKDAY_BEFORE.search(left) or _BEFORE_DATE.search(left) else ""


def _unsaid(words: str, found: re.Match[str]) -> str:
    """Leave out the mùng that is written before the number."""
    return words.removeprefix("mùng ") if re.search(r"\b(?:mùng|mồng)\s*$", before(found), re.IGNORECASE) else words


def _check(found: re.Match[str], notes: Notes, d: str, m: str, y: str | None) -> None:
    longest = calendar.monthrange(int(y) if y else 2024, int(m))[1]
    if int(d) > longest:
        notes.warn(WarningKind.IMPOSSIBLE_DATE, found)


def _full_date(found: re.Match[str], notes: Notes) -> str:
    d, m, y = found["d"], found["m"], found.groupdict().get("y")
    _check(found, notes, d, m, y)
    return _prefix(found, int(d)) + _unsaid(_say(d, m, y, lunar=_is_lunar(found)), found)


def _short_year(found: re.Match[str], notes: Notes) -> str:
    """Read 22/11/26: a year of this century."""
    _check(found, notes, found["d"], found["m"], f"20{found['y']}")
    return _prefix(found, int(found["d"])) + _say(found["d"], found["m"], f"20{found['y']}")


def _two_dates(found: re.Match[str], notes: Notes) -> str | None:
    d1, m1, y1, d2, m2, y2 = found.groups()
    if "." in found[0] and not (y1 or y2):
        return None
    for parts in ((d1, m1, y1), (d2, m2, y2)):
        _check(found, notes, *parts)
    left = before(found)
    first = _prefix(found, int(d1)) + _say(d1, m1, y1)
    if _HOLIDAY_WORDS.search(left) and not re.search(r"\btừ\s*(?:ngày\s*)?$", left, re.IGNORECASE):
        return f"{first}, {_say(d2, m2, y2)}"
    return f"{first} đến ngày {_say(d2, m2, y2, lunar=_is_lunar(found))}"


def _days_of_month(found: re.Match[str], notes: Notes) -> str | None:
    """Read 5-7/12: two days of one month."""
    d1, d2, m, y = found["d1"], found["d2"], found["m"], found["y"]
    if int(d1) >= int(d2):
        return None
    _check(found, notes, d2, m, y)
    return f"{_prefix(found, int(d1))}{day(int(d1))} đến ngày {_say(d2, m, y, lunar=_is_lunar(found))}"


def _listed_day(found: re.Match[str], _notes: Notes) -> str:
    """Read the first of 3, 4, 5/12 (the rest follow by themselves)."""
    words = day(int(found["d"]))
    return words if re.search(r"\d\s*(?:,|và|hoặc|-)\s*$", before(found)) else _prefix(found, int(found["d"])) + words


def _short_date(found: re.Match[str], notes: Notes) -> str | None:
    """Read 5/12 as a day of a month unless it counts something (2/3 dân số) or names a place (ngõ 25/4)."""
    d, m = int(found["d"]), int(found["m"])
    left, right = before(found), after(found)
    if (d, m) == (24, 7) and not _DAY_WORD.search(left):
        return None
    strong = (
        _DAY_WORD.search(left) or _PART_OF_DAY.search(left) or re.search(r"\bthứ\s+\S+[\s,(]*$", left, re.IGNORECASE)
    )
    if found["sep"] == "-":
        return _hyphen_date(found, notes, said=bool(strong))
    if _NO_DATE.search(left):
        return None
    if not strong and (COUNTED.match(right) or re.match(r"\s*%|[^\S\n]*\)?[^\S\n]*=", right)):
        return None
    listed = re.search(rf"\d/{MONTH}\s*(?:,|và|hoặc|;|đến|-|–)\s*(?:ngày\s*)?$", left)
    in_list = _DAY_LIST.search(left)
    padded = found["d"].startswith("0") or found["m"].startswith("0")
    sure = strong or in_list or listed or padded or (d > m > 0 and d > 12) or (d, m) in _HOLIDAYS or _is_lunar(found)
    weak = re.search(
        r"\b(?:từ|đến|tới|trước|sau|hết|vào|hạn|chót|nay|lúc|phiên|giờ|phút|h\d*|tuần)\s*$|\dh?\s*$|[:(]\s*$",
        left,
        re.IGNORECASE,
    )
    _check(found, notes, found["d"], found["m"], None)
    words = _unsaid(_say(found["d"], found["m"], None, lunar=_is_lunar(found)), found)
    if not sure and not weak and not _NAMED_DAY.search(left):
        notes.warn(WarningKind.AMBIGUOUS, found, words, f"{cardinal(d)} phần {cardinal(m)}")
    return words if in_list else _prefix(found, d) + words


def _dotted_date(found: re.Match[str], notes: Notes) -> str | None:
    """Read 26.11 as a date after ngày or a weekday; elsewhere it is a decimal."""
    return _full_date(found, notes) if _DAY_SAID.search(before(found)) and not COUNTED.match(after(found)) else None


def _last_of_list(found: re.Match[str], notes: Notes) -> str | None:
    """Read the 8/12 of ngày 7,8/12."""
    return _short_date(found, notes) if _DAY_LIST.search(before(found)) else None


def _hyphen_date(found: re.Match[str], notes: Notes, *, said: bool) -> str | None:
    """Read 20-11 after ngày: a date, or two days where a month follows; 5-7 alone may be either."""
    d, m = int(found["d"]), int(found["m"])
    left, right = before(found), after(found)
    ranged = re.search(r"\btừ\s+(?:ngày\s+)?$", left, re.IGNORECASE) or re.match(
        r"\s*(?:tháng|hằng|hàng|mỗi|âm)", right
    )
    named = _HOLIDAY_WORDS.search(left) or (d, m) in _HOLIDAYS
    bounded = d > m and re.search(r"\b(?:đến|tới|trước|hết|sau)\s*$", left, re.IGNORECASE)
    if bounded and not (
        COUNTED.match(right) or re.match(r"[^\S\n]?(?:%|\w*[²³]|triệu|nghìn|đồng|tấn|tạ|cm|m\b)", right)
    ):
        return f"ngày {_say(found['d'], found['m'], None)}"
    if not (said or (named and _HOLIDAY_WORDS.search(left))) or (COUNTED.match(right) and not said):
        return None
    if re.match(r"\s*(?:tháng|hằng|hàng|mỗi)", right) or (ranged and d < m):
        return f"{day(d)} đến ngày {day(m)}" if d < m else None
    words = _say(found["d"], found["m"], None)
    if d < m and not named:
        notes.warn(WarningKind.AMBIGUOUS, found, words, f"{day(d)} đến ngày {day(m)}")
    return words


def _first_days(found: re.Match[str], _notes: Notes) -> str | None:
    """Read 2-4 in mùng 2-4 Tết."""
    if not re.search(r"\b(?:mùng|mồng)\s*$", before(found), re.IGNORECASE):
        return None
    month_said = f" {month(int(found['m']))}" if found["m"] else ""
    return f"{cardinal(int(found['d1']))} đến {day(int(found['d2']))}{month_said}"


def _bare_day(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the 5 of ngày 5, ngày 5 tháng 12, 8 tháng 3, 5 tháng Giêng; not of ngày 2 lần."""
    left, right = before(found), after(found)
    value = int(found[0])
    if re.search(r"(?:mùng|mồng)\s*$", left, re.IGNORECASE):
        return cardinal(value)
    month_follows = re.match(
        r"\s*(?:tháng\s+(?:\d+(?!\d|\s*(?:ngày|tuần|lần|buổi|kỳ|đợt|lượt))|"
        r"giêng|chạp|này|sau|tới|nay|hai|ba|tư|tám)|âm lịch)",
        right,
        re.IGNORECASE,
    )
    said = re.search(r"(?<!\d )(?<!mỗi )(?<!một )(?<!các lần )\bngày(?:\s+mai)?\s*:?\s*$", left, re.IGNORECASE)
    listed = _DAY_LIST.search(left)
    explicit = month_follows and not re.match(r"\s*tháng\s+(?:này|sau|tới|nay)", right, re.IGNORECASE)
    if value > 31 or not (
        said
        or listed
        or (
            explicit
            and not re.search(
                r"\b(?:trong|sau|được|hơn|gần|khoảng|mới|tuần|đợt|lần|lớp|thôn|tổ|khóa|kỳ|số|vòng|"
                r"đội|cấp|điều|quý|mức|loại)\s*$",
                left,
            )
        )
    ):
        return None
    if not month_follows and (_DURATION_COUNT.match(right) or re.match(r"\s*[%/]|\s*[-–]\s*\d", right)):
        return None
    return day(value)


def _days(found: re.Match[str], _notes: Notes) -> str | None:
    """Read 5-7 in ngày 5-7 tháng 12."""
    first, last = int(found["d1"]), int(found["d2"])
    if not re.search(r"\bngày\s*$", before(found), re.IGNORECASE) or first >= last:
        return None
    if not re.match(r"\s*(?:tháng|hằng|hàng|mỗi|âm lịch)", after(found)):
        return None
    return f"{day(first)} đến ngày {day(last)}"


# Whole dates: their parts look like months, smaller dates, ranges and fractions.
WHOLE_RULES = (
    Rule(
        "date",
        re.compile(rf"(?P<d1>{_DAY}){DASH}(?:mùng\s+)?(?P<d2>{_DAY})(?:/(?P<m>{MONTH}))?(?![\d/]|[.,]\d)"),
        _first_days,
    ),
    Rule("date", re.compile(rf"(?<![\d/.-]){_ONE_DATE}{DASH}(?:ngày\s+)?{_ONE_DATE}(?![\d/]|[.,]\d)"), _two_dates),
    Rule("date", re.compile(rf"(?<![\d/.-]){_HYPHEN_DATE}[^\S\n]+[–-][^\S\n]+{_HYPHEN_DATE}(?![\d/-])"), _two_dates),
    Rule(
        "date",
        re.compile(
            rf"(?<![\d/.-])(?P<d1>{_DAY}){DASH}(?P<d2>{_DAY})[/.](?P<m>{MONTH})(?:[/.](?P<y>{YEAR}))?(?![\d/]|[.,]\d)"
        ),
        _days_of_month,
    ),
    Rule("date", FULL_DATE, _full_date),
    Rule("date", ISO_DATE, _full_date),
    Rule("date", SHORT_YEAR_DATE, _short_year),
)
PART_RULES = (
    Rule(
        "date",
        re.compile(rf"(?P<d1>{_DAY}){DASH}(?:mùng\s+)?(?P<d2>{_DAY})(?:/(?P<m>{MONTH}))?(?![\d/]|[.,]\d)"),
        _first_days,
    ),
    Rule(
        "date",
        re.compile(
            rf"(?<![\d/.,-])(?P<d>{_DAY})(?=(?:\s*(?:,|và|hoặc)\s*{_DAY}\b)*\s*(?:,|và|"
            rf"hoặc)\s*{_DAY}/{MONTH}(?![\d])(?!\s*(?:hộ|thôn|người|số)))(?!\d)"
        ),
        _listed_day,
    ),
    Rule("date", re.compile(rf"(?<![\d/.,-])(?P<d>{_DAY})\.(?P<m>{MONTH})(?![\d/]|[.,]\d)"), _dotted_date),
    Rule("date", re.compile(rf"(?<=\d,){SHORT_DATE.pattern}"), _last_of_list),
    Rule("date", re.compile(rf"(?<![\d/.,-]){SHORT_DATE.pattern}"), _short_date),
    Rule("date", re.compile(rf"(?<![\d/.,-])(?P<d1>{_DAY}){DASH}(?P<d2>{_DAY})(?![\d/]|[.,]\d)"), _days),
    Rule("date", re.compile(rf"(?<![\d/.,-]){_DAY}(?![\d/]|[.,]\d)"), _bare_day),
)
