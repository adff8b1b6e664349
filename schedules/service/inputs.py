"""Rows as the planner takes them, and what may sound: the values that go into a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from content.kernel.priority import Priority
from content.kernel.units import DurationMs
from schedules.models import Booking, Slot
from schedules.planner import Chime, Item, Opening, Part, Programme, Relay, airings, parts_for
from schedules.recurrence import Instance
from schedules.service.rows import Row

Format = str
"""Codec and preset, as `VillageAiring.format` has it."""


@dataclass(frozen=True)
class Airable:
    """What an approved revision sounds like: one part per language."""

    title: str
    parts: tuple[Part, ...]
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Chimes:
    """What slots with chimes open and close with."""

    opening: Chime
    closing: Chime


@dataclass(frozen=True)
class Heard:
    """What a village's openings are made from: its bookings that can air, its languages in order, its chimes."""

    items: tuple[Item, ...]
    languages: tuple[str, ...]
    chimes: Chimes | None


@dataclass(frozen=True)
class Sounds:
    """All that may air now, by format: approved revisions (not withdrawn, with audio) by uuid, and the chimes.

    A village whose format is missing here airs nothing; one without chimes has none.
    """

    airables: Mapping[Format, Mapping[UUID, Airable]]
    chimes: Mapping[Format, Chimes]


def item_of(row: Booking, airable: Airable, gap_minutes: int) -> Item:
    """A booking of what can air; `gap_minutes` is the commune's."""
    return Item(
        announcement_uuid=row.announcement_uuid,
        revision_uuid=row.revision_uuid,
        title=airable.title,
        priority=Priority(row.priority),
        parts=airable.parts,
        from_on=row.from_on,
        until_on=row.until_on,
        times_per_day=row.times_per_day,
        slots=tuple(slot.uuid for slot in row.slots),
        expires_at=airable.expires_at,
        order=row.position,
        every_opening=row.every_slot,
        gap_ms=60_000 * (gap_minutes if row.gap_minutes is None else row.gap_minutes),
    )


def opening_of(slot: Slot, instance: Instance, heard: Heard) -> Opening:
    """One instance of a slot, still to be filled."""
    chimes = heard.chimes
    return Opening(
        slot.uuid,
        instance.starts_at,
        DurationMs(slot.duration_ms),
        instance.local_on,
        instance.ordinal,
        opens_with=chimes.opening if chimes and slot.opening_chime else None,
        closes_with=chimes.closing if chimes and slot.closing_chime else None,
        relay=slot.relay and _with_fallback(slot.relay, instance.local_on, heard),
    )


def opening_again(row: Row, heard: Heard) -> Opening:
    """A planned occurrence, to be filled anew where it stands, whatever became of its slot's times."""
    opening = opening_of(row.slot, Instance(row.starts_at, row.local_on, row.ordinal), heard)
    return replace(opening, duration_ms=_length(row.ends_at - row.starts_at))


def settled_opening(row: Row, programme: Programme, until: datetime) -> Opening:
    """A settled occurrence with what it holds, to be counted; it is over at that instant."""
    held, duration = airings(programme), _length(until - row.starts_at)
    return Opening(row.slot.uuid, row.starts_at, duration, row.local_on, row.ordinal, held, relay=row.slot.relay)


def sounds_until(row: Row, programme: Programme) -> datetime:
    """When the last of what an occurrence holds has sounded."""
    ends_ms = max((cue.offset_ms + cue.duration_ms for cue in programme), default=0)
    return row.starts_at + timedelta(milliseconds=ends_ms)


def _with_fallback(relay: Relay, on: date, heard: Heard) -> Relay:
    """With the announcement that was chosen, where it is booked for that day, else the chime."""
    for item in heard.items:
        if item.announcement_uuid == relay.fallback and item.from_on <= on <= item.until_on:
            media = tuple(medium for part in parts_for(item, heard.languages) for medium in part.media)
            if media:
                return replace(relay, instead=media, revision_uuid=item.revision_uuid)
    return replace(relay, instead=(heard.chimes.opening.media,) if heard.chimes else ())


def _length(span: timedelta) -> DurationMs:
    return DurationMs(span // timedelta(milliseconds=1))
