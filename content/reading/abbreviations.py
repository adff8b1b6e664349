"""Abbreviations: looked up with their context, in one table; what is not known there is spelled and asked about."""

import functools
import re
from dataclasses import dataclass

from content.reading import letters
from content.reading.letters import LETTER, LOWER, UPPER
from content.reading.model import WarningKind
from content.reading.numbers import NUMBER, cardinal, number, roman, spell, with_leading_zero
from content.reading.scanner import Notes, Rule, after, before
from content.reading.tables import rows

# Of two letters only these take a number: other pairs are codes (VT404).
_WITH_NUMBER = {
    "QL": "quốc lộ", "ĐT": "đường tỉnh", "TL": "tỉnh lộ", "ĐH": "đường huyện", "CT": "cao tốc", "BĐ": "báo động",
    "HK": "học kỳ", "KV": "khu vực", "CK": "chuyên khoa",
}  # fmt: skip
_FORM = re.compile(r"\b(?:mẫu|biểu|biểu mẫu|mã|ký hiệu|tờ khai)\s+$", re.IGNORECASE)
_PART = r"[A-ZĐƯƠÔÂÊĂ][A-Za-zĐđƯƠÔÂÊĂ]*"


@dataclass(frozen=True, slots=True)
class _Sense:
    spoken: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None

    def fits(self, left: str, right: str) -> bool:
        if not (self.before or self.after):
            return False
        return bool((not self.before or self.before.search(left)) and (not self.after or self.after.match(right)))


@functools.cache
def senses() -> dict[str, tuple[_Sense, ...]]:
    """Give the senses of each abbreviation, in the order of the table."""
    found: dict[str, tuple[_Sense, ...]] = {}
    for row in rows("abbreviations.tsv"):
        left, right = (re.compile(row[side], re.IGNORECASE) if row[side] else None for side in ("before", "after"))
        found[row["written"]] = (*found.get(row["written"], ()), _Sense(row["spoken"], left, right))
    return found


def _choose(written: str, found: re.Match[str], notes: Notes, right: str | None = None) -> str | None:
    options = senses().get(written)
    if not options:
        return None
    left, right = before(found), after(found) if right is None else right
    if fitting := next((sense for sense in options if sense.fits(left, right)), None):
        return fitting.spoken
    plain = tuple(dict.fromkeys(sense.spoken for sense in options if not (sense.before or sense.after)))
    if len(plain) > 1:
        notes.warn(WarningKind.AMBIGUOUS, found, *plain)
    return plain[0] if plain else None


def _dotted(found: re.Match[str], notes: Notes) -> str | None:
    """Read TP. and ThS.: the stop is the abbreviation's own and ends no sentence."""
    words = _choose(found[0], found, notes)
    return words and (words if re.match(r"[^\S\n]", after(found)) else f"{words} ")


def _known(found: re.Match[str], notes: Notes) -> str | None:
    written = found[0]
    if letters.is_syllable(written) and _among_capitals(found):
        return next(
            (sense.spoken for sense in senses().get(written, ()) if sense.fits(before(found), after(found))), None
        )
    return _choose(written, found, notes)


def _among_capitals(found: re.Match[str]) -> bool:
    """Tell whether a word like CA stands in a headline, where all words are in capitals."""
    neighbours = re.findall(rf"{LETTER}+", before(found))[-1:] + re.findall(rf"{LETTER}+", after(found))[:1]
    return any(
        len(word) > 1 and word.isupper() and letters.is_syllable(word) and word not in senses() for word in neighbours
    )


def _joined(found: re.Match[str], notes: Notes) -> str | None:
    """Read HĐND-UBND or TN&MT: as a whole if known, else part by part, if every part is known."""
    whole = re.sub(r"[^\S\n]*([&/-])[^\S\n]*", r"\1", found[0].replace("–", "-"))
    if (spoken := _choose(whole, found, notes)) is not None:
        return spoken
    pieces = re.split(r"([&/-])", whole)
    if not all(part in senses() for part in pieces[::2]):
        return None
    joints = {"&": " và ", "-": ", " if " " in found[0] else " ", "/": ", "}
    return "".join(joints.get(piece) or _choose(piece, found, Notes(), "") or "" for piece in pieces)


def _numbered(found: re.Match[str], notes: Notes) -> str | None:
    """Read TDP3, QL4D and ĐT155: an abbreviation with its number and perhaps a letter; not the form CT01."""
    if _FORM.search(before(found)):
        return None
    words = _WITH_NUMBER.get(found["code"]) or (len(found["code"]) > 2 and _choose(found["code"], found, notes))
    return f"{words} {cardinal(int(found['n']))} {letters.spell(found['letter'])}".rstrip() if words else None


def _numeral(found: re.Match[str], _notes: Notes) -> str | None:
    """Read HKII and KVIII: an abbreviation with its Roman numeral."""
    value = roman(found["n"])
    return f"{_WITH_NUMBER[found['code']]} {cardinal(value)}" if value else None


def _code_range(found: re.Match[str], _notes: Notes) -> str:
    """Read K1-K5 and A1 - A4."""
    return " đến ".join(f"{letters.spell(found[1])} {cardinal(int(n))}" for n in (found[2], found[3]))


def _code(found: re.Match[str], _notes: Notes) -> str | None:
    """Read AK47, H5N1, A1, B12, PM2.5: letters by name, numbers as numbers."""
    pieces = re.findall(rf"{NUMBER}|{LETTER}+", found[0])
    return " ".join(_code_piece(piece) for piece in pieces)


def _code_piece(piece: str) -> str:
    if piece[0].isdigit():
        return with_leading_zero(piece) if piece.isdecimal() else number(piece)
    is_word = len(piece) > 1 and not (piece.isupper() and len(piece) < 4) and letters.is_syllable(piece, toned=False)
    return piece.lower() if is_word else letters.spell(piece)


def _capitals(found: re.Match[str], notes: Notes) -> str | None:
    """Write words of a headline small, spell what is no word and ask about it."""
    written = found[0]
    if len(written) == 1:
        return _letter(found)
    if letters.is_syllable(written) or letters.split_tone(written)[1]:
        return written.lower()
    notes.warn(WarningKind.UNKNOWN_ABBREVIATION, found, letters.spell(written))
    return letters.spell(written)


def _letter(found: re.Match[str]) -> str | None:
    """Say the name of a lone consonant; a lone vowel is a word or its own name."""
    if letters.split_tone(found[0])[0] in letters.VOWELS:
        return found[0].lower() if found[0] == "I" else None
    if found[0] == "H" and re.match(r"['’ʼ` ]?[Mm]ông", found.string[found.end() : found.end() + 6]):
        return None
    return letters.spell(found[0])


def _initial(found: re.Match[str], _notes: Notes) -> str | None:
    """Read the initials of N.V.A or H. T. X.: by name, with no sentence ending between them."""
    return letters.spell(found[0]) + (" " if found[0].endswith((" ", "\t")) or after(found)[:1].isalpha() else "")


def _initials(found: re.Match[str], _notes: Notes) -> str | None:
    """Read N.V.A and H.T.X. by the names of the letters; a stop before a capital or the end stays a stop."""
    if found[0].rstrip(".") in senses():
        return None
    ends = found[0].endswith(".") and re.match(rf"\s*(?:[{UPPER}]|\n|$)", after(found))
    return letters.spell(found[0]) + ("." if ends else "")


def _and_so_on(found: re.Match[str], _notes: Notes) -> str:
    """Read v.v.: its stops are its own, unless the sentence ends with it."""
    return "vân vân." if re.match(rf"\s*(?:[{UPPER}]|\n|$)", after(found)) else "vân vân"


def _small(found: re.Match[str], notes: Notes) -> str | None:
    """Spell small letters that hold no vowel: no Vietnamese word is like that."""
    bare = letters.split_tone(found[0])[0]
    if not all(char in letters.NAMES for char in bare) or any(char in letters.VOWELS for char in bare):
        return None
    if len(bare) > 1 and (words := _choose(found[0].upper(), found, notes)):
        return words
    if len(bare) > 1:
        notes.warn(WarningKind.UNKNOWN_ABBREVIATION, found, letters.spell(bare))
    return letters.spell(bare)


_DOTTED = "|".join(re.escape(key) for key in sorted(senses(), key=len, reverse=True) if key.endswith("."))
_SLASHED = "|".join(re.escape(key) for key in sorted(senses(), key=len, reverse=True) if re.search(r"[/ ]|\.\w", key))

WORD_RULES = (
    Rule("abbreviation", re.compile(rf"(?<!{LETTER})[vV](?:\.\s?)?[vV](?:\.+|…)?(?!\w|/)"), _and_so_on),
    Rule(
        "initial",
        re.compile(rf"(?<![\w.])(?:[A-ZĐ]\.){{2,}}(?:[A-ZĐ](?!{LETTER}))?|(?<![\w.])(?:[A-ZĐ]\.)+[A-ZĐ](?!{LETTER})"),
        _initials,
    ),
    Rule(
        "abbreviation",
        re.compile(rf"(?<!{LETTER})(?:{_DOTTED})(?=[^\S\n]*[{UPPER}]|[^\S\n]+[\d{LOWER}]|[^\S\n]*\d)"),
        _dotted,
    ),
    Rule("abbreviation", re.compile(rf"(?<!{LETTER})(?:{_SLASHED})(?!{LETTER})"), _known),
    Rule("abbreviation", re.compile(rf"(?<!{LETTER}){_PART}(?:[^\S\n]?[&/–-][^\S\n]?{_PART})+(?!{LETTER})"), _joined),
    Rule(
        "road", re.compile(r"(?<!\w)(?P<code>[A-ZĐ]{2,})[. ]?(?<![ ])(?P<n>\d{1,3})(?P<letter>[A-Z]?)(?!\w)"), _numbered
    ),
    Rule(
        "road",
        re.compile(r"(?<!\w)(?P<code>QL|ĐT|TL|ĐH)[. ]{1,2}(?P<n>\d{1,3})(?P<letter>[A-Z]?)(?![\w./])"),
        _numbered,
    ),
    Rule("roman", re.compile(r"(?<!\w)(?P<code>HK|KV|BĐ)(?P<n>[IV]{1,3})(?!\w)"), _numeral),
    Rule("code", re.compile(r"(?<!\w)([A-Z])(\d{1,3})\s?[-–]\s?\1(\d{1,3})(?!\w)"), _code_range),
    Rule(
        "code",
        re.compile(
            rf"(?<![\w.])(?=[{UPPER}{LOWER}\d]*\d)[{UPPER}{LOWER}][{UPPER}{LOWER}\d]*(?:\.\d+)?(?:(?<=\d)-\d+)?(?!\w)"
        ),
        _code,
    ),
    Rule("code", re.compile(rf"(?<!\w)[A-Z][/-](?=[{UPPER}{LOWER}\d]*\d)[{UPPER}{LOWER}\d]+(?!\w)"), _code),
    Rule("code", re.compile(r"(?<=số )[A-ZĐ]{1,2}(?=\s?\d{5,})"), lambda found, _: letters.spell(found[0])),
    Rule("abbreviation", re.compile(rf"(?<!{LETTER}){LETTER}+(?!{LETTER})"), _known),
    Rule("initial", re.compile(rf"(?<!{LETTER})[A-ZĐ]\.[^\S\n]?(?=[{UPPER}])"), _initial),
    Rule("capitals", re.compile(rf"(?<!{LETTER})[{UPPER}]+(?!{LETTER})"), _capitals),
    Rule("letters", re.compile(rf"(?<!{LETTER})[{LOWER}]{{1,5}}(?!{LETTER})"), _small),
)


def _after_number(found: re.Match[str], _notes: Notes) -> str | None:
    """Read 6A1, 12A and 24B: a number whose letters are part of its name."""
    pieces = re.findall(rf"\d+|{LETTER}+", found[0])
    return " ".join(_code_piece(piece) for piece in pieces)


def _plate(found: re.Match[str], _notes: Notes) -> str:
    series, digits = found["series"], found["n"].replace(".", "")
    head = " ".join(_code_piece(piece) for piece in re.findall(rf"\d+|{LETTER}+", series))
    return f"{head}, {spell(digits)}"


DIGIT_RULES_EARLY = (
    Rule(
        "plate", re.compile(r"(?P<series>\d{2}[A-ZĐ]{1,2}\d?)[- ]?(?P<n>\d{3}\.\d{2}|\d{5}|\d{4})(?![\d.]\d)"), _plate
    ),
)
DIGIT_RULES = (Rule("code", re.compile(r"(?<![\w.,])\d+[A-ZĐa-dđ]{1,2}\d{0,3}(?!\w)"), _after_number),)
