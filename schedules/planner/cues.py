"""Blocks and chimes as the cues that players get, each with its reason."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from content.kernel.priority import Priority
from content.kernel.units import DurationMs
from schedules.planner.filling import PAUSE_MS, Block
from schedules.planner.values import Because, Chime, CueKind, Facts, Opening, PlannedCue, Relay

LATENESS_MS = 120_000
"""How late a cue may begin unless the end of the slot says less."""
OPENING_LATENESS_MS = 2_000
"""An opening chime that comes later would only make the first announcement late."""
OVERRUN_MS = 30_000
"""How far beyond the end of its slot a late cue may still sound."""
LEAST_JOINED_MS = 10_000
"""A relay is not joined for less than this."""
OPENING_KEY, CLOSING_KEY = "chime/opening", "chime/closing"
RELAY_KEY = "relay"


def cues_of(block: Block, repeat: int, opening: Opening, zone: ZoneInfo) -> Iterator[PlannedCue]:
    """One cue for each part, one after another."""
    because, facts = _reason(block, repeat)
    return spoken(block, repeat, opening, zone, because, facts)


def spoken(
    block: Block, repeat: int, opening: Opening, zone: ZoneInfo, because: Because, facts: Facts
) -> Iterator[PlannedCue]:
    """`cues_of` with a reason that the caller knows."""
    item, offset = block.item, block.start_ms
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


def opening_chime(chime: Chime, offset_ms: int) -> PlannedCue:
    """It sounds in time or not at all."""
    return _chime(chime, OPENING_KEY, offset_ms, offset_ms + OPENING_LATENESS_MS, Because.OPENS)


def closing_chime(chime: Chime, offset_ms: int, opening: Opening) -> PlannedCue:
    """It waits for a late announcement as long as announcements wait."""
    latest = min(offset_ms + LATENESS_MS, opening.duration_ms + OVERRUN_MS - chime.media.duration_ms)
    return _chime(chime, CLOSING_KEY, offset_ms, latest, Because.CLOSES)


def relayed(relay: Relay, from_ms: int, until_ms: int) -> PlannedCue:
    """It may be joined almost as long as it lasts: live sound has no beginning that one could miss.

    Its key names the announcement that is its fallback: a player that is to forget that joins the relay anew.
    """
    return PlannedCue(
        key=f"{RELAY_KEY}/{relay.revision_uuid}" if relay.revision_uuid else RELAY_KEY,
        offset_ms=DurationMs(from_ms),
        duration_ms=DurationMs(until_ms - from_ms),
        latest_start_ms=DurationMs(until_ms - LEAST_JOINED_MS),
        kind=CueKind.RELAY,
        media=tuple(medium.sha256 for medium in relay.instead),
        title=relay.title,
        language="",
        priority=Priority.ROUTINE,
        not_before=None,
        expires_at=None,
        announcement_uuid=None,
        revision_uuid=relay.revision_uuid,
        repeat=1,
        because=Because.RELAYS,
        relay_url=relay.url,
    )


def _chime(chime: Chime, key: str, offset_ms: int, latest_ms: int, because: Because) -> PlannedCue:
    return PlannedCue(
        key=key,
        offset_ms=DurationMs(offset_ms),
        duration_ms=chime.media.duration_ms,
        latest_start_ms=DurationMs(latest_ms),
        kind=CueKind.CHIME,
        media=(chime.media.sha256,),
        title=chime.title,
        language="",
        priority=Priority.ROUTINE,
        not_before=None,
        expires_at=None,
        announcement_uuid=None,
        revision_uuid=None,
        repeat=1,
        because=because,
    )


def _reason(block: Block, repeat: int) -> tuple[Because, Facts]:
    item = block.item
    facts: Facts = (
        ("repeat", repeat),
        ("times_per_day", item.times_per_day),
        ("planned_before", block.planned_before),
    )
    if item.every_opening:
        return Because.EVERY_OPENING, tuple(fact for fact in facts if fact[0] != "times_per_day")
    if repeat > 1:
        return Because.REPEAT, facts
    if block.moved_on:
        return Because.MOVED_ON, facts
    return (Because.CHOSEN_SLOT if item.slots else Because.FIRST_ROOM), facts


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.min, tzinfo=zone).astimezone(UTC)
