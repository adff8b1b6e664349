"""One opening being filled: where the next block would lie, and what forbids it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from content.kernel.priority import Priority
from content.kernel.units import DurationMs
from schedules.planner.values import Facts, Item, Opening, Part, QuietHours, WhyNot

PAUSE_MS = 1500
"""Silence between two cues, so that a listener hears that another one begins."""
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
    """An opening and the blocks laid into it so far, in order of time."""

    def __init__(self, opening: Opening, zone: ZoneInfo, quiet: QuietHours | None) -> None:
        """An empty one."""
        self.opening = opening
        self.blocks: list[Block] = []
        self._end_ms = 0
        self._quiet = quiet_offsets(opening, zone, quiet)

    def place(self, item: Item, parts: tuple[Part, ...]) -> int | Refusal:
        """The offset at which the item's block may start, after all others; or what forbids it."""
        length = block_ms(parts)
        earliest = self._end_ms + PAUSE_MS if self.blocks else 0
        room = self.opening.duration_ms
        start = earliest if item.priority is Priority.EMERGENCY else self._after_quiet(earliest, length)
        needs: Facts = (("needs_ms", length), ("room_ms", max(0, room - earliest)))
        if length > room:
            return Refusal(WhyNot.LONGER_THAN_SLOT, (("needs_ms", length), ("room_ms", room)))
        if earliest + length > room:
            return Refusal(WhyNot.NO_ROOM, needs)
        if start + length > room:
            return Refusal(WhyNot.QUIET_HOURS, needs)
        ends_at = self.opening.starts_at + timedelta(milliseconds=start + length)
        if item.expires_at is not None and ends_at > item.expires_at:
            return Refusal(WhyNot.EXPIRES, (("expires_at", item.expires_at.astimezone(UTC).isoformat()),))
        return start

    def add(self, block: Block) -> None:
        """Lay down a block where `place` said."""
        self.blocks.append(block)
        self._end_ms = block.start_ms + block_ms(block.parts)

    def _after_quiet(self, start: int, length: int) -> int:
        for quiet_from, quiet_until in self._quiet:
            if start < quiet_until and start + length > quiet_from:
                start = quiet_until
        return start


def block_ms(parts: tuple[Part, ...]) -> DurationMs:
    """How long the parts last with the pauses between them."""
    return DurationMs(sum(part.duration_ms for part in parts) + PAUSE_MS * (len(parts) - 1))


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
