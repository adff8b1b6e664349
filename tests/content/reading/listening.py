"""Compares what was read with what should be heard: a listener hears neither case, punctuation nor spelling."""

import csv
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "reading"
_TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_HEARD_ALIKE = {
    "ngàn": "nghìn", "lẻ": "linh", "bẩy": "bảy", "phảy": "phẩy", "mồng": "mùng", "tư": "bốn", "sỹ": "sĩ", "kĩ": "kỹ",
    "tới": "đến", "uỷ": "ủy",
}  # fmt: skip
_BUT_NOT_IN = {"thứ tư", "tuần tới", "tháng tới", "năm tới"}


@dataclass(frozen=True)
class Case:
    """A text, and every way in which it may be read aloud."""

    written: str
    spoken: str
    accepted: frozenset[str]
    category: str


def heard(text: str) -> str:
    """Give what a listener hears: lower case, no punctuation, each tone after its syllable."""
    words = re.sub(r"[^\w\s/]", " ", unicodedata.normalize("NFC", text).lower()).split()
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(["", *words])]
    return " ".join(
        _syllable(word if pair in _BUT_NOT_IN else _HEARD_ALIKE.get(word, word))
        for word, pair in zip(words, pairs, strict=True)
    )


def _syllable(word: str) -> str:
    marks = unicodedata.normalize("NFD", word)
    letters = unicodedata.normalize("NFC", "".join(char for char in marks if char not in _TONE_MARKS))
    return letters + "".join(char for char in marks if char in _TONE_MARKS)


def ways(pattern: str) -> Iterator[str]:
    """Give all texts of a pattern: `(x)` may be left out, `{a/b}` is one of the two."""
    pieces = [
        ["", piece[1:-1]] if piece[0] == "(" else piece[1:-1].split("/") if piece[0] == "{" else [piece]
        for piece in re.findall(r"\([^()]*\)|\{[^{}]*\}|[^(){}]+", pattern)
    ]
    return ("".join(choice) for choice in itertools.product(*pieces))


def load(name: str) -> list[Case]:
    """Give the cases of a table: written, spoken, accepted_patterns (several by `||`), category."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [_case(row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")]


def _case(row: dict[str, str]) -> Case:
    patterns = [row["spoken"], *filter(None, row["accepted_patterns"].split(" || "))]
    accepted = frozenset(heard(way) for pattern in patterns for way in ways(pattern))
    return Case(row["written"], row["spoken"], accepted, row["category"])
