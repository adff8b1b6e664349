"""Numbers in words, the northern way: nghìn, linh, mốt, tư, lăm. Knows nothing of what is counted."""

import re

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
# A written number: 1.263.600,5 or 98,5 or 0.5 or 2026. English 1,263,600 only with two commas (one is a decimal).
NUMBER = r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3}){2,}|\d+(?:[.,]\d+)?)(?!\d)"
ROMAN = re.compile(r"(?=[IVXL])(X[LC]|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_LONGEST_CARDINAL = 15


def cardinal(value: int) -> str:
    """Say a whole number: 105 is một trăm linh năm."""
    if value < 0:
        return f"âm {cardinal(-value)}"
    billions, rest = divmod(value, 10**9)
    words = [f"{cardinal(billions)} tỷ"] if billions else []
    groups = [(rest // 10**6, "triệu"), (rest // 1000 % 1000, "nghìn"), (rest % 1000, "")]
    for index, (group, name) in enumerate(groups):
        later = any(value for value, _ in groups[index + 1 :])
        # "hai triệu năm trăm" is heard as 2.5 million: an empty group before a full one is said
        if group or (words and later):
            words.append(f"{_below_thousand(group, padded=bool(words))} {name}".rstrip())
    return " ".join(words) or DIGITS[0]


def _below_thousand(value: int, *, padded: bool) -> str:
    hundreds, rest = divmod(value, 100)
    if not value:
        return DIGITS[0]
    if not hundreds and not padded:
        return _below_hundred(rest)
    words = f"{DIGITS[hundreds]} trăm"
    if not rest:
        return words
    return f"{words} linh {DIGITS[rest]}" if rest < 10 else f"{words} {_below_hundred(rest)}"


def _below_hundred(value: int) -> str:
    tens, ones = divmod(value, 10)
    if tens == 0:
        return DIGITS[ones]
    last = {0: "", 5: "lăm"}.get(ones, DIGITS[ones])
    if tens == 1:
        return f"mười {last}".rstrip()
    last = {1: "mốt", 4: "tư"}.get(ones, last)
    return f"{DIGITS[tens]} mươi {last}".rstrip()


def spell(digits: str) -> str:
    """Say digits one by one, leaving out all else."""
    return " ".join(DIGITS[int(char)] for char in digits if char.isdecimal())


def number(written: str) -> str:
    """Say a number as written in Vietnam: dots between thousands, a comma before decimals, `0.5` and `1.5` too."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?", written):
        written = written.replace(".", "")
    elif re.fullmatch(r"\d{1,3}(?:,\d{3}){2,}", written):
        written = written.replace(",", "")
    whole, _, decimals = written.replace(".", ",").partition(",")
    spoken = cardinal(int(whole)) if len(whole) <= _LONGEST_CARDINAL else spell(whole)
    return f"{spoken} phẩy {_decimals(decimals)}" if decimals else spoken


def _decimals(digits: str) -> str:
    as_number = len(digits) <= 3 and not digits.startswith("0")
    return cardinal(int(digits)) if as_number else spell(digits)


def with_leading_zero(digits: str) -> str:
    """Say the number of a document or form, whose zero is part of its name: 05 is không năm."""
    return f"{DIGITS[0]} {cardinal(int(digits))}" if digits.startswith("0") and int(digits) else cardinal(int(digits))


def ordinal(value: int) -> str:
    """Say a number after thứ: nhất and tư differ from counting."""
    return {1: "nhất", 4: "tư"}.get(value) or cardinal(value)


def roman(numeral: str) -> int | None:
    """Give the value of a Roman numeral of up to 89 in capitals, or None."""
    if not numeral or not ROMAN.fullmatch(numeral):
        return None
    values = [_ROMAN_VALUES[char] for char in numeral]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))
