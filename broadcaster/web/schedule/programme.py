"""A day's programme as pages show it: what sounds alike is said once, the day as a line. Values in and out."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from content.kernel.nodes import Node
from schedules.models import CueRow, Occurrence, Slot
from schedules.queries import cues
from schedules.recurrence import instances

DAY = timedelta(days=1)
OFTEN = 8
"""A slot that opens more often than this a day is told in one sentence, and drawn as one band."""
_FROM, _UNTIL = time(5), time(22)
_NARROWEST = 0.35
_HOUR_EVERY = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One cue at its time; `because` names the planner's reason."""

    at: datetime
    cue: CueRow
    because: str


@dataclass(frozen=True, slots=True)
class Block:
    """One opening of a slot with what sounds in it, in all villages that hear the same."""

    slot: Slot
    starts_at: datetime
    ends_at: datetime
    villages: tuple[str, ...]
    lines: tuple[Line, ...] = ()
    not_placed: tuple[dict[str, object], ...] = ()
    uuid: UUID | None = None
    """One of its occurrences, to be listened to; None while it is empty."""


@dataclass(frozen=True, slots=True)
class Often:
    """A slot that opens very often on this day."""

    slot: Slot
    times: int
    first_at: datetime
    last_at: datetime
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """All openings of a date, in order of time."""

    blocks: tuple[Block, ...]
    often: tuple[Often, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of the line of the day, in percent of its width."""

    x: float
    width: float
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The line of a day: bars, full hours, and the span it covers in seconds since 1970."""

    bars: tuple[Bar, ...]
    hours: tuple[tuple[float, str], ...]
    from_s: float
    until_s: float
    now_x: float | None


def day_of(
    slots: Sequence[Slot],
    occurrences: Iterable[Occurrence],
    on: date,
    zone: ZoneInfo,
    now: datetime,
    village: Node | None = None,
) -> Day:
    """What is planned on a date, and the openings that are still empty; `occurrences` of `village`, or of all.

    Of a slot that opens very often, only the next few openings in which something airs are told.
    """
    planned = list(_blocks(occurrences))
    filled = {(block.slot.id, block.starts_at) for block in planned}
    often: list[Often] = []
    for slot in slots:
        starts = _starts(slot, on, zone)
        if len(starts) > OFTEN:
            next_at = next((at for at in starts if at > now), None)
            often.append(Often(slot, len(starts), starts[0], starts[-1], next_at))
            told = _next_few({at for slot_id, at in filled if slot_id == slot.id}, now)
            planned = [block for block in planned if block.slot.id != slot.id or block.starts_at in told]
        else:
            planned += [_empty(slot, at, village) for at in starts if (slot.id, at) not in filled]
    return Day(tuple(sorted(planned, key=lambda block: (block.starts_at, block.villages))), tuple(often))


def _next_few(starts: Collection[datetime], now: datetime) -> set[datetime]:
    """The first of them that have not begun, else the last."""
    ahead = sorted(at for at in starts if at > now)
    return set(ahead[:OFTEN] or sorted(starts)[-OFTEN:])


def timeline(day: Day, on: date, zone: ZoneInfo, now: datetime) -> Timeline:
    """The line of a day, from early morning to night, wider where something opens outside."""
    midnight = datetime.combine(on, time.min, tzinfo=zone)
    instants = [at for block in day.blocks for at in (block.starts_at, block.ends_at)]
    instants += [at for often in day.often for at in (often.first_at, often.last_at)]
    begin = min([datetime.combine(on, _FROM, tzinfo=zone), *instants]).astimezone(zone)
    begin = max(midnight, begin.replace(minute=0, second=0, microsecond=0))
    end = max([datetime.combine(on, _UNTIL, tzinfo=zone), *instants])
    end = min(midnight + DAY, end + timedelta(hours=1) if end > datetime.combine(on, _UNTIL, tzinfo=zone) else end)

    def share(at: datetime) -> float:
        return round(100 * min(1.0, max(0.0, (at - begin) / (end - begin))), 2)

    bars = [Bar(share(o.first_at), share(o.last_at) - share(o.first_at), "often", o.slot.name) for o in day.often]
    bars += [_bar(block, share(block.starts_at), share(block.ends_at), zone) for block in day.blocks]
    hours = [begin + timedelta(hours=n) for n in range(25) if (begin + timedelta(hours=n)).hour % _HOUR_EVERY == 0]
    return Timeline(
        bars=tuple(bars),
        hours=tuple((share(hour), str(hour.hour)) for hour in hours if hour < end),
        from_s=begin.timestamp(),
        until_s=end.timestamp(),
        now_x=share(now) if begin <= now <= end else None,
    )


def _blocks(occurrences: Iterable[Occurrence]) -> Iterator[Block]:
    shared: dict[tuple[object, ...], list[Occurrence]] = {}
    for one in occurrences:
        if one.playlist is None and not one.not_placed:
            continue
        shared.setdefault((one.slot_id, one.starts_at, one.ends_at, one.playlist_id), []).append(one)
    for same in shared.values():
        first = same[0]
        yield Block(
            slot=first.slot,
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            villages=tuple(one.village.name for one in same),
            lines=tuple(_lines(first)),
            not_placed=tuple(first.not_placed),
            uuid=first.uuid,
        )


def _lines(occurrence: Occurrence) -> Iterator[Line]:
    for cue in cues(occurrence):
        because = str(occurrence.reasons.get(cue.key, {}).get("because", ""))
        yield Line(occurrence.starts_at + timedelta(milliseconds=cue.offset_ms), cue, because)


def _starts(slot: Slot, on: date, zone: ZoneInfo) -> list[datetime]:
    midnight = datetime.combine(on, time.min, tzinfo=zone)
    return [instance.starts_at for instance in instances(slot.rule, zone, midnight, midnight + DAY)]


def _empty(slot: Slot, at: datetime, village: Node | None) -> Block:
    heard_in = [village] if village else slot.villages
    return Block(slot, at, at + slot.rule.length, tuple(each.name for each in heard_in))


def _bar(block: Block, x: float, end: float, zone: ZoneInfo) -> Bar:
    label = f"{block.starts_at.astimezone(zone):%H:%M} {block.slot.name}"
    return Bar(x, max(_NARROWEST, round(end - x, 2)), "filled" if block.lines else "empty", label)
