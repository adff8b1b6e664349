"""Why what is booked for a day is not in an opening of it, where the plan itself has nothing to say of that."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from broadcaster.web.schedule.programme import Block, Day
from broadcaster.web.words import WHY_NOT, mark
from schedules.models import Booking

OTHER_VILLAGES = mark("It is booked for other villages: {villages}.")
OTHER_SLOTS = mark("It is booked for other slots: {slots}.")
STANDS_IN = mark("In this slot it sounds only while the station does not.")
HEARD = mark("It is heard as often on this day as it is booked: at {times}.")
SETTLED = mark("This programme was settled before the announcement could come in.")
NOT_READY = mark("It is not planned yet, or its audio for these loudspeakers is not ready. It comes in by itself.")


@dataclass(frozen=True, slots=True)
class Absent:
    """A booked announcement that is not here, and the sentence that says why, with its facts."""

    announcement_uuid: UUID
    sentence: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Known:
    """What the reasons are found from: the live bookings of a date, and what bounds what they can do.

    `languages` of each revision's parts, `heard` of each village by name; what begins up to `settled_until` takes
    nothing new.
    """

    on: date
    day: Day
    bookings: Sequence[Booking]
    languages: Mapping[UUID, Collection[str]]
    heard: Mapping[str, Collection[str]]
    settled_until: datetime
    clock: Callable[[datetime], str]

    def absent_from(self, block: Block) -> list[Absent]:
        """All that is booked for the date and neither in the opening nor told by its plan."""
        here = {line.cue.announcement_uuid for line in block.lines}
        told = {UUID(str(entry["announcement_uuid"])) for entry in block.not_placed}
        missing = (row for row in self.bookings if row.from_on <= self.on <= row.until_on)
        return [
            Absent(row.announcement_uuid, *self._why(block, row))
            for row in missing
            if row.announcement_uuid not in here | told
        ]

    def _why(self, block: Block, row: Booking) -> tuple[str, dict[str, object]]:
        shared = [village.name for village in row.villages if village.name in block.villages]
        if not shared:
            return OTHER_VILLAGES, {"villages": ", ".join(village.name for village in row.villages)}
        if row.slots and block.slot.id not in {slot.id for slot in row.slots}:
            return OTHER_SLOTS, {"slots": ", ".join(slot.name for slot in row.slots)}
        if block.slot.relay_fallback == row.announcement_uuid:
            return STANDS_IN, {}
        languages = self.languages.get(row.revision_uuid, ())
        if not any(set(languages) & set(self.heard.get(name, ())) for name in shared):
            return WHY_NOT["no_language"], {}
        times = sorted(set(self._times(row.announcement_uuid, shared)))
        if not row.every_slot and len(times) >= row.times_per_day:
            return HEARD, {"times": ", ".join(self.clock(at) for at in times)}
        return (SETTLED if block.starts_at <= self.settled_until else NOT_READY), {}

    def _times(self, announcement: UUID, villages: Collection[str]) -> Iterator[datetime]:
        """When it begins on this day in these villages; parts in several languages are one airing."""
        for block in self.day.blocks:
            if set(block.villages) & set(villages):
                lines = [line for line in block.lines if line.cue.announcement_uuid == announcement]
                yield from {line.cue.repeat: line.at for line in reversed(lines)}.values()
