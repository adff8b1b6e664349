"""Numbers with what they count: units, money, percentages, ranges, fractions, scores, sizes, signs."""

import re

from content.reading.dates import DASH
from content.reading.model import WarningKind
from content.reading.numbers import NUMBER, cardinal, number, ordinal, spell, with_leading_zero
from content.reading.scanner import Notes, Rule, after, before
from content.reading.tables import table

UNITS = table("units.tsv")
# A single letter is a unit only where nothing else can be meant: 12A is a house, 5G a network, 5K a campaign.
_CLOSE_ONLY = {"v", "w", "M", "k", "K", "p", "s", "Đ", "T"}
_APART = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True) if unit not in _CLOSE_ONLY)
_CLOSE = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
UNIT = rf"(?:(?P<unit>{_CLOSE})|[^\S\n]+(?P<apart>{_APART}))(?![\w²³])(?!/c\b)(?!\.\w)"
_UNIT1 = rf"(?:[^\S\n]?(?:{_CLOSE})(?![\w²³]))?"
_SCORE = re.compile(
    r"\b(?:tỉ số|tỷ số|thắng|thua|hòa|hoà|dẫn|đánh bại|vượt qua|chung cuộc|kết quả|gỡ|luân lưu|hạ|"
    r"trận|trước|đội)\b[^.;\d]{0,45}(?:\d+-\d+[^.;\d]{0,9})*$",
    re.IGNORECASE,
)
_SURE_SCORE = re.compile(r"\b(?:tỉ số|tỷ số|chung cuộc)\b[^.;]{0,45}$", re.IGNORECASE)
_AFTER_SCORE = re.compile(r"\s*(?:$|[.,;:!?)\n]|(?:trước|sau|trong|cho|ở|tại|nghiêng|và|đội|để|chung|ngay|trên)\b)")
_RATIO = re.compile(r"\b(?:tỷ lệ|tỉ lệ|pha|bản đồ)\b[^.;\d]{0,20}$", re.IGNORECASE)
_PLACE = re.compile(r"\b(?:ngõ|ngách|hẻm|kiệt|số nhà|nhà số|sn|số|lô|phòng|đường)\s*$", re.IGNORECASE)
_ALTOGETHER = re.compile(
    r"\s*(?:tổng|số|dân số|diện tích|quãng|thời gian|khối lượng|giá|lượng|quân số|trọng lượng|mức|"
    r"chiều)\b",
    re.IGNORECASE,
)
_DIGITWISE = re.compile(
    r"\b(?:cccd|cmnd|căn cước(?: công dân)?|định danh(?: cá nhân)?|tài khoản|stk|tk|mst|"
    r"mã số thuế|số báo danh|sbd|mã số|mã hồ sơ|mật khẩu|mã|pin|otp|imei|sổ bhxh|seri|sê-ri)\b[^.;\d\n]{0,25}$|"
    r"\bsố\s+(?-i:[A-ZĐ]{2})\s*$",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"\b(?:công nghiệp|nông nghiệp|cách mạng|phiên bản|version|chuyển đổi số|lần thứ tư|android|"
    r"ios|windows|mục|web|v)\s*\(?$",
    re.IGNORECASE,
)


def _unit(found: re.Match[str]) -> str:
    groups = found.groupdict()
    written = groups.get("unit") or groups.get("apart")
    if not written:
        return ""
    words = UNITS[written]
    if written in {"k", "K"} and re.match(r"\s*(?:đồng|đ|VNĐ)\b", after(found)):
        words = "nghìn"
    return f" {words}"


def _quantity(found: re.Match[str], notes: Notes) -> str | None:
    groups = found.groupdict()
    unit = groups["unit"] or groups["apart"]
    if unit == "T" and not re.search(r"\b(?:xe|tải|trọng|hàng|cẩu)\b[^.;\n]{0,20}$", before(found), re.IGNORECASE):
        return None
    if unit == "K" and re.search(
        r"\b(?:thông điệp|quy tắc|nguyên tắc|thực hiện|biện pháp)\W*$", before(found), re.IGNORECASE
    ):
        return None
    if unit in {"V", "W", "g", "L", "M", "K"} and re.search(
        r"\b(?:lớp|số|nhà|lô|tổ|phòng|mạng|sóng)\s*$", before(found), re.IGNORECASE
    ):
        return None
    return _amount(found, notes, found["n"]) + _unit(found)


def _amount(found: re.Match[str], notes: Notes, written: str) -> str:
    """Say a number; 1,500 may be an English 1.500."""
    if not re.fullmatch(r"[1-9]\d{0,2},\d{3}", written):
        return number(written)
    thousands, decimal = cardinal(int(written.replace(",", ""))), number(written)
    is_money = _unit(found).endswith("đồng") or re.match(r"\s*(?:đồng|vnđ|đ\b)", after(found), re.IGNORECASE)
    readings = (thousands, decimal) if is_money else (decimal, thousands)
    notes.warn(WarningKind.AMBIGUOUS, found, *readings)
    return readings[0]


def _money_and_half(found: re.Match[str], _notes: Notes) -> str:
    """Read 2tr5, 1tr250: what follows is hundreds or so of thousands."""
    return f"{cardinal(int(found[1]))} triệu {cardinal(int(found[2].ljust(3, '0')))} nghìn"


def _range(found: re.Match[str], notes: Notes) -> str | None:
    first, last = found["n"], found["n2"]
    left, right = before(found), after(found)
    bare = not (found["u1"] or found["unit"] or found["apart"])
    plain = first.isdecimal() and last.isdecimal()
    if bare and plain and _is_score(first, last, left, right):
        return f"{cardinal(int(first))} {cardinal(int(last))}"
    words = f"{_amount(found, notes, first)}{_first_unit(found)}"
    descending = plain and int(first) >= int(last) and bare
    if descending and not (len(first) == 4 and len(last) == 2):
        notes.warn(WarningKind.AMBIGUOUS, found, f"{words} {number(last)}", f"{words} đến {number(last)}")
        return f"{words}, {number(last)}"
    weekday = re.search(r"\b(lớp|thứ)\s*$", left)
    again = f"{weekday[1]} " if weekday else ""
    return f"{words} đến {again}{number(last)}{_unit(found)}"


def _first_unit(found: re.Match[str]) -> str:
    written = found["u1"].strip()
    return f" {UNITS[written]}" if written else ""


def _is_score(first: str, last: str, left: str, right: str) -> bool:
    if max(len(first), len(last)) > 2 or not _SCORE.search(left):
        return False
    return bool(_SURE_SCORE.search(left) or _AFTER_SCORE.match(right))


def _enumerated(found: re.Match[str], _notes: Notes) -> str | None:
    """Read tháng 3,4 and 1,3,5: a list written without spaces, not a decimal."""
    parts, left = found[0].split(","), before(found)
    counted = re.search(
        r"\b(?:tháng|tổ|lớp|khối|khoản|điều|thôn|nhóm|thứ|quý|điểm|mục|đội|xóm|bản|ngày|tiết|tuần)\s+$",
        left,
        re.IGNORECASE,
    )
    if not counted and len(parts) < 3:
        return None
    say = ordinal if re.search(r"\bthứ\s+$", left, re.IGNORECASE) else cardinal
    return ", ".join(say(int(part)) for part in parts)


def _separate(found: re.Match[str], _notes: Notes) -> str:
    """Read NPK 16-16-8, 4-4-2 and thứ 2-4-6: no range has three ends."""
    weekdays = re.search(r"\bthứ\s+$", before(found), re.IGNORECASE)
    parts = [int(part) for part in re.split(r"\D+", found[0])]
    return ", ".join(map(ordinal, parts)) if weekdays else " ".join(map(cardinal, parts))


def _slash(found: re.Match[str], _notes: Notes) -> str:
    """Read 1/2 as a part, 1.070/1.099 and 24/7 as one over the other."""
    above, below = found["n"], found["n2"]
    left, right = before(found), after(found)
    over = f"{number(above)} trên {number(below)}"
    if not (above.isdecimal() and below.isdecimal()) or _PLACE.search(left) or int(above) >= int(below):
        return over
    if re.search(r"\bthứ\s*$", left, re.IGNORECASE):
        return f"{ordinal(int(above))} trên {number(below)}"
    if _RATIO.search(left) and int(below) >= 10:
        return over
    is_part = int(below) <= 4 or (above == "1" and int(below) <= 10) or _ALTOGETHER.match(right)
    return f"{cardinal(int(above))} phần {number(below)}" if is_part and int(above) < 20 else over


def _address(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the 12/3/5 of ngõ 12/3/5."""
    parts = found[0].split("/")
    return " trên ".join(cardinal(int(part)) for part in parts) if _PLACE.search(before(found)) else None


def _account(found: re.Match[str], _notes: Notes) -> str | None:
    """Read an account written in groups, 3710.0.1054321."""
    return ", ".join(spell(part) for part in found[0].split(".")) if _DIGITWISE.search(before(found)) else None


def _ratio(found: re.Match[str], _notes: Notes) -> str:
    """Read 1:500 and 2:1."""
    left = before(found)
    joint = " " if _SCORE.search(left) and not _RATIO.search(left) else " trên "
    return joint.join(cardinal(int(part)) for part in found[0].replace(" ", "").split(":"))


def _times(found: re.Match[str], _notes: Notes) -> str:
    """Read 3x4m."""
    parts = re.split(r"[^\S\n]*[xX×*][^\S\n]*", found["sizes"])
    spoken = [_with_unit(part) for part in parts]
    return " nhân ".join(spoken) + _unit(found)


def _with_unit(part: str) -> str:
    found = re.match(rf"({NUMBER})\s*(.*)", part)
    assert found
    return f"{number(found[1])} {UNITS[found[2]]}" if found[2] else number(found[1])


def _version(found: re.Match[str], _notes: Notes) -> str | None:
    """Read 4.0 and 2.1.3: points, not decimals."""
    if found[0].count(".") == 1 and not _VERSION.search(before(found)) and not _ends_in_zero(found):
        return None
    return " chấm ".join(cardinal(int(part)) for part in found[0].split("."))


def _ends_in_zero(found: re.Match[str]) -> bool:
    """Tell whether it is a name like 4.0, which counts nothing: a decimal would have a comma."""
    return found[0].endswith(".0") and bool(re.match(r"\s*(?:$|[^\w\s])", after(found)))


def _digits(found: re.Match[str], _notes: Notes) -> str | None:
    """Read numbers that name (identity cards, accounts) and very long ones digit by digit."""
    digits = re.sub(r"\D", "", found[0])
    if re.fullmatch(r"(?:19|20)\d\d", found[0]) and not re.search(
        r"\b(?:mã|mật khẩu|pin|otp)\W*$", before(found), re.IGNORECASE
    ):
        return None
    counted = re.match(r"\s*(?:đồng|đ\b|vnđ|người|hộ|tài khoản)", after(found), re.IGNORECASE)
    named = len(digits) >= 4 and _DIGITWISE.search(before(found))
    if counted or not (
        named
        or (
            (found[0].isdecimal() and len(digits) >= 9)
            or ((digits.startswith("0") and len(digits) > 3) or digits.startswith("00"))
        )
    ):
        return None
    return spell(digits)


def _compared(found: re.Match[str], notes: Notes) -> str:
    """Read ≥ 18 tuổi, > 60 and <5°C as an announcer says limits."""
    sign = {">=": "≥", "=>": "≥", "<=": "≤", "=<": "≤"}.get(found["sign"], found["sign"])
    counted = f"{_amount(found, notes, found['n'])}{_unit(found)}"
    tail = found["noun"] or ""
    if sign in "><":
        return f"{'trên' if sign == '>' else 'dưới'} {counted}{tail}"
    return f"từ {counted}{tail} trở {'lên' if sign == '≥' else 'xuống'}"


def _minus(found: re.Match[str], _notes: Notes) -> str | None:
    """Read -2°C as below zero; a line that begins with a dash is a list."""
    left = before(found)
    line_start = not left or left.endswith("\n")
    cold = re.match(
        rf"[\d.,]*\s?(?:[°º˚℃]|o?C\b|độ)|[\d.,]*{DASH}-?[\d.,]*\s?(?:[°º˚℃]|độ)|"
        rf"[\d.,]*\s+đến\s+-?[\d.,]*\s?(?:[°º˚℃]|độ)",
        after(found),
    )
    if (line_start and not cold) or re.search(r"[\w)]$", left):
        return None
    return "âm "


def _plus_minus(found: re.Match[str], _notes: Notes) -> str:
    return {"±": "cộng trừ ", "~": "khoảng ", "≈": "khoảng ", "+": "cộng ", "#": "số "}[found[0].strip()]


def _minutes(found: re.Match[str], _notes: Notes) -> str | None:
    """Read 30' as minutes, unless the mark closes a quotation."""
    line = found.string[found.string.rfind("\n", 0, found.start()) + 1 : found.start()]
    if (found["mark"] == "’" and "‘" in line) or line.count(found["mark"]) % 2:
        return None
    return f"{number(found['n'])} phút"


def _number(found: re.Match[str], notes: Notes) -> str:
    if found[0].isdecimal() and re.search(r"\bmẫu(?: số)?\s*$", before(found), re.IGNORECASE):
        return with_leading_zero(found[0])
    return _amount(found, notes, found["n"])


_N = rf"(?P<n>{NUMBER})"
_N2 = rf"(?P<n2>{NUMBER})"
_ANY_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))

DIGIT_RULES = (
    Rule(
        "number",
        re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?=[ \u00a0]?(?:đồng|đ\b|VNĐ|VND|người|hộ|kg|ha|m2|m²))"),
        lambda found, _: number(re.sub(r"\D", ".", found[0])),
    ),
    Rule("digits", re.compile(r"\d{3,}(?:\.\d+){2,}(?![\d/]|,\d)"), _account),
    Rule("digits", re.compile(r"\d{2,}(?:[ .-]\d{2,})*(?![\d/]|,\d)"), _digits),
    Rule("list", re.compile(rf"(?<![\d.,])\d{{1,2}}(?:,\d{{1,2}})+(?![\d/]|[.,]\d|\s*%|{DASH}\d+,\d)"), _enumerated),
    Rule("separate", re.compile(r"(?<![\d-])\d{1,3}(?:-\d{1,3}){2,}(?![-\d])"), _separate),
    Rule("version", re.compile(r"\d+(?:\.\d{1,2}){2,}(?![\d/])|\d\.\d(?![\d,/%])"), _version),
    Rule(
        "size",
        re.compile(rf"(?P<sizes>{NUMBER}(?:\s?(?:m|cm|mm))?(?:[^\S\n]*[x×X*][^\S\n]*{NUMBER})+)(?:{UNIT})?"),
        _times,
    ),
    Rule(
        "size",
        re.compile(
            rf"(?P<sizes>{NUMBER}\s?(?:m|cm|mm)(?:[^\S\n]*[x×X*][^\S\n]*{NUMBER}\s?(?:m|cm|"
            rf"mm))+)(?!\w)(?P<unit>)(?P<apart>)"
        ),
        _times,
    ),
    Rule("fraction", re.compile(r"\d{1,4}(?:/\d{1,4}){2,}(?![\d/])"), _address),
    Rule(
        "fraction",
        re.compile(rf"{_N}[^\S\n]?/[^\S\n]?{_N2}(?:{UNIT})?"),
        lambda found, notes: _slash(found, notes) + _unit(found),
    ),
    Rule("range", re.compile(rf"{_N}(?P<u1>{_UNIT1}){DASH}{_N2}(?!/\d)(?:{UNIT})?(?!-\d)"), _range),
    Rule("ratio", re.compile(r"\d{1,5}\s?:\d{1,6}(?![\d:.,])"), _ratio),
    Rule("money", re.compile(r"(\d+)\s?(?:tr|triệu)(\d{1,3})(?!\d)"), _money_and_half),
    Rule(
        "size",
        re.compile(r"(\d{1,2})m(\d{1,2})(?!\w)"),
        lambda found, _: f"{cardinal(int(found[1]))} mét {cardinal(int(found[2]))}",
    ),
    Rule("minutes", re.compile(rf"{_N}[^\S\n]?(?P<mark>['’′])(?!\w)"), _minutes),
    Rule("unit", re.compile(rf"{_N}{UNIT}"), _quantity),
    Rule("number", re.compile(_N), _number),
)
OTHER_RULES = (
    Rule(
        "limit",
        re.compile(
            rf"(?P<sign>>=|=>|<=|=<|[≥≤><])[^\S\n]*{_N}(?![.,]\d)(?:{UNIT})?(?P<noun>(?:[^\S\n](?:tuổi|"
            rf"triệu đồng|triệu|tỷ đồng|đồng|độ C|độ|hộ(?: (?:gia đình|dân|nghèo|cận nghèo))?|"
            rf"người|ngày|tháng|năm|giờ|phút|tấn|tạ|điểm|"
            rf"lần|héc ta|mét|lít|phần trăm|con|thành viên|đảng viên|nghìn đồng))?)(?!\w)"
        ),
        _compared,
    ),
    Rule("minus", re.compile(r"[-−–](?=\d)"), _minus),
    Rule("sign", re.compile(r"(?:[±~≈#]|(?<!\S)\+)[^\S\n]*(?=\d)"), _plus_minus),
)
