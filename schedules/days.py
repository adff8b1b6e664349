"""Days that no RFC 5545 rule names: single dates, days of the Vietnamese lunar calendar, public holidays. Pure.

- A lunar day without a month (rằm, mùng một) comes in each month, a leap month too; one with a month comes once a year,
  in the month of that number and not in its leap month, as people keep their days.
- A day 30 is left out in a month of 29; the last day of a month, which is Tết's eve in month 12, is written -1.
- Public holidays are those of the law. What the yearly decision fixes (which five days of Tết, and which day beside
  2 September) a commune enters year by year. Until then Tết is its eve and four days from the first on, and no day
  beside 2 September is counted. Days off in lieu of a weekend are no holidays unless they are entered too.

Source: Labour Code 45/2019/QH14, article 112.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from schedules.errors import BadDays
from schedules.lunar import LunarDate, lunar_of, solar_of, tet

DAY = timedelta(days=1)
LAST = -1
"""The day of a lunar month that is followed by the first of the next."""
_LUNAR, _HOLIDAYS, _TET = "lunar:", "holidays", "tet"
_FIXED = ((1, 1), (4, 30), (5, 1), (9, 2))


@dataclass(frozen=True, order=True)
class LunarDay:
    """A day of each lunar month, or of one month each year; `day` 1 to 30, or `LAST`."""

    day: int
    month: int | None = None

    def is_on(self, on: date, lunar: LunarDate) -> bool:
        """Whether it comes on this day, whose lunar date is given."""
        if self.month is not None and (lunar.leap or lunar.month != self.month):
            return False
        return lunar_of(on + DAY).day == 1 if self.day == LAST else lunar.day == self.day

    def __str__(self) -> str:
        return f"{_LUNAR}{self.day}" if self.month is None else f"{_LUNAR}{self.day}/{self.month}"


TET = (LunarDay(LAST, 12), LunarDay(1, 1), LunarDay(2, 1), LunarDay(3, 1))
"""Tết as people keep it: its eve and the three days from the first on."""


@dataclass(frozen=True)
class Days:
    """Some days of the calendar; the same days whoever asks.

    `decided` holds the holidays that a commune entered for its years, beside those that the law fixes.
    """

    dates: tuple[date, ...] = ()
    lunar: tuple[LunarDay, ...] = ()
    holidays: bool = False
    decided: tuple[date, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dates or self.lunar or self.holidays)

    def __contains__(self, on: date) -> bool:
        if on in self.dates or (self.holidays and on in holidays(on.year, self.decided)):
            return True
        return bool(self.lunar) and any(day.is_on(on, lunar) for lunar in (lunar_of(on),) for day in self.lunar)

    def between(self, first: date, last: date) -> Iterator[date]:
        """Those from `first` to `last`, both included, in order."""
        if not self.lunar and not self.holidays:
            return iter(sorted({on for on in self.dates if first <= on <= last}))
        every_day = (first + n * DAY for n in range((last - first).days + 1))
        return (on for on in every_day if on in self)

    def __str__(self) -> str:
        """As `parse` reads it."""
        return ",".join([*map(str, self.dates), *map(str, self.lunar), *([_HOLIDAYS] if self.holidays else ())])


NONE = Days()


def parse(text: str, decided: tuple[date, ...] = ()) -> Days:
    """The days of a list such as `2026-12-24,lunar:15,lunar:10/3,lunar:-1/12,tet,holidays`. Raises BadDays."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    lunar = [day for word in words for day in (TET if word == _TET else _lunar_days(word))]
    dates = [_date(word) for word in words if word not in (_TET, _HOLIDAYS) and not word.startswith(_LUNAR)]
    return Days(tuple(sorted(set(dates))), tuple(dict.fromkeys(lunar)), _HOLIDAYS in words, decided)


@lru_cache(maxsize=256)
def holidays(year: int, decided: tuple[date, ...] = ()) -> frozenset[date]:
    """The public holidays of a year; `decided` counts where it holds any day of that year."""
    return movable(year, decided) | fixed(year)


def movable(year: int, decided: tuple[date, ...] = ()) -> frozenset[date]:
    """Those that the yearly decision fixes: what was entered for the year, else Tết's eve and four days."""
    entered = frozenset(on for on in decided if on.year == year)
    return entered or frozenset(tet(year) + n * DAY for n in range(-1, 4))


@lru_cache(maxsize=256)
def fixed(year: int) -> frozenset[date]:
    """Those that the law itself names."""
    return frozenset({*(date(year, *day) for day in _FIXED), solar_of(LunarDate(10, 3, year))})


def _lunar_days(word: str) -> Iterator[LunarDay]:
    if not word.startswith(_LUNAR):
        return
    try:
        day, *month = (int(number) for number in word.removeprefix(_LUNAR).split("/"))
    except ValueError:
        raise BadDays(text=word) from None
    if day not in {LAST, *range(1, 31)} or len(month) > 1 or not all(1 <= number <= 12 for number in month):
        raise BadDays(text=word)
    yield LunarDay(day, *month)


def _date(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise BadDays(text=word) from None
