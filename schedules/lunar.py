"""The Vietnamese lunar calendar, computed for UTC+7: Gregorian days to lunar ones and back, and Tết. Pure.

The rules, as Hanoi's calendar has them:

- a month begins on the day of the new moon;
- the sun reaches a principal term each time its longitude passes a multiple of 30°; the winter solstice (270°)
  always falls into month 11;
- between two months 11 lie 12 months or 13; of 13, the first one without a principal term is a leap month and
  bears the number of the month before it.

Days are those of UTC+7 throughout. Vietnam's own almanacs do so since 1968; before, many were printed after China's
(UTC+8), so that a family's old papers may differ by a day.

Source: J. Meeus, Astronomical Algorithms, 2nd edition: new moons by chapter 49, the sun by chapter 25 with the
largest terms of VSOP87 from appendix III. Measured against PyEphem 4.2 over 1900-2199: new moons within 18 seconds, the
sun's terms within 70 seconds. A new moon that close to midnight is anybody's guess: 7 July 1967, 15 November 2077.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from functools import lru_cache
from itertools import pairwise
from math import cos, fsum, pi, radians, sin

from content.kernel.errors import Invalid

EAST = timedelta(hours=7)
HANOI = timezone(EAST, "UTC+7")
FIRST_YEAR, LAST_YEAR = 1899, 2200
"""The winter solstices from which months are counted: all days of 1900 to 2200 lie between."""

SOLSTICE = 9
"""The principal term of the winter solstice, counted from 0 at the March equinox."""
HANOI_AHEAD = EAST / timedelta(days=1)
J2000 = 2451545.0
ORDINAL_ZERO = 1721424.5
"""The Julian day of midnight at the beginning of `date.fromordinal(0)`, if there were one."""

# (what the time of the mean new moon is changed by, in 1e-5 days; multiples of the moon's anomaly, the sun's
# anomaly, the moon's argument of latitude, the node)
_NEW_MOON = (
    (-40720, 1, 0, 0, 0),
    (17241, 0, 1, 0, 0),
    (1608, 2, 0, 0, 0),
    (1039, 0, 0, 2, 0),
    (739, 1, -1, 0, 0),
    (-514, 1, 1, 0, 0),
    (208, 0, 2, 0, 0),
    (-111, 1, 0, -2, 0),
    (-57, 1, 0, 2, 0),
    (56, 2, 1, 0, 0),
    (-42, 3, 0, 0, 0),
    (42, 0, 1, 2, 0),
    (38, 0, 1, -2, 0),
    (-24, 2, -1, 0, 0),
    (-17, 0, 0, 0, 1),
    (-7, 1, 2, 0, 0),
    (4, 2, 0, -2, 0),
    (4, 0, 3, 0, 0),
    (3, 1, 1, -2, 0),
    (3, 2, 0, 2, 0),
    (-3, 1, 1, 2, 0),
    (3, 1, -1, 2, 0),
    (-2, 1, -1, -2, 0),
    (-2, 3, 1, 0, 0),
    (2, 4, 0, 0, 0),
)
# (1e-6 days, degrees, degrees per lunation): what the planets do to it
_PLANETS = (
    (325, 299.77, 0.107408),
    (165, 251.88, 0.016321),
    (164, 251.83, 26.651886),
    (126, 349.42, 36.412478),
    (110, 84.66, 18.206239),
    (62, 141.74, 53.303771),
    (60, 207.14, 2.453732),
    (56, 154.84, 7.306860),
    (47, 34.52, 27.261239),
    (42, 207.19, 0.121824),
    (40, 291.34, 1.844379),
    (37, 161.72, 24.198154),
    (35, 239.56, 25.513099),
    (23, 331.55, 3.592518),
)
# (1e-8 radians, radians, radians per thousand years): the earth's longitude, and its change per thousand years
_EARTH = (
    (3341656, 4.6692568, 6283.0758500),
    (34894, 4.62610, 12566.15170),
    (3497, 2.7441, 5753.3849),
    (3418, 2.8289, 3.5231),
    (3136, 3.6277, 77713.7715),
    (2676, 4.4181, 7860.4194),
    (2343, 6.1352, 3930.2097),
    (1324, 0.7425, 11506.7698),
    (1273, 2.0371, 529.6910),
    (1199, 1.1096, 1577.3435),
    (990, 5.233, 5884.927),
    (902, 2.045, 26.298),
    (857, 3.508, 398.149),
    (780, 1.179, 5223.694),
    (753, 2.533, 5507.553),
    (505, 4.583, 18849.228),
    (492, 4.205, 775.523),
    (357, 2.920, 0.067),
    (317, 5.849, 11790.629),
    (284, 1.899, 796.298),
    (271, 0.315, 10977.079),
    (243, 0.345, 5486.778),
    (206, 4.806, 2544.314),
    (205, 1.869, 5573.143),
    (202, 2.458, 6069.777),
)
_EARTH_CHANGE = ((206059, 2.678235, 6283.075850), (4303, 2.6351, 12566.1517), (425, 1.590, 3.523))
# (year, seconds): how far the even time of the formulas is ahead of UTC; observed until 2020, then expected
_DELTA_T = (
    (1890, -6),
    (1900, -3),
    (1910, 10),
    (1920, 21),
    (1940, 24),
    (1950, 29),
    (1960, 33),
    (1970, 40),
    (1980, 51),
    (1990, 57),
    (2000, 64),
    (2020, 69),
    (2050, 93),
    (2100, 203),
    (2150, 328),
    (2200, 442),
)


class NoSuchLunarDate(Invalid):
    """That year has no such month, or that month no such day."""

    sentence = "{date} is not a day of the lunar calendar. Look at the month's length, and whether it is a leap month."


class OutsideLunarCalendar(Invalid):
    """Too early or too late to be computed well."""

    sentence = "The lunar calendar is known from {first} to {last} only."


@dataclass(frozen=True)
class LunarDate:
    """A day of a lunar month of a lunar year, which begins at Tết; `leap`: of the second month of that number."""

    day: int
    month: int
    year: int
    leap: bool = False

    def __str__(self) -> str:
        """As Vietnamese calendars write it: `15/6 nhuận/2025`."""
        return f"{self.day}/{self.month}{' nhuận' if self.leap else ''}/{self.year}"


@dataclass(frozen=True)
class _Month:
    first: int  # `date.toordinal` of its first day
    length: int
    name: LunarDate  # of its first day


def lunar_of(on: date) -> LunarDate:
    """The lunar date of a day. Raises OutsideLunarCalendar."""
    day = on.toordinal()
    months = _reckoning(on.year - (day < _new_moon_day(_month_eleven(on.year))))
    month = months[bisect_right(months, day, key=lambda month: month.first) - 1]
    return LunarDate(day - month.first + 1, month.name.month, month.name.year, month.name.leap)


def solar_of(lunar: LunarDate) -> date:
    """The day of a lunar date. Raises NoSuchLunarDate, OutsideLunarCalendar."""
    name = LunarDate(1, lunar.month, lunar.year, lunar.leap)
    for month in _reckoning(lunar.year if lunar.month > 10 else lunar.year - 1):
        if month.name == name and 1 <= lunar.day <= month.length:
            return date.fromordinal(month.first + lunar.day - 1)
    raise NoSuchLunarDate(date=str(lunar))


def tet(year: int) -> date:
    """The first day of a lunar year. Raises OutsideLunarCalendar."""
    return solar_of(LunarDate(1, 1, year))


@lru_cache(maxsize=512)
def _reckoning(year: int) -> tuple[_Month, ...]:
    """The months from month 11 of `year`, the one of its winter solstice, to month 10 of the next."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutsideLunarCalendar(first=FIRST_YEAR + 1, last=LAST_YEAR)
    first, after = _month_eleven(year), _month_eleven(year + 1)
    starts = [_new_moon_day(k) for k in range(first, after + 1)]
    terms = [_principal_term(day) for day in starts]
    leap = next((i for i, (a, b) in enumerate(pairwise(terms)) if a == b), None) if after - first == 13 else None
    return tuple(_named(year, starts, leap))


def _named(year: int, starts: list[int], leap: int | None) -> Iterator[_Month]:
    for i, (first, following) in enumerate(pairwise(starts)):
        months_on = i + 10 - (leap is not None and i >= leap)  # since month 1 of `year`
        name = LunarDate(1, months_on % 12 + 1, year + months_on // 12, i == leap)
        yield _Month(first, following - first, name)


@lru_cache(maxsize=512)
def _month_eleven(year: int) -> int:
    """Which new moon begins the month of the winter solstice."""
    k = round((year - 2000) * 12.3685) + 12  # the last new moon of the year, or one about it
    while _new_moon_day(k) > date(year, 12, 31).toordinal() or _principal_term(_new_moon_day(k)) == SOLSTICE:
        k -= 1
    return k


def _new_moon_day(k: int) -> int:
    """The day on which new moon number `k` falls, as `date.toordinal`; number 0 is that of 6 January 2000."""
    even = _new_moon(k)
    return int(even - _delta_t(even) + HANOI_AHEAD - ORDINAL_ZERO)


def _principal_term(day: int) -> int:
    """The last principal term reached before a day begins: 0 at the March equinox, 9 at the winter solstice."""
    midnight = ORDINAL_ZERO + day - HANOI_AHEAD
    return int(_sun_longitude(midnight + _delta_t(midnight)) // 30)


def _delta_t(julian: float) -> float:
    """In days."""
    year = 2000 + (julian - J2000) / 365.25
    i = min(max(bisect_right(_DELTA_T, (year,)), 1), len(_DELTA_T) - 1)
    (before, low), (after, high) = _DELTA_T[i - 1 : i + 1]
    return (low + (high - low) * (year - before) / (after - before)) / 86400


def _new_moon(k: int) -> float:
    """The instant of new moon number `k`, a Julian day of even time."""
    t = k / 1236.85
    moon = radians(201.5643 + 385.81693528 * k + 0.0107582 * t**2 + 0.00001238 * t**3)
    sun = radians(2.5534 + 29.10535670 * k - 0.0000014 * t**2)
    latitude = radians(160.7108 + 390.67050284 * k - 0.0016118 * t**2 - 0.00000227 * t**3)
    node = radians(124.7746 - 1.56375588 * k + 0.0020672 * t**2)
    eccentricity = 1 - 0.002516 * t - 0.0000074 * t**2
    return fsum((
        2451550.09766 + 29.530588861 * k + 0.00015437 * t**2 - 0.000000150 * t**3,
        *(1e-5 * days * eccentricity ** abs(b) * sin(a * moon + b * sun + c * latitude + d * node)
          for days, a, b, c, d in _NEW_MOON),
        *(1e-6 * days * sin(radians(at + speed * k)) for days, at, speed in _PLANETS),
    ))  # fmt: skip


def _sun_longitude(even: float) -> float:
    """The sun's apparent longitude in degrees, from 0 up to 360, at a Julian day of even time."""
    t = (even - J2000) / 365250
    change = 628331966747 + _waves(_EARTH_CHANGE, t) + t * (52919 + _waves(((8720, 1.0721, 6283.0758),), t))
    earth = (175347046 + _waves(_EARTH, t) + t * change) * 1e-8
    node = radians(125.04 - 19341.36 * t)
    nutation = -0.00478 * sin(node) - 0.00037 * sin(2 * earth)
    aberration = -0.005691 * (1 + 0.0167 * cos(earth - 1.7968))
    return (earth * 180 / pi + 180 + nutation + aberration - 0.000025) % 360


def _waves(terms: tuple[tuple[float, float, float], ...], t: float) -> float:
    return fsum(size * cos(at + speed * t) for size, at, speed in terms)
