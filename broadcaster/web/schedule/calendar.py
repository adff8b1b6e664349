"""A village's occurrences as an iCalendar file (RFC 5545), by the library `icalendar` (ADR 0019). Values in, bytes out.

Times are UTC, so that no time zone need be described; calendars show their own.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from content.kernel.nodes import Node
from schedules.models import Occurrence
from schedules.planner import CueKind
from schedules.queries import cues

MAKER = "-//village-broadcaster//EN"
ASK_AGAIN_AFTER = timedelta(hours=1)
_COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
"""Later plans need higher numbers; seconds since then fit the format until 2088."""


def calendar(name: str, planned: Iterable[Occurrence], village: Node, address_of: Callable[[Occurrence], str]) -> bytes:
    """The file: an event for each occurrence, under its uuid for ever, so that a client moves it and adds no second.

    Args:
        name: what the calendar is called.
        planned: occurrences with slot and cues.
        village: where they are heard.
        address_of: where an occurrence can be listened to, unless it only relays.
    """
    made = Calendar()
    for key, value in {
        "version": "2.0",
        "prodid": MAKER,
        "calscale": "GREGORIAN",
        "method": "PUBLISH",
        "name": name,
        "x-wr-calname": name,
        "x-wr-timezone": village.time_zone,
        "x-published-ttl": "PT1H",
    }.items():
        made.add(key, value)
    made.add("refresh-interval", ASK_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    for one in planned:
        made.add_component(_event(one, village, address_of(one)))
    return bytes(made.to_ical())


def _event(one: Occurrence, village: Node, address: str) -> Event:
    event = Event()
    for key, value in {
        "uid": f"{one.uuid}",
        "dtstamp": one.planned_at.replace(microsecond=0),
        "last-modified": one.planned_at.replace(microsecond=0),
        "sequence": (one.planned_at - _COUNTED_FROM) // timedelta(seconds=1),
        "dtstart": one.starts_at,
        "dtend": one.ends_at,
        "summary": one.slot.name,
        "location": village.name,
        "description": "\n".join(_lines(one, village)),
        "transp": "TRANSPARENT",
    }.items():
        event.add(key, value)
    if any(cue.relay_url is None for cue in cues(one)):  # what a station will say nobody can listen to beforehand
        event.add("url", address)
    return event


def _lines(one: Occurrence, village: Node) -> Iterable[str]:
    """What sounds, at its time, a relayed station too; in several languages the title is said once."""
    told: set[tuple[object, int]] = set()
    for cue in cues(one):
        if cue.kind != CueKind.CHIME and (cue.announcement_uuid, cue.repeat) not in told:
            told.add((cue.announcement_uuid, cue.repeat))
            at = (one.starts_at + timedelta(milliseconds=cue.offset_ms)).astimezone(village.zone)
            yield f"{at:%H:%M} {cue.title}"
