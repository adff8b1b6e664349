"""What a village's plan is made from, as a name that is stored beside it: the same name, the same plan.

Time alone changes the name when a day begins or the horizon reaches another opening. All else that moves with time
changes nothing in a plan (`schedules.planner`, rule 5), except where an emergency is booked: it waits for room in what
is settled. Such a village has no name and is planned each time.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from content.kernel.priority import Priority
from schedules.models import Booking, Slot, VillageAiring
from schedules.planner import Item
from schedules.recurrence import Instance
from schedules.service.inputs import Format, Sounds

NAMELESS = ""


class Origins:
    """The names of one run; what villages share is written out once."""

    def __init__(
        self,
        sounds: Sounds,
        items: Mapping[tuple[Format, int], Item],
        instances: Callable[[Slot, ZoneInfo], Iterable[Instance]],
        lead: timedelta,
    ) -> None:
        """`items` by format and booking; `instances` up to the horizon, from yesterday or earlier."""
        self._sounds, self._items, self._instances, self._lead = sounds, items, instances, lead
        self._openings, self._booked = cache(self._openings_of), cache(self._booked_as)

    def of(
        self, airing: VillageAiring, slots: Iterable[Slot], bookings: Iterable[Booking], first: date, last: date
    ) -> str:
        """The name for a village with these slots and bookings, planned from the first to the last local date."""
        booked = [self._booked(row, airing.format) for row in bookings]
        if NAMELESS in booked:
            return NAMELESS
        return _name(
            (airing.format, airing.languages, airing.village.time_zone, airing.quiet),
            (first, last, airing.freeze_minutes, self._lead),
            self._sounds.chimes.get(airing.format),
            [self._openings(slot, airing.village.zone, first) for slot in slots],
            booked,
        )

    def _openings_of(self, slot: Slot, zone: ZoneInfo, first: date) -> str:
        ahead = [instance for instance in self._instances(slot, zone) if instance.local_on >= first]
        return _name(slot.uuid, slot.duration_ms, slot.opening_chime, slot.closing_chime, slot.relay, ahead)

    def _booked_as(self, row: Booking, form: Format) -> str:
        item = self._items.get((form, row.id))
        if item and item.priority is Priority.EMERGENCY:
            return NAMELESS
        return _name(row.announcement_uuid, row.revision_uuid, row.from_on, row.until_on, item)


def _name(*facts: object) -> str:
    return sha256(repr(facts).encode()).hexdigest()
