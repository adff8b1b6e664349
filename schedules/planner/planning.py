"""Which announcement airs in which opening of which day, in what order.

The rules, in this order:

1. A local day is planned as a whole, in rounds: each announcement is placed once in every opening of the day that it
   wants before any of them is heard a second time within one opening.
2. Within a round, an opening asks its candidates by priority, then whichever was planned least so far, then by the
   order of the bookings, then by uuid.
3. What does not fit goes on to the next opening, and the plan says why.
4. Begun openings are counted as if they were being planned again, so that a plan does not change because time passes.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from content.kernel.priority import Priority
from content.kernel.units import DurationMs
from schedules.planner.filling import PAUSE_MS, Block, Filling, Refusal
from schedules.planner.values import (
    Because,
    CueKind,
    Facts,
    Item,
    NotPlaced,
    Opening,
    Part,
    Plan,
    Planned,
    PlannedCue,
    Programme,
    Village,
    WhyNot,
)

LATENESS_MS = 120_000
"""How late a cue may begin unless the end of the slot says less."""
OVERRUN_MS = 30_000
"""How far beyond the end of its slot a late cue may still sound."""
_RANK = {Priority.EMERGENCY: 0, Priority.IMPORTANT: 1, Priority.ROUTINE: 2}


def plan(village: Village) -> Plan:
    """Fill the openings that have not begun. The order in which openings and items are given does not matter."""
    parts = {item: _parts(item, village.languages) for item in village.items}
    airable = [item for item in village.items if parts[item]]
    counts: Counter[UUID] = Counter(dict(village.history))
    planned: list[Planned] = []
    openings = sorted(village.openings, key=lambda opening: (opening.starts_at, opening.slot_uuid))
    for _, of_day in groupby(sorted(openings, key=lambda opening: opening.local_on), key=lambda o: o.local_on):
        planned.extend(_Day(village, list(of_day), airable, parts, counts).plan())
    return Plan(tuple(planned), tuple(_hopeless(village, parts)))


def shrink(programme: Programme, allowed: Collection[UUID], elapsed_ms: int) -> Programme:
    """A begun programme without the cues whose revision is no longer allowed; the others stay where they are.

    Cues that are over by now stay too, whatever became of their revision: the log needs them.
    """
    return tuple(
        cue for cue in programme if cue.revision_uuid in allowed or cue.latest_start_ms + cue.duration_ms <= elapsed_ms
    )


class _Day:
    """The openings of one local date while they are filled together."""

    def __init__(
        self,
        village: Village,
        openings: list[Opening],
        items: list[Item],
        parts: dict[Item, tuple[Part, ...]],
        counts: Counter[UUID],
    ) -> None:
        on = openings[0].local_on
        self._zone = village.zone
        self._fillings = [Filling(opening, village.zone, village.quiet) for opening in openings]
        self._begun = {id(f): Counter(f.opening.begun) for f in self._fillings if f.opening.begun is not None}
        self._remaining = {item: item.times_per_day for item in items if item.from_on <= on <= item.until_on}
        self._parts = parts
        self._counts = counts
        self._refused: dict[int, dict[Item, Refusal]] = {id(filling): {} for filling in self._fillings}
        self._too_long: set[tuple[Item, UUID]] = set()
        self._moved: set[Item] = set()

    def plan(self) -> Iterator[Planned]:
        """Round after round until one places nothing, then the programmes in order of time."""
        placed = [True]
        while any(placed):
            placed = [self._round(filling) for filling in self._fillings]
        heard: Counter[UUID] = Counter()
        for filling in self._fillings:
            if filling.opening.begun is not None:
                heard.update(filling.opening.begun)
            else:
                yield self._planned(filling, heard)

    def _round(self, filling: Filling) -> bool:
        """Ask every candidate once; whether any was placed."""
        placed: set[UUID] = set()
        for item in sorted(self._candidates(filling.opening), key=self._standing):
            if item.announcement_uuid not in placed and self._place(filling, item):
                placed.add(item.announcement_uuid)
                self._remaining[item] -= 1
        self._counts.update(placed)
        return bool(placed)

    def _candidates(self, opening: Opening) -> list[Item]:
        return [
            item
            for item, remaining in self._remaining.items()
            if remaining > 0
            and item.slot_uuid in (None, opening.slot_uuid)
            and (item.expires_at is None or item.expires_at > opening.starts_at)
        ]

    def _standing(self, item: Item) -> tuple[int, int, int, UUID, UUID]:
        planned = self._counts[item.announcement_uuid]
        return _RANK[item.priority], planned, item.order, item.announcement_uuid, item.revision_uuid

    def _place(self, filling: Filling, item: Item) -> bool:
        """Lay the item's block into the opening, or note why not; of a begun one only whether it was there."""
        begun = self._begun.get(id(filling))
        if begun is not None:
            placed = begun[item.announcement_uuid] > 0
            begun[item.announcement_uuid] -= 1
        else:
            place = filling.place(item, self._parts[item])
            placed = not isinstance(place, Refusal)
            if isinstance(place, Refusal):
                self._refuse(filling, item, place)
            else:
                planned_before = self._counts[item.announcement_uuid]
                filling.add(Block(item, self._parts[item], place, planned_before, item in self._moved))
        if not placed:
            self._moved.add(item)
        return placed

    def _refuse(self, filling: Filling, item: Item, refusal: Refusal) -> None:
        """Note why not; that it is longer than a slot is said once a day, not for each of its openings."""
        if refusal.why is WhyNot.LONGER_THAN_SLOT:
            if (item, filling.opening.slot_uuid) in self._too_long:
                return
            self._too_long.add((item, filling.opening.slot_uuid))
        self._refused[id(filling)].setdefault(item, refusal)

    def _planned(self, filling: Filling, heard: Counter[UUID]) -> Planned:
        cues: list[PlannedCue] = []
        for block in filling.blocks:
            heard[block.item.announcement_uuid] += 1
            cues.extend(_cues(block, heard[block.item.announcement_uuid], filling.opening, self._zone))
        here = {block.item.announcement_uuid for block in filling.blocks}
        refused = self._refused[id(filling)].items()
        not_placed = [
            NotPlaced(item.announcement_uuid, item.title, refusal.why, refusal.facts)
            for item, refusal in refused
            if item.announcement_uuid not in here
        ]
        return Planned(filling.opening, tuple(cues), tuple(not_placed))


def _parts(item: Item, languages: tuple[str, ...]) -> tuple[Part, ...]:
    """The item's parts in the languages of the village, in the village's order."""
    by_language = {part.language: part for part in item.parts if part.media}
    return tuple(by_language[language] for language in languages if language in by_language)


def _cues(block: Block, repeat: int, opening: Opening, zone: ZoneInfo) -> Iterator[PlannedCue]:
    item, offset = block.item, block.start_ms
    because, facts = _reason(block, repeat)
    for part in block.parts:
        latest = min(offset + LATENESS_MS, opening.duration_ms + OVERRUN_MS - part.duration_ms)
        yield PlannedCue(
            key=f"{item.announcement_uuid}/{part.language}/{repeat}",
            offset_ms=DurationMs(offset),
            duration_ms=part.duration_ms,
            latest_start_ms=DurationMs(latest),
            kind=CueKind.SPEECH,
            media=tuple(medium.sha256 for medium in part.media),
            title=item.title,
            language=part.language,
            priority=item.priority,
            not_before=_midnight(item.from_on, zone),
            expires_at=item.expires_at,
            announcement_uuid=item.announcement_uuid,
            revision_uuid=item.revision_uuid,
            repeat=repeat,
            because=because,
            facts=facts,
        )
        offset += part.duration_ms + PAUSE_MS


def _reason(block: Block, repeat: int) -> tuple[Because, Facts]:
    facts: Facts = (
        ("repeat", repeat),
        ("times_per_day", block.item.times_per_day),
        ("planned_before", block.planned_before),
    )
    if repeat > 1:
        return Because.REPEAT, facts
    if block.moved_on:
        return Because.MOVED_ON, facts
    return (Because.CHOSEN_SLOT if block.item.slot_uuid else Because.FIRST_ROOM), facts


def _hopeless(village: Village, parts: dict[Item, tuple[Part, ...]]) -> Iterator[NotPlaced]:
    """What cannot air in any of the openings, whatever else is booked."""
    for item in sorted(village.items, key=lambda item: (item.order, item.announcement_uuid, item.revision_uuid)):
        if not parts[item]:
            languages: Facts = (("languages", ", ".join(village.languages)),)
            yield NotPlaced(item.announcement_uuid, item.title, WhyNot.NO_LANGUAGE, languages)
        elif not any(_opens(item, village.openings)):
            yield NotPlaced(item.announcement_uuid, item.title, WhyNot.NO_OPENING)


def _opens(item: Item, openings: Iterable[Opening]) -> Iterator[bool]:
    return (
        item.from_on <= opening.local_on <= item.until_on and item.slot_uuid in (None, opening.slot_uuid)
        for opening in openings
    )


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.min, tzinfo=zone).astimezone(UTC)
