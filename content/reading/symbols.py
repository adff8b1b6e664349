"""All that is neither letter nor digit: lists, brackets, dashes, slashes, quotes, signs and spaces.

What is left in the spoken text is what an assembler makes pauses of: `. , ; : ! ? …` and line breaks.
"""

import re
import unicodedata

from content.reading.letters import LETTER, UPPER
from content.reading.letters import spell as spell_letters
from content.reading.model import WarningKind
from content.reading.numbers import cardinal, spell
from content.reading.quantities import UNITS
from content.reading.scanner import Notes, Rule, after, before

KEPT = frozenset(" \n.,;:!?…")
_SAID = {
    "+": "cộng", "=": "bằng", "&": "và", "@": "a còng", "%": "phần trăm", "‰": "phần nghìn", "°": "độ", "º": "độ",
    "≥": "lớn hơn hoặc bằng", "≤": "nhỏ hơn hoặc bằng", "<": "nhỏ hơn", ">": "lớn hơn", "×": "nhân", "±": "cộng trừ",
    "$": "đô la", "€": "ơ rô", "₫": "đồng", "≈": "khoảng", "~": "khoảng", "→": "đến", "Ø": "phi", "Φ": "phi",
    "℃": "độ xê", "№": "số", "÷": "chia", "≠": "khác",
}  # fmt: skip
_SILENT = frozenset(
    "\"'“”‘’«»„‟`´′″*_|\\^#•●○◦▪■□▶►➢➤✓✔☑❖◆★☆-–—−‐‑·/()[]{}<>~©®™\ufeff\u200b\u200c\u200d\u2060\u00ad",
)
_TEST = re.compile(r"\b(?:test|tét|xét nghiệm|kết quả|phản ứng|ma túy|HIV)\b[^.;\n]{0,20}$", re.IGNORECASE)
_SCALE = r"(?:nghìn|ngàn|triệu|tỷ|tỉ)"
_MONEY_END = re.compile(rf"\d\s*(?:{_SCALE}(?:\s*đồng)?|đồng|đ)$")
_MONEY_START = re.compile(rf"\d[\d.,]*\s*(?:{_SCALE}|đồng|đ)(?!{LETTER})")
_KEYS = {"*": "sao", "#": "thăng"}
_PAUSES = frozenset(".,;:!?…")
_LINE_START = r"(?:(?<=\n)|^)"
_BULLET = r"[-–—−+*•●○◦▪■□▶►➢➤✓✔☑❖◆★☆·]"
_PER_THING = re.compile(
    r"[^\S\n]?(?:ngày|tháng|năm|tuần|giờ|phút|giây|quý|vụ|đợt|lần|lượt|buổi|ca|đêm|người|hộ|con|"
    r"khẩu|cháu|em|học sinh|suất|xuất|cây|gốc|bao|gói|chai|"
    r"thùng|chuyến|xe|cái|chiếc|quả|lứa|đầu|cuộc|sào|công|mẫu|phiếu|thẻ|hồ sơ|trường hợp|bộ|tờ|"
    r"bản|nhân khẩu|lao động|thôn|xã|lớp|gia đình|phòng|"
    r"đồng chí|đại biểu|lượng|ký|ki lô|mét|héc|lít|tấn|tạ|yến|cân|bình|sản phẩm|chỉ|gia súc|"
    r"học kỳ|năm học|tiết|km|kg|ha|m2|m²|m3|m³|g|mg|lit|l|L|ml|h|s|m|kWh|kwh|kW|"
    r"gam|cm|cm2|tấm|viên|đàn|mẻ|liều|USD|EUR|đô la|hs|HS|GV)(?!\w)",
)
# Words that stand as a pair with the one before the slash: 3 thôn/bản, 5 ông/bà.
_PAIR = re.compile(rf"[^\S\n]?(?:mẹ|bà|bản|chồng|chị|phường|nữ|tổ|mẫu|hoặc)(?!{LETTER})|[^\S\n]?[{UPPER}]")
_PHYSICAL = re.compile(r"[^\S\n]?(?:ha|héc|km2|km²|m2|m²|m3|m³|l|lít|L|lit|ml|h|s|giây|phút|g|cm2|km|kg)(?!\w)")
_MOTION = re.compile(r"(?:m3|m³|km|mm|m|lít|l|khối|ki lô mét|mét)\s*$")


def _opening(found: re.Match[str], _notes: Notes) -> str:
    left = before(found).rstrip(" \t")
    return "" if not left or left[-1] == "\n" else " " if left[-1] in KEPT or left[-1] in "([{" else ", "


def _closing(found: re.Match[str], _notes: Notes) -> str:
    right = after(found).lstrip(" \t")
    left = before(found).rstrip()
    if not right or right[0] in "\n.,;:!?…)]}" or not left:
        return ""
    if right[0] in "([{":
        return ""
    return "" if left[-1] in ".;:!?…," else ","


def _list_number(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the 1. or a) that begins a line, or an item of a list within one."""
    left = before(found)
    at_start = not left or re.search(r"[\n][^\S\n]*$", left)
    within = re.search(r"[:;.][^\S\n]+$", left)
    if not (at_start or within):
        return None
    mark = found["mark"]
    words = cardinal(int(mark)) if mark.isdigit() else spell_letters(mark)
    return f"{words}, "


def _section(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the 1.1. that begins a line."""
    left = before(found)
    if left and not left.endswith("\n"):
        return None
    return " chấm ".join(cardinal(int(part)) for part in found[1].split(".")) + ", "


def _bullet(found: re.Match[str], _notes: Notes) -> str | None:
    left = before(found)
    return "" if not left.strip(" \t") or re.search(r"\n[^\S\n]*$", left) else None


def _dash(found: re.Match[str], _notes: Notes) -> str | None:
    """Read a dash with spaces as a pause, or as "to" between two of a kind (7 giờ - 8 giờ, thứ Hai - thứ Sáu)."""
    left, right = before(found).rstrip(), after(found)
    if not left or left[-1] in KEPT - {" "}:
        return " "
    if _same_kind(left, right):
        return " đến "
    return "" if not right.strip(" \t") or right.startswith("\n") else ", "


def _same_kind(left: str, right: str) -> bool:
    kind = re.search(
        r"\b(thứ|ngày|tháng|năm|lớp|tổ|thôn|km|quý|khóa|điều|khoản|cấp|tuần|tiết|mùng|mồng|trang)\s+[\w./]+$",
        left,
        re.IGNORECASE,
    )
    if kind and re.match(rf"(?:{kind[1]}\s+\S|chủ nhật|CN\b)", right, re.IGNORECASE):
        return True
    unit = re.search(rf"\d\s*({LETTER}+)$", left)
    same_unit = unit and re.match(rf"\d[\d.,]*\s*{re.escape(unit[1])}\b", right)
    if same_unit or (_MONEY_END.search(left) and _MONEY_START.match(right)):
        return True
    if re.search(r"\b(?:thứ\s+\S+|T[2-7])$", left, re.IGNORECASE) and re.match(r"chủ nhật|CN\b", right, re.IGNORECASE):
        return True
    if re.search(r"\bkm\s?[\d+]+$", left, re.IGNORECASE) and re.match(r"km\s?\d", right, re.IGNORECASE):
        return True
    clock = re.search(r"\d\s*(?:giờ|h|g)(?:\s*\d+)?(?:\s*phút)?(?:\s+(?:sáng|trưa|chiều|tối))?$", left)
    if clock and re.match(r"\d{1,2}\s*(?:giờ|h|g|:)", right):
        return True
    dated = re.search(r"\d/\d{1,2}(?:/\d{4})?$", left)
    return bool(dated and re.match(r"(?:\d{1,2}\s*(?:giờ|h|g)[^,;.]{0,12}\s)?(?:ngày\s+)?\d{1,2}/\d", right))


def _slash(found: re.Match[str], _notes: Notes) -> str:
    """Read đồng/kg and kg/ha as one per the other, và/hoặc as two words."""
    left, right = before(found), after(found)
    if left.endswith((")", "]")):
        return " "
    clause = re.split(r"[;:!?\n]|\.\s", left)[-1]
    counted = re.search(r"\d", clause) or re.search(
        r"(?:đồng|đ|tấn|tạ|kg|g|mg|lít|ki lô gam|phần trăm|%|lần|người|triệu|m3|m³|km|mm|nghìn|con)\s*$", clause
    )
    if re.match(r"[^\S\n]?\d", right):
        return (
            " trên "
            if re.search(rf"{LETTER}\s*$", left)
            and re.match(r"[^\S\n]?\d+\s?(?:h|giờ|g|kg|lít|ngày|m|ml|con|người|ha|ngàn|vạn|tháng|nghìn|\d)", right)
            else ", "
        )
    each = re.search(rf"\d\s?(?:{LETTER}+|%|[^\W\d]*[²³])\s*$|\b(?:đồng|triệu|nghìn|tỷ)\s*$", left) and not _PAIR.match(
        right
    )
    shouted = re.match(rf"[^\S\n]?[{UPPER}]{{2,}}\d?(?!{LETTER})", right)
    if counted and (each or _PER_THING.match(right) or (shouted and _PER_THING.match(right.lower()))):
        money = re.search(r"(?:đồng|đ|₫|vnđ|nghìn|triệu|k|tr)(?:/[\w²³]+)?\s*$", left, re.IGNORECASE)
        physical = _PHYSICAL.match(right) or (
            _MOTION.search(left) and re.match(r"[^\S\n]?(?:giờ|ngày)", right) and _MOTION.search(left)
        )
        return " một " if money or not physical else " trên "
    return " " if re.search(r"\b(?:và|hoặc)\s*$", left, re.IGNORECASE) or not left.strip() else ", "


def _unit_alone(found: re.Match[str], _notes: Notes) -> str | None:
    """Read a unit without a number: tính theo kg, đồng/ha."""
    written = found[0]
    sure = written in _SURE_UNITS or re.search(r"/\s?$", before(found))
    if not sure or written in {"K", "k"}:
        return None
    return UNITS[written]


def _hmong(_found: re.Match[str], _notes: Notes) -> str:
    return "Mông"


def _test_result(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the (+) of a test, and the minus of a blood group."""
    if found["blood"]:
        return " âm" if re.search(r"\bmáu\b[^.;\n]{0,12}\b(?:A|B|AB|O|Rh)$", before(found), re.IGNORECASE) else None
    if not _TEST.search(before(found)):
        return None
    return " dương tính" if found["sign"] == "+" else " âm tính"


def _by(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the x of 2 lần x 1 viên."""
    return "nhân" if re.search(rf"\d\s?{LETTER}{{1,7}} $", before(found)) else None


def _km_post(found: re.Match[str], _notes: Notes) -> str | None:
    if found[0] == "km2" and before(found).rstrip().endswith("/"):
        return None
    number = cardinal(int(found[1]))
    return f"ki lô mét {number}" + (f" cộng {cardinal(int(found[2]))}" if found[2] else "")


def _fraction_sign(found: re.Match[str], _notes: Notes) -> str | None:
    char = found[0]
    if char.isalpha() or not char.isnumeric():
        return None
    words = _numeric(char)
    left, right = found.string[: found.start()], after(found)
    return f"{' ' if left[-1:].isalnum() else ''}{words}{' ' if right[:1].isalnum() else ''}"


def _numeric(char: str) -> str:
    parts = unicodedata.normalize("NFKC", char).split("⁄")
    if len(parts) == 2 and all(part.isdecimal() for part in parts):
        return f"{cardinal(int(parts[0]))} phần {cardinal(int(parts[1]))}"
    value = unicodedata.numeric(char)
    return cardinal(int(value)) if value == int(value) and 0 <= value < 10**15 else spell(f"{abs(value):.2f}")


def _space(found: re.Match[str], _notes: Notes) -> str:
    return "\n" if re.search(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", found[0]) else " "


def _key(found: re.Match[str], _notes: Notes) -> str:
    """Read the keys of a telephone: phím #, *101#."""
    return " ".join(_KEYS.get(char) or spell(char) for char in re.sub(r"\s", "", found[0]))


def _sign(found: re.Match[str], notes: Notes) -> str | None:
    """Say a sign's name, leave out what is silent, and ask about the rest."""
    char = found[0]
    if char in KEPT or char.isalpha():
        return None
    left, right = found.string[: found.start()][-1:], after(found)[:1]
    if char in _SAID:
        space_before = "" if not left or left.isspace() else " "
        space_after = "" if not right or right.isspace() or right in _PAUSES else " "
        return f"{space_before}{_SAID[char]}{space_after}"
    if char not in _SILENT:
        notes.warn(WarningKind.UNREADABLE_SYMBOL, found)
    return " " if left and right and not left.isspace() and not right.isspace() and right not in _PAUSES else ""


# Units that mean nothing else, so that they need no number before them.
_SURE_UNITS = {
    "kg", "Kg", "km", "Km", "cm", "mm", "m2", "m²", "m3", "m³", "km2", "km²", "kWh", "kwh", "kV", "kVA", "kW", "MW",
    "ml", "mg", "VNĐ", "vnđ", "°C",
}  # fmt: skip
_UNITS_ALONE = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True) if unit[0].isalpha())

WORD_RULES_EARLY = (
    Rule("name", re.compile(r"(?<!\w)H['’ʼ`][Mm]ông(?!\w)"), _hmong),
    Rule("sign", re.compile(r"[ØøΦφ][^\S\n]?(?=\d)"), lambda _found, _notes: "phi "),
    Rule("km_post", re.compile(r"(?<!\w)[Kk][Mm][^\S\n]?(\d{1,4})(?:[^\S\n]?\+[^\S\n]?(\d{1,3}))?(?!\w)"), _km_post),
    Rule("list", re.compile(r"(?P<mark>[a-zđ])[)][^\S\n]*"), _list_number),
    Rule("list", re.compile(rf"(?P<mark>[a-wđ])[./][^\S\n]+(?={LETTER})"), _list_number),
    Rule("unit", re.compile(rf"(?<!{LETTER})(?:{_UNITS_ALONE})(?!{LETTER}|[²³])"), _unit_alone),
    Rule("size", re.compile(r"(?<= )[xX×](?= (?:\d|rộng|dài|cao|sâu|dày|ngang))"), _by),
    Rule("degree", re.compile(r"(?<=độ )[CF](?!\w)"), lambda found, _: "xê" if found[0] == "C" else "ép"),
)
DIGIT_RULES_EARLY = (
    Rule("list", re.compile(rf"(\d{{1,2}}(?:\.\d{{1,2}}){{1,3}})\.?[^\S\n]+(?=[{UPPER}])"), _section),
    Rule("list", re.compile(rf"(?P<mark>\d{{1,2}})[.)][^\S\n]*(?={LETTER}|[\"“(])"), _list_number),
    Rule("list", re.compile(rf"(?P<mark>\d{{1,2}})/[^\S\n]*(?=[{UPPER}])"), _list_number),
)
OTHER_RULES = (
    Rule("space", re.compile(r"\r\n|[^\S \n]"), _space),
    Rule("list", re.compile(r"\((?P<mark>\d{1,2}|[a-zđ])\)[^\S\n]*(?=\S)"), _list_number),
    Rule("key", re.compile(r"(?:(?<=phím )|(?<=dấu )|(?<=hoặc )|(?<=ấn )|(?<=bấm )|(?<=nhấn ))[*#](?!\S)"), _key),
    Rule("key", re.compile(r"\*\d+(?:\*\d+)*#"), _key),
    Rule("list", re.compile(r"[^\S\n]*(?:=>|->|→|⇒)[^\S\n]*"), _bullet),
    Rule("sign", re.compile(r"[^\S\n]*\(\s?(?P<sign>[+-])\s?\)|(?P<blood>[-−])(?!\w)"), _test_result),
    Rule("list", re.compile(rf"[^\S\n]*{_BULLET}+[^\S\n]*(?![^\S\n])"), _bullet),
    Rule("list", re.compile(r"[^\S\n]*\([*+•-]+\)[^\S\n]*"), lambda found, _: " " if before(found).strip() else ""),
    Rule("bracket", re.compile(r"[^\S\n]*[(\[{][^\S\n]*"), _opening),
    Rule("bracket", re.compile(r"[^\S\n]*[)\]}]"), _closing),
    Rule("dash", re.compile(r"[^\S\n]+(?:[-–—−]+|→|->|=>)(?=[^\S\n]|\n|$)[^\S\n]*|[^\S\n]*[–—][^\S\n]*"), _dash),
    Rule("slash", re.compile(r"[^\S\n]?/[^\S\n]?"), _slash),
    Rule("sign", re.compile(r"[^\w\s]|_"), _sign),
    Rule("numeral", re.compile(r"[^\W]"), _fraction_sign),
)
