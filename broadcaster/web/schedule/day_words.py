"""Days as people write them, `24/12/2026, rằm, 10/3 âm, Tết`, made into `schedules.days` and back. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from broadcaster.i18n import Tongue
from broadcaster.web.words import mark
from schedules.days import LAST, NONE, TET, Days, LunarDay, parse
from schedules.errors import BadDays

FIRST, FULL = LunarDay(1), LunarDay(15)
EVE = LunarDay(LAST, 12)
_SEPARATORS = re.compile(r"[,;\n]+")
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_LUNAR = re.compile(r"(?:ngày |mùng |mồng )?(\d{1,2})(?:/(\d{1,2}))? (?:âm lịch|âm|al|lunar)")
_EARLY = re.compile(r"(?:mùng|mồng) (\d{1,2}|một)")
_NAMED = {"rằm": (FULL,), "full moon": (FULL,), "new moon": (FIRST,), "tết": TET, "30 tết": (EVE,), "giao thừa": (EVE,)}


def days_in(typed: str) -> Days:
    """The days of a list as typed. Raises BadDays, its `text` what was not understood."""
    found = NONE
    for word in _SEPARATORS.split(typed):
        if cleaned := " ".join(word.lower().split()):
            one = _one(cleaned, word.strip())
            found = replace(
                found,
                dates=tuple(sorted({*found.dates, *one.dates})),
                lunar=tuple(dict.fromkeys((*found.lunar, *one.lunar))),
                holidays=found.holidays or one.holidays,
            )
    return found


def said_days(tongue: Tongue, days: Days) -> str:
    """The same list in the visitor's language, as `days_in` reads it; without the public holidays."""
    whole_tet = set(TET) <= set(days.lunar)
    lunar = [day for day in days.lunar if not (whole_tet and day in TET)]
    words = [f"{on:%d/%m/%Y}" for on in days.dates] + [_said(tongue, day) for day in lunar]
    return ", ".join([*words, tongue.say(mark("Tết"))] if whole_tet else words)


def _said(tongue: Tongue, day: LunarDay) -> str:
    if day.day == LAST:
        return tongue.say(mark("30 Tết")) if day == EVE else str(day)
    if day in (FIRST, FULL):
        return tongue.say({FIRST: mark("new moon"), FULL: mark("full moon")}[day])
    number = str(day.day) if day.month is None else f"{day.day}/{day.month}"
    return tongue.say(mark("{day} lunar"), {"day": number})


def _one(word: str, typed: str) -> Days:
    if word in _NAMED:
        return Days(lunar=_NAMED[word])
    if found := _EARLY.fullmatch(word):
        return _lunar([1 if found[1] == "một" else int(found[1])], typed)
    if found := _LUNAR.fullmatch(word):
        return _lunar([int(number) for number in found.groups() if number], typed)
    if found := _DATE.fullmatch(word):
        try:
            return Days(dates=(date(int(found[3]), int(found[2]), int(found[1])),))
        except ValueError:
            raise BadDays(text=typed) from None
    return parse(word)


def _lunar(numbers: Sequence[int], typed: str) -> Days:
    try:
        return parse("lunar:" + "/".join(map(str, numbers)))
    except BadDays:
        raise BadDays(text=typed) from None
