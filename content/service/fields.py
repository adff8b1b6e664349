"""Fields in a template's text, as `[ngày họp: ngày]`: found, and filled in. Values in, values out.

What stands in square brackets is a field's name; after a colon may stand its kind. A field that occurs twice is asked
for once.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

_FIELD = re.compile(r"\[([^\[\]\n]{1,80})\]")
_NUMBER = re.compile(r"\d+([.,]\d+)*")
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class FieldKind(StrEnum):
    """What may be filled in, by the word that a template's writer uses for it."""

    DATE = "ngày"
    TIME = "giờ"
    NUMBER = "số"
    WORDS = "chữ"
    LONG_WORDS = "chữ dài"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in."""

    name: str
    kind: FieldKind


def fields(*texts: str) -> tuple[Field, ...]:
    """The distinct fields of some texts, in order; a kind named anywhere holds for all fields of that name."""
    kinds: dict[str, FieldKind | None] = {}
    for found in _FIELD.finditer("\n".join(texts)):
        name, kind = _parts(found[1])
        kinds[name] = kinds.get(name) or kind
    return tuple(Field(name, kind or FieldKind.WORDS) for name, kind in kinds.items() if name)


def said(kind: FieldKind, typed: str) -> str:
    """What a filled-in value looks like in the text: 2026-11-25 is “thứ Tư ngày 25/11/2026”. Raises ValueError."""
    value = typed.strip()
    if not value:
        raise ValueError(typed)
    return _SAID[kind](value)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the values by their fields' names; a field without one stays as it stands."""
    return _FIELD.sub(lambda found: values.get(_parts(found[1])[0], found[0]), text)


def _parts(inside: str) -> tuple[str, FieldKind | None]:
    words = " ".join(unicodedata.normalize("NFC", inside).split())
    name, colon, kind = words.rpartition(":")
    known = kind.strip().casefold()
    return (name.strip(), FieldKind(known)) if colon and known in set(FieldKind) else (words, None)


def _date(value: str) -> str:
    on = date.fromisoformat(value)
    return f"{_WEEKDAYS[on.weekday()]} ngày {on.day}/{on.month}/{on.year}"


def _time(value: str) -> str:
    at = time.fromisoformat(value)
    return f"{at.hour} giờ {at.minute:02} phút" if at.minute else f"{at.hour} giờ"


def _number(value: str) -> str:
    if not _NUMBER.fullmatch(value):
        raise ValueError(value)
    return value


_SAID: dict[FieldKind, Callable[[str], str]] = {
    FieldKind.DATE: _date,
    FieldKind.TIME: _time,
    FieldKind.NUMBER: _number,
    FieldKind.WORDS: lambda value: " ".join(value.split()),
    FieldKind.LONG_WORDS: lambda value: value,
}
