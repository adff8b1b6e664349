"""Emergencies in what is settled: they find room in the occurrences that players may hold already."""

from collections.abc import Collection
from datetime import datetime, timedelta

from schedules.models import Slot, VillageAiring
from schedules.planner import Item, Opening, admit, airings
from schedules.service.rows import Row
from schedules.service.writing import Book, key_of


class Settled:
    """The openings of a village that begin up to `fixed_until`; what is put in begins at `reached_at` or later."""

    def __init__(self, book: Book, airing: VillageAiring, fixed_until: datetime, reached_at: datetime) -> None:
        self._book, self._airing, self._fixed_until, self._reached_at = book, airing, fixed_until, reached_at

    def holds(self, opening: Opening) -> bool:
        """Whether it is settled, and players can still learn of something new in it."""
        return opening.starts_at <= self._fixed_until and self._reached_at < opening.ends_at

    def take_in(self, slot: Slot, opening: Opening, urgent: Collection[Item]) -> None:
        """Put in, once, each of the emergencies that wants this opening, was not refused in it, and is due that day."""
        for item in urgent:
            row = self._row(opening)
            refused = {str(entry["announcement_uuid"]) for entry in (row.page.not_placed if row else ())}
            if item.wants(opening.slot_uuid, opening.local_on) and str(item.announcement_uuid) not in refused:
                self._take_in(slot, opening, row, item)

    def _take_in(self, slot: Slot, opening: Opening, row: Row | None, item: Item) -> None:
        programme = self._book.programme(row) if row else ()
        heard = self._heard_on(opening, item)
        is_due = item.every_opening or heard < item.times_per_day
        if not is_due or any(cue.announcement_uuid == item.announcement_uuid for cue in programme):
            return
        starts_at = row.starts_at if row else opening.starts_at
        after = admit(
            programme,
            item,
            tuple(self._airing.languages),
            opening,
            self._airing.village.zone,
            from_ms=max(0, (self._reached_at - starts_at) // timedelta(milliseconds=1)),
            repeat=heard + 1,
        )
        if after is not None:
            self._book.take_in(self._airing.village, slot, opening, after, item.title)

    def _row(self, opening: Opening) -> Row | None:
        return self._book.row(self._airing.village_id, key_of(opening))

    def _heard_on(self, opening: Opening, item: Item) -> int:
        """How often the announcement is in what is settled of that day."""
        return sum(
            airing.announcement_uuid == item.announcement_uuid
            for row in self._book.rows_of(self._airing.village_id)
            if row.local_on == opening.local_on and row.starts_at <= self._fixed_until
            for airing in airings(self._book.programme(row))
        )
