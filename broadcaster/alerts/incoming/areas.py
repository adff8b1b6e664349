"""Which villages a warning is for: areas of CAP against what the commune entered of its villages. Pure.

Told from the surest to the least sure: a code (of the village, or of the commune or province around it), a shape (a
polygon or circle that reaches the village), a name in the area's description. A name counts only where codes and shapes
could not be judged, since many villages of the country bear the same. A warning without any area is for everybody.
"""

import itertools
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
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


class Coverage(NamedTuple):
    """The villages meant, and by what; `unsure`: those of which it could not be told, for want of position or codes."""

    how: dict[UUID, How]
    unsure: tuple[UUID, ...]


def coverage(info: Info, villages: Sequence[Place], commune: Place) -> Coverage:
    """Which villages one part of a message is for."""
    if not info.areas:
        return Coverage({village.uuid: How.EVERYWHERE for village in villages}, ())
    told = {village.uuid: [_of(area, village, villages, commune) for area in info.areas] for village in villages}
    ranks = list(How)
    sure = {uuid: [one for one in each if isinstance(one, How)] for uuid, each in told.items()}
    how = {uuid: min(hows, key=ranks.index) for uuid, hows in sure.items() if hows}
    unsure = tuple(uuid for uuid, each in told.items() if uuid not in how and None in each)
    return Coverage(how, unsure)


def reaches(shape: Polygon | Circle, point: Point, reach_km: float = REACH_KM) -> bool:
    """Whether a shape contains a point or comes within `reach_km` of it."""
    if isinstance(shape, Circle):
        return _distance_km(shape.centre, point) <= shape.radius_km + reach_km
    flat = [_flat(corner, point) for corner in shape]
    return _contains_origin(flat) or any(_to_origin(a, b) <= reach_km for a, b in itertools.pairwise(flat))


def _of(area: Area, village: Place, villages: Sequence[Place], commune: Place) -> How | Literal[False] | None:
    """By what the area means the village; False: it does not; None: it cannot be told."""
    codes = village.codes | commune.codes
    if any(_is_code(geocode, codes) for geocode in area.geocodes):
        return How.CODE
    shapes: tuple[Polygon | Circle, ...] = (*area.polygons, *area.circles)
    if village.position and any(reaches(shape, village.position) for shape in shapes):
        return How.SHAPE
    judged = bool(shapes and village.position) or (not shapes and bool(area.geocodes and codes))
    if judged:
        return False
    named = _by_name(area.description, village, villages, commune)
    return None if named is None or (named is False and (shapes or area.geocodes)) else named


def _is_code(geocode: Value, codes: frozenset[str]) -> bool:
    value = geocode.value.strip()
    return value in codes or f"{geocode.name.strip()}={value}" in codes


def _by_name(
    description: str, village: Place, villages: Sequence[Place], commune: Place
) -> How | Literal[False] | None:
    if _is_named(description, village, commune):
        return How.NAME
    if any(_is_named(description, other, commune) for other in villages):
        return False
    if any(_names(description, name) for name in commune.names):
        return How.COMMUNE
    return False if len(commune.names) > 1 else None  # it may be our province that is named: nobody has entered it


def _is_named(description: str, village: Place, commune: Place) -> bool:
    """Whether a village is named; one that is called like its commune only as “thôn …”."""
    shared = {name for name in village.names if any(_names(around, name) for around in commune.names)}
    return any(
        any(_names(description, f"{kind} {name}") for kind in _AS_VILLAGE)
        if name in shared
        else _names(description, name)
        for name in village.names
    )


def _names(text: str, name: str) -> bool:
    """Whether a text names a place; “Luổng Láo 1, 2 và 4” names each of the three, “Luổng Láo” all there are.

    A text without any diacritics is compared without them.
    """
    bare = _bare(text) == unicodedata.normalize("NFC", text).casefold()
    words, wanted = list(_words(text, bare=bare)), list(_words(name, bare=bare))
    if not wanted:
        return False
    *stem, last = wanted
    if not last.isdigit() or not stem:
        return any(True for _ in _found(words, wanted))
    for after in _found(words, stem):
        numbers = list(_numbers(words[after:]))
        if last in numbers or (not numbers and {_bare(word) for word in stem} - _KINDS):
            return True
    return False


def _found(words: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    """The places right after each occurrence."""
    for start in range(len(words) - len(wanted) + 1):
        if words[start : start + len(wanted)] == wanted:
            yield start + len(wanted)


def _numbers(words: Iterable[str]) -> Iterator[str]:
    """The numbers that a list begins with."""
    for word in words:
        if word.isdigit():
            yield word
        elif _bare(word) not in _AND:
            return


def _words(text: str, *, bare: bool) -> Iterator[str]:
    for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold()):
        yield _bare(word) if bare else _tone_last(word)


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
