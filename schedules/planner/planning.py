"""Which announcement airs in which opening of which day, in what order.

The rules, in this order:

1. A local day is planned as a whole, in rounds: each announcement is placed once in every opening of the day that it
   wants before any of them is heard a second time within one opening.
2. Within a round, an opening asks its candidates by priority, then whichever was planned least so far, then by the
   order of the bookings, then by uuid.
3. What does not fit goes on to the next opening, and the plan says why. What an opening refused it does not take later.
4. Between two airings of an announcement lies at least its gap, emergencies excepted.
5. Begun openings are counted as if they were being planned again, so that a plan does not change because time passes.
6. Where two openings meet, the one that begins first goes on and the other begins after it.
7. A slot that relays a station does so from the end of its announcements to its own end. What was chosen to sound in
   the station's stead is no announcement of that slot.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from content.kernel.priority import Priority
from schedules.planner.cues import closing_chime, cues_of, opening_chime, relayed
from schedules.planner.filling import PAUSE_MS, Block, Filling, Refusal, block_ms
from schedules.planner.values import (
    Facts,
    Item,
    NotPlaced,
    Opening,
    Part,
    Plan,
    Planned,
    PlannedCue,
    Village,
    WhyNot,
)

RANK = {Priority.EMERGENCY: 0, Priority.IMPORTANT: 1, Priority.ROUTINE: 2}
_ONCE_A_DAY = {WhyNot.LONGER_THAN_SLOT, WhyNot.TOO_SOON}
"""What is said once for each slot and day, not for each of its openings: some open every few minutes."""
Span = tuple[datetime, datetime]


def plan(village: Village) -> Plan:
    """Fill the openings that have not begun. The order in which openings and items are given does not matter."""
    parts = {item: parts_for(item, village.languages) for item in village.items}
    past = _Past(village)
    planned: list[Planned] = []
    openings = sorted(village.openings, key=lambda opening: (opening.starts_at, opening.slot_uuid))
    free_from = dict(_free_from(openings, village.busy_until))
    for on, of_day in groupby(sorted(openings, key=lambda opening: opening.local_on), key=lambda o: o.local_on):
        fillings = [Filling(it, village.zone, village.quiet, free_from[id(it)]) for it in of_day]
        planned.extend(_Day(village, on, fillings, {item: said for item, said in parts.items() if said}, past).plan())
    return Plan(tuple(planned), tuple(_hopeless(village, parts)))


def parts_for(item: Item, languages: tuple[str, ...]) -> tuple[Part, ...]:
    """The item's parts in the languages of the village, in the village's order."""
    by_language = {part.language: part for part in item.parts if part.media}
    return tuple(by_language[language] for language in languages if language in by_language)


class _Past:
    """What was planned so far, from day to day: how often each announcement, and when."""

    def __init__(self, village: Village) -> None:
        self.counts: Counter[UUID] = Counter(dict(village.history))
        self._spans: dict[UUID, list[Span]] = {}
        for announcement_uuid, ends_at in village.recent:
            self.note(announcement_uuid, (ends_at, ends_at))

    def note(self, announcement_uuid: UUID, span: Span) -> None:
        """One more airing."""
        self._spans.setdefault(announcement_uuid, []).append(span)

    def too_near(self, item: Item, span: Span) -> datetime | None:
        """The end of an airing that would be within the item's gap, None if there is none."""
        if item.priority is Priority.EMERGENCY or not item.gap_ms:
            return None
        gap = timedelta(milliseconds=item.gap_ms)
        spans = self._spans.get(item.announcement_uuid, ())
        return next((end for begin, end in spans if span[0] < end + gap and begin < span[1] + gap), None)


class _Day:
    """The openings of one local date while they are filled together."""

    def __init__(
        self, village: Village, on: date, fillings: list[Filling], parts: dict[Item, tuple[Part, ...]], past: _Past
    ) -> None:
        self._zone = village.zone
        self._fillings = fillings
        self._begun = {id(f): list(f.opening.begun) for f in self._fillings if f.opening.begun is not None}
        self._remaining = {item: item.times_per_day for item in parts if item.from_on <= on <= item.until_on}
        self._parts, self._lengths = parts, {item: block_ms(parts[item]) for item in self._remaining}
        self._past = past
        self._closed: set[tuple[int, Item]] = set()
        self._refused: dict[int, dict[Item, Refusal]] = {id(filling): {} for filling in self._fillings}
        self._said: set[tuple[Item, UUID, WhyNot]] = set()
        self._moved: set[Item] = set()

    def plan(self) -> Iterator[Planned]:
        """Round after round until one places nothing, then the programmes in order of time."""
        placed = [True]
        while any(placed):
            placed = [self._round(filling) for filling in self._fillings]
        heard: Counter[UUID] = Counter()
        for filling in self._fillings:
            if filling.opening.begun is not None:
                heard.update(airing.announcement_uuid for airing in filling.opening.begun)
                self._past.counts.update(airing.announcement_uuid for airing in self._begun[id(filling)])
            else:
                yield self._planned(filling, heard)

    def _round(self, filling: Filling) -> bool:
        """Ask every candidate once; whether any was placed."""
        placed: set[UUID] = set()
        for item in sorted(self._candidates(filling), key=self._standing):
            if item.announcement_uuid not in placed and self._place(filling, item):
                placed.add(item.announcement_uuid)
                self._remaining[item] -= not item.every_opening
                if item.every_opening:
                    self._closed.add((id(filling), item))
        self._past.counts.update(placed)
        return bool(placed)

    def _candidates(self, filling: Filling) -> list[Item]:
        opening = filling.opening
        return [
            item
            for item, remaining in self._remaining.items()
            if (remaining > 0 or item.every_opening)
            and (not item.slots or opening.slot_uuid in item.slots)
            and not (opening.relay and opening.relay.fallback == item.announcement_uuid)
            and (item.expires_at is None or item.expires_at > opening.starts_at)
            and (id(filling), item) not in self._closed
        ]

    def _standing(self, item: Item) -> tuple[int, int, int, UUID, UUID]:
        planned = self._past.counts[item.announcement_uuid]
        return RANK[item.priority], planned, item.order, item.announcement_uuid, item.revision_uuid

    def _place(self, filling: Filling, item: Item) -> bool:
        """Lay the item's block into the opening, or note why not; of a begun one only whether it was there."""
        begun = self._begun.get(id(filling))
        if begun is not None:
            airing = next((it for it in begun if it.announcement_uuid == item.announcement_uuid), None)
            if airing is not None:
                begun.remove(airing)
                span = filling.opening.at(airing.from_ms), filling.opening.at(airing.until_ms)
                self._past.note(item.announcement_uuid, span)
                return True
        else:
            place = self._room(filling, item)
            if not isinstance(place, Refusal):
                planned_before = self._past.counts[item.announcement_uuid]
                filling.add(Block(item, self._parts[item], place, planned_before, item in self._moved))
                return True
            self._refuse(filling, item, place)
        self._closed.add((id(filling), item))
        self._moved.add(item)
        return False

    def _room(self, filling: Filling, item: Item) -> int | Refusal:
        """Where the block may start, noted as an airing; or what forbids it."""
        length = self._lengths[item]
        place = filling.place(item, length)
        if isinstance(place, Refusal):
            return place
        span = filling.opening.at(place), filling.opening.at(place + length)
        if heard_at := self._past.too_near(item, span):
            facts = (("gap_minutes", item.gap_ms // 60_000), ("heard_at", heard_at.astimezone(UTC).isoformat()))
            return Refusal(WhyNot.TOO_SOON, facts)
        self._past.note(item.announcement_uuid, span)
        return place

    def _refuse(self, filling: Filling, item: Item, refusal: Refusal) -> None:
        said = item, filling.opening.slot_uuid, refusal.why
        if refusal.why not in _ONCE_A_DAY or said not in self._said:
            self._said.add(said)
            self._refused[id(filling)][item] = refusal

    def _planned(self, filling: Filling, heard: Counter[UUID]) -> Planned:
        opening, cues = filling.opening, list[PlannedCue]()
        opens_ms, closes_ms = filling.opens_ms(), filling.closes_ms()
        if opening.opens_with and opens_ms is not None:
            cues.append(opening_chime(opening.opens_with, opens_ms))
        for block in filling.blocks:
            heard[block.item.announcement_uuid] += 1
            cues.extend(cues_of(block, heard[block.item.announcement_uuid], opening, self._zone))
        if opening.closes_with and closes_ms is not None:
            cues.append(closing_chime(opening.closes_with, closes_ms, opening))
        after_ms = cues[-1].offset_ms + cues[-1].duration_ms + PAUSE_MS if cues else 0
        if opening.relay and (rest := filling.rest_ms(after_ms)):
            cues.append(relayed(opening.relay, *rest))
        here = {block.item.announcement_uuid for block in filling.blocks}
        refused = self._refused[id(filling)].items()
        not_placed = [
            NotPlaced(item.announcement_uuid, item.title, refusal.why, refusal.facts)
            for item, refusal in refused
            if item.announcement_uuid not in here
        ]
        return Planned(opening, tuple(cues), tuple(not_placed))


def _free_from(openings: Iterable[Opening], busy_until: datetime | None) -> Iterator[tuple[int, int]]:
    """By identity: the offset from which nothing that began earlier sounds any more."""
    for opening in openings:
        overlap = busy_until - opening.starts_at if busy_until else timedelta()
        yield id(opening), max(0, overlap // timedelta(milliseconds=1))
        busy_until = max(busy_until or opening.ends_at, opening.ends_at)


def _hopeless(village: Village, parts: dict[Item, tuple[Part, ...]]) -> Iterator[NotPlaced]:
    """What cannot air in any of the openings, whatever else is booked."""
    for item in sorted(village.items, key=lambda item: (item.order, item.announcement_uuid, item.revision_uuid)):
        if not parts[item]:
            languages: Facts = (("languages", ", ".join(village.languages)),)
            yield NotPlaced(item.announcement_uuid, item.title, WhyNot.NO_LANGUAGE, languages)
        elif not any(item.wants(opening.slot_uuid, opening.local_on) for opening in village.openings):
            yield NotPlaced(item.announcement_uuid, item.title, WhyNot.NO_OPENING)
