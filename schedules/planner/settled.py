"""What may still happen to a programme that is settled or under way: it loses what is gone, an emergency finds room.

Nothing else enters it, and what stays keeps its offset: players may hold it already, and part of it has sounded.
"""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from content.kernel.priority import Priority
from schedules.planner.cues import RELAY_KEY, spoken
from schedules.planner.filling import PAUSE_MS, Block, block_ms
from schedules.planner.planning import RANK, parts_for
from schedules.planner.values import Aired, Because, CueKind, Item, Opening, PlannedCue, Programme


def shrink(programme: Programme, allowed: Collection[object], elapsed_ms: int) -> Programme:
    """A settled programme without the cues whose revision, or relayed address, is no longer allowed.

    A relay whose fallback is no longer allowed keeps none. The others stay where they are. Cues that are over by now
    stay too, whatever became of their revision: the log needs them. Chimes stay while there is an announcement between
    them.
    """
    kept = tuple(
        cue if _is_over(cue, elapsed_ms) else _with_fallback_of(cue, allowed)
        for cue in programme
        if _is_chime(cue) or (cue.relay_url or cue.revision_uuid) in allowed or _is_over(cue, elapsed_ms)
    )
    if any(cue.announcement_uuid for cue in kept):
        return kept
    return tuple(cue for cue in kept if not _is_chime(cue) or _is_over(cue, elapsed_ms))


def _with_fallback_of(cue: PlannedCue, allowed: Collection[object]) -> PlannedCue:
    if cue.kind is not CueKind.RELAY or cue.revision_uuid is None or cue.revision_uuid in allowed:
        return cue
    return cue._replace(key=RELAY_KEY, media=(), revision_uuid=None)


def admit(
    programme: Programme,
    item: Item,
    languages: tuple[str, ...],
    opening: Opening,
    zone: ZoneInfo,
    *,
    from_ms: int,
    repeat: int,
) -> Programme | None:
    """The programme with an emergency in the first free place from `from_ms` on, or None if there cannot be one.

    Where no place is free, whole announcements that have not begun by `from_ms` give way, the least urgent and the
    last of them first. Emergencies give way to nothing. A relay is in nobody's way: players cut it and join it again.
    """
    parts = parts_for(item, languages)
    length = block_ms(parts) if parts else opening.duration_ms + 1
    relays = [cue for cue in programme if cue.kind is CueKind.RELAY]
    kept = [cue for cue in programme if cue.kind is not CueKind.RELAY]
    while (start := _first_gap(kept, length, from_ms, opening.duration_ms)) is None:
        yielding = _yielding(kept, from_ms)
        if not yielding:
            return None
        kept = [cue for cue in kept if cue not in yielding]
    if item.expires_at is not None and opening.at(start + length) > item.expires_at:
        return None
    facts = (("repeat", repeat), ("times_per_day", item.times_per_day))
    new = spoken(Block(item, parts, start, 0, moved_on=False), repeat, opening, zone, Because.EMERGENCY, facts)
    return tuple(sorted([*kept, *relays, *new], key=lambda cue: cue.offset_ms))


def airings(programme: Programme) -> tuple[Aired, ...]:
    """The airings that a programme holds, in order of time."""
    found: dict[tuple[object, int], Aired] = {}
    for cue in programme:
        if cue.announcement_uuid is not None:
            airing = cue.announcement_uuid, cue.repeat
            begun = found[airing].from_ms if airing in found else cue.offset_ms
            found[airing] = Aired(cue.announcement_uuid, begun, cue.offset_ms + cue.duration_ms)
    return tuple(found.values())


def _first_gap(cues: list[PlannedCue], length: int, from_ms: int, room: int) -> int | None:
    start = from_ms
    for cue in cues:
        if start + length + PAUSE_MS <= cue.offset_ms:
            break
        start = max(start, cue.offset_ms + cue.duration_ms + PAUSE_MS)
    return start if start + length <= room else None


def _yielding(cues: list[PlannedCue], from_ms: int) -> list[PlannedCue]:
    """The announcement, with all its languages, or the chime that gives way first."""
    begun = {_airing(cue) for cue in cues if cue.offset_ms < from_ms}
    able = [cue for cue in cues if _airing(cue) not in begun and cue.priority is not Priority.EMERGENCY]
    if not able:
        return []
    first = max(able, key=lambda cue: (RANK[cue.priority], cue.offset_ms))
    return [cue for cue in cues if _airing(cue) == _airing(first)]


def _airing(cue: PlannedCue) -> tuple[object, ...]:
    return (cue.key,) if _is_chime(cue) else (cue.announcement_uuid, cue.repeat)


def _is_chime(cue: PlannedCue) -> bool:
    return cue.kind is CueKind.CHIME


def _is_over(cue: PlannedCue, elapsed_ms: int) -> bool:
    return cue.latest_start_ms + cue.duration_ms <= elapsed_ms
