"""One opening being filled: where the next block would lie, and what forbids it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from content.kernel.priority import Priority
from content.kernel.units import DurationMs
from schedules.planner.values import Chime, Facts, Item, Opening, Part, QuietHours, WhyNot

PAUSE_MS = 1500
"""Silence between two cues, so that a listener hears that another one begins."""
LEAST_RELAY_MS = 60_000
"""A shorter rest of a slot is not worth a relay: a station would be cut in its first sentence."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Block:
    """One airing of an item: its parts, one after another, from `start_ms` on; the last two say why it is here."""

    item: Item
    parts: tuple[Part, ...]
    start_ms: int
    planned_before: int
    moved_on: bool


@dataclass(frozen=True)
class Refusal:
    """Why a block has no place."""

    why: WhyNot
    facts: Facts


class Filling:
    """An opening and the blocks laid into it so far, in order of time; its chimes stand around them."""

    def __init__(self, opening: Opening, zone: ZoneInfo, quiet: QuietHours | None, free_from_ms: int = 0) -> None:
        """An empty one; before `free_from_ms` another opening still sounds."""
        self.opening = opening
        self.blocks: list[Block] = []
        self._end_ms = self._free_ms = free_from_ms
        self._quiet = quiet_offsets(opening, zone, quiet)
        self._opening_ms, self._closing_ms = _chime_ms(opening.opens_with), _chime_ms(opening.closes_with)

    def place(self, item: Item, length: int) -> int | Refusal:
        """The offset at which the item's block, so long, may start, after all others; or what forbids it."""
        room = self.opening.duration_ms - self._closing_ms
        if length > room - self._opening_ms:
            return Refusal(WhyNot.LONGER_THAN_SLOT, _needs(length, room - self._opening_ms))
        before = 0 if self.blocks else self._opening_ms
        earliest = self._end_ms + (PAUSE_MS if self.blocks else before)
        if item.priority is Priority.EMERGENCY:
            start = earliest if self._is_loud(earliest - before, before) else earliest - before
        else:
            start = self._after_quiet(earliest - before, before + length) + before
        if earliest + length > room:
            return Refusal(WhyNot.NO_ROOM, _needs(length, room - earliest))
        if start + length > room:
            return Refusal(WhyNot.QUIET_HOURS, _needs(length, room - earliest))
        if item.expires_at is not None and self.opening.at(start + length) > item.expires_at:
            return Refusal(WhyNot.EXPIRES, (("expires_at", item.expires_at.astimezone(UTC).isoformat()),))
        return start

    def add(self, block: Block) -> None:
        """Lay down a block where `place` said."""
        self.blocks.append(block)
        self._end_ms = block.start_ms + block_ms(block.parts)

    def opens_ms(self) -> int | None:
        """The offset of the opening chime, right before the first block; None: there is none, or not at this hour."""
        if not self.blocks or not self._opening_ms:
            return None
        start = self.blocks[0].start_ms - self._opening_ms
        return start if start >= 0 and self._is_loud(start, self._opening_ms) else None

    def closes_ms(self) -> int | None:
        """The offset of the closing chime, right after the last block; None as above."""
        start = self._end_ms + PAUSE_MS
        is_heard = self.blocks and self._closing_ms and self._is_loud(start, self._closing_ms)
        return start if is_heard else None

    def rest_ms(self, after_ms: int) -> tuple[int, int] | None:
        """From when to when a relay may sound after that offset, before and between quiet hours; None: not worth it."""
        start = self._after_quiet(max(after_ms, self._free_ms), LEAST_RELAY_MS)
        until = min([self.opening.duration_ms, *(begin for begin, _ in self._quiet if begin > start)])
        return (start, until) if until - start >= LEAST_RELAY_MS else None

    def _is_loud(self, start: int, length: int) -> bool:
        return self._after_quiet(start, length) == start

    def _after_quiet(self, start: int, length: int) -> int:
        for quiet_from, quiet_until in self._quiet:
            if start < quiet_until and start + length > quiet_from:
                start = quiet_until
        return start


def room_beside(duration_ms: DurationMs, chimes_ms: Iterable[int]) -> DurationMs:
    """What chimes of these lengths, with their pauses, leave of an opening for its announcements."""
    return DurationMs(max(0, duration_ms - sum(length + PAUSE_MS for length in chimes_ms)))


def block_ms(parts: tuple[Part, ...]) -> DurationMs:
    """How long the parts last with the pauses between them."""
    return lasting_ms([part.duration_ms for part in parts])


def lasting_ms(parts_ms: Sequence[int]) -> DurationMs:
    """How long parts of these lengths last, one after another."""
    return DurationMs(sum(parts_ms) + PAUSE_MS * max(0, len(parts_ms) - 1))


def quiet_offsets(opening: Opening, zone: ZoneInfo, quiet: QuietHours | None) -> tuple[tuple[int, int], ...]:
    """The quiet hours that touch the opening, as offsets from its start, in order."""
    if quiet is None or quiet.from_local == quiet.until_local:
        return ()
    spans = []
    for days in (-1, 0, 1, 2):
        on = opening.local_on + days * _DAY
        until_on = on + _DAY if quiet.until_local < quiet.from_local else on
        begin = _offset(opening, datetime.combine(on, quiet.from_local), zone)
        end = _offset(opening, datetime.combine(until_on, quiet.until_local), zone)
        if end > 0 and begin < opening.duration_ms:
            spans.append((begin, end))
    return tuple(spans)


def _offset(opening: Opening, wall_clock: datetime, zone: ZoneInfo) -> int:
    return (wall_clock.replace(tzinfo=zone).astimezone(UTC) - opening.starts_at) // timedelta(milliseconds=1)


def _chime_ms(chime: Chime | None) -> int:
    """With the pause that keeps it apart."""
    return chime.media.duration_ms + PAUSE_MS if chime else 0


def _needs(length: int, room: int) -> Facts:
    return (("needs_ms", length), ("room_ms", max(0, room)))
