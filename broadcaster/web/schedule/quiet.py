"""What of a slot lies in quiet hours: told where the slot is, not refused, since emergencies may use it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from content.kernel.units import DurationMs
from schedules.models import Slot, VillageAiring
from schedules.planner import Opening, quiet_offsets
from schedules.recurrence import DAY, LOOK_AHEAD, instances

_NEAR = timedelta(hours=1)
"""Of a slot that opens again and again within quiet hours, they are told once."""
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Quiet:
    """From when until when nothing but emergencies airs in these villages."""

    from_at: datetime
    until_at: datetime
    villages: tuple[str, ...]


def quiet_in(slot: Slot, starts_at: datetime, ends_at: datetime, airings: Iterable[VillageAiring]) -> list[Quiet]:
    """Of one opening, in the villages of these settings; those with the same quiet hours together."""
    return _together({airing.village.name: list(_stretches(slot, starts_at, ends_at, airing)) for airing in airings})


def quiet_of(slot: Slot, airings: Iterable[VillageAiring], now: datetime) -> list[Quiet]:
    """Of the next day on which the slot opens, in the villages that hear it."""
    heard_in = {village.id for village in slot.villages}
    found: dict[str, list[Stretch]] = {}
    for airing in (airing for airing in airings if airing.village_id in heard_in):
        each = (_stretches(slot, at, at + slot.rule.length, airing) for at in _next_day(slot, airing, now))
        found[airing.village.name] = _joined([stretch for stretches in each for stretch in stretches])
    return _together(found)


def _next_day(slot: Slot, airing: VillageAiring, now: datetime) -> list[datetime]:
    """When it opens next, and again within a day of that."""
    zone = airing.village.zone
    first = next(instances(slot.rule, zone, now, now + LOOK_AHEAD), None)
    if first is None:
        return []
    return [one.starts_at for one in instances(slot.rule, zone, first.starts_at, first.starts_at + DAY)]


def _stretches(slot: Slot, starts_at: datetime, ends_at: datetime, airing: VillageAiring) -> Iterator[Stretch]:
    zone, length = airing.village.zone, ends_at - starts_at
    duration = DurationMs(length // timedelta(milliseconds=1))
    opening = Opening(slot.uuid, starts_at, duration, starts_at.astimezone(zone).date())
    for begin, end in quiet_offsets(opening, zone, airing.quiet):
        yield opening.at(max(0, begin)), opening.at(min(duration, end))


def _joined(stretches: Collection[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for begin, end in sorted(stretches):
        if joined and begin - joined[-1][1] < _NEAR:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def _together(found: dict[str, list[Stretch]]) -> list[Quiet]:
    villages: dict[Stretch, list[str]] = {}
    for name, stretches in found.items():
        for stretch in stretches:
            villages.setdefault(stretch, []).append(name)
    return [Quiet(*stretch, tuple(names)) for stretch, names in sorted(villages.items())]
