"""Which villages a warning is for: areas of CAP against what the commune entered of its villages. Pure.

Told from the surest to the least sure: a code (of the village, or of the commune or province around it), a shape (a
polygon or circle that reaches the village), a name in the area's description. A name counts only where codes and shapes
could not be judged, since many villages of the country bear the same. A warning without any area is for everybody.
"""

import itertools
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple
from uuid import UUID

from broadcaster.alerts.cap.model import Area, Circle, Info, Point, Polygon, Value

REACH_KM = 1.5
"""A village is no point: a shape that comes so near to its loudspeaker is taken to reach it."""
_KM_PER_DEGREE = 111.195
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_WORD = re.compile(r"\w+")
_KINDS = frozenset({"thon", "ban", "to", "xom", "ap", "khu", "buon", "lang", "pho"})
"""Words that name no place by themselves, as in “thôn 3”, without their marks."""
_AS_VILLAGE = ("thôn", "bản", "làng")
_AND = frozenset({"va", "den", "and"})


class How(StrEnum):
    """By what a village is meant, surest first."""

    EVERYWHERE = "everywhere"
    CODE = "code"
    SHAPE = "shape"
    NAME = "name"
    COMMUNE = "commune"


@dataclass(frozen=True, slots=True)
class Place:
    """A village, or the commune around it, as warnings may mean it.

    `codes`: values of geocodes, bare or as `name=value`. `names`: what it is called, its own name first.
    """

    uuid: UUID
    names: tuple[str, ...]
    position: Point | None = None
    codes: frozenset[str] = frozenset()


_Verdict = How | Literal[False] | None


class _Text(NamedTuple):
    """A text's words; `is_bare`: it has no diacritics at all, and names are compared without them."""

    words: tuple[str, ...]
    is_bare: bool


class Coverage(NamedTuple):
    """The villages meant, and by what; `unsure`: those of which it could not be told, for want of position or codes."""

    how: dict[UUID, How]
    unsure: tuple[UUID, ...]


def coverage(info: Info, villages: Sequence[Place], commune: Place) -> Coverage:
    """Which villages one part of a message is for."""
    if not info.areas:
        return Coverage({village.uuid: How.EVERYWHERE for village in villages}, ())
    told = [_told(area, villages, commune) for area in info.areas]
    ranks = list(How)
    each = {village.uuid: [one[village.uuid] for one in told] for village in villages}
    sure = {uuid: [how for how in hows if isinstance(how, How)] for uuid, hows in each.items()}
    how = {uuid: min(hows, key=ranks.index) for uuid, hows in sure.items() if hows}
    unsure = tuple(uuid for uuid, hows in each.items() if uuid not in how and None in hows)
    return Coverage(how, unsure)


def reaches(shape: Polygon | Circle, point: Point, reach_km: float = REACH_KM) -> bool:
    """Whether a shape contains a point or comes within `reach_km` of it."""
    if isinstance(shape, Circle):
        return _distance_km(shape.centre, point) <= shape.radius_km + reach_km
    flat = [_flat(corner, point) for corner in shape]
    return _contains_origin(flat) or any(_to_origin(a, b) <= reach_km for a, b in itertools.pairwise(flat))


def _told(area: Area, villages: Sequence[Place], commune: Place) -> dict[UUID, _Verdict]:
    """By what the area means each village; False: it does not; None: it cannot be told."""
    told = {village.uuid: _surely(area, village, commune) for village in villages}
    if None in told.values():
        named = _by_name(area.description, villages, commune)
        is_drawn = bool(area.polygons or area.circles or area.geocodes)
        told |= {uuid: named[uuid] or (None if is_drawn else named[uuid]) for uuid, one in told.items() if one is None}
    return told


def _surely(area: Area, village: Place, commune: Place) -> _Verdict:
    """By code or shape; None where neither can be judged."""
    codes = village.codes | commune.codes
    if any(_is_code(geocode, codes) for geocode in area.geocodes):
        return How.CODE
    shapes: tuple[Polygon | Circle, ...] = (*area.polygons, *area.circles)
    if village.position and any(reaches(shape, village.position) for shape in shapes):
        return How.SHAPE
    judged = bool(shapes and village.position) or (not shapes and bool(area.geocodes and codes))
    return False if judged else None


def _is_code(geocode: Value, codes: frozenset[str]) -> bool:
    value = geocode.value.strip()
    return value in codes or f"{geocode.name.strip()}={value}" in codes


def _by_name(description: str, villages: Sequence[Place], commune: Place) -> dict[UUID, _Verdict]:
    text = _read(description)
    if named := {village.uuid for village in villages if _is_named(text, village, commune)}:
        return {village.uuid: How.NAME if village.uuid in named else False for village in villages}
    around: _Verdict = How.COMMUNE
    if not any(_names(text, name) for name in commune.names):
        around = False if len(commune.names) > 1 else None  # it may be our province: nobody has entered its name
    return {village.uuid: around for village in villages}


def _is_named(text: _Text, village: Place, commune: Place) -> bool:
    """Whether a village is named; one that is called like its commune only as “thôn …”."""
    return any(
        any(_names(text, f"{kind} {name}") for kind in _AS_VILLAGE)
        if _is_shared(name, commune.names)
        else _names(text, name)
        for name in village.names
    )


@lru_cache(maxsize=1024)
def _is_shared(name: str, around: tuple[str, ...]) -> bool:
    return any(_names(_read(one), name) for one in around)


def _read(text: str) -> _Text:
    is_bare = _bare(text) == unicodedata.normalize("NFC", text).casefold()
    return _Text(_words(text, is_bare=is_bare), is_bare)


def _names(text: _Text, name: str) -> bool:
    """Whether a text names a place; “Luổng Láo 1, 2 và 4” names each of the three, “Luổng Láo” all there are."""
    wanted = _wanted(name, is_bare=text.is_bare)
    if not wanted:
        return False
    *stem, last = wanted
    if not last.isdigit() or not stem:
        return any(True for _ in _found(text.words, wanted))
    for after in _found(text.words, tuple(stem)):
        numbers = list(_numbers(text.words, after))
        if last in numbers or (not numbers and {_bare(word) for word in stem} - _KINDS):
            return True
    return False


def _found(words: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[int]:
    """The places right after each occurrence."""
    for start in range(len(words) - len(wanted) + 1):
        if words[start : start + len(wanted)] == wanted:
            yield start + len(wanted)


def _numbers(words: tuple[str, ...], start: int) -> Iterator[str]:
    """The numbers that a list from `start` on begins with; nothing is copied, since texts may be very long."""
    for word in (words[at] for at in range(start, len(words))):
        if word.isdigit():
            yield word
        elif _bare(word) not in _AND:
            return


def _words(text: str, *, is_bare: bool) -> tuple[str, ...]:
    words = _WORD.findall(unicodedata.normalize("NFC", text).casefold())
    return tuple(_bare(word) if is_bare else _tone_last(word) for word in words)


_wanted = lru_cache(maxsize=4096)(_words)
"""Names are few and asked of each area; a stranger's text may have a great many areas."""


def _tone_last(word: str) -> str:
    """“hoà” and “hòa” are one word."""
    apart = unicodedata.normalize("NFD", word)
    return "".join(c for c in apart if c not in _TONES) + "".join(c for c in apart if c in _TONES)


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def _flat(corner: Point, around: Point) -> tuple[float, float]:
    """Kilometres east and north of a point: flat enough for what lies within a province."""
    east = (corner.longitude - around.longitude + 180) % 360 - 180
    return east * _KM_PER_DEGREE * math.cos(math.radians(around.latitude)), (
        corner.latitude - around.latitude
    ) * _KM_PER_DEGREE


def _contains_origin(corners: Sequence[tuple[float, float]]) -> bool:
    """By the even-odd rule."""
    inside = False
    for (x1, y1), (x2, y2) in itertools.pairwise(corners):
        if (y1 > 0) != (y2 > 0) and x1 - y1 * (x2 - x1) / (y2 - y1) > 0:
            inside = not inside
    return inside


def _to_origin(a: tuple[float, float], b: tuple[float, float]) -> float:
    """How far a side passes, in kilometres."""
    (x1, y1), (x2, y2) = a, b
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, -(x1 * dx + y1 * dy) / length)) if length else 0.0
    return math.hypot(x1 + along * dx, y1 + along * dy)


def _distance_km(a: Point, b: Point) -> float:
    """Over the ground, on a sphere."""
    lat1, lat2 = math.radians(a.latitude), math.radians(b.latitude)
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    )
    return 2 * _KM_PER_DEGREE * math.degrees(math.asin(math.sqrt(min(1.0, half))))
