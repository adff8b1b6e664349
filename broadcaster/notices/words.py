"""What each kind of notice says: a subject and a text, English messages with `{facts}`, translated when it is posted.

Facts whose name ends in `_at` are instants, shown by the commune's clock. A report brings its own words.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from broadcaster.i18n import Tongue
from broadcaster.notices.models import Kind


class Words(NamedTuple):
    """Subject and text."""

    subject: str
    body: str


def mark(message: str) -> str:
    """The message itself; marks it for the catalogue."""
    return message


WORDS = {
    Kind.ALERT_STARTED: Words(
        mark("EMERGENCY: {title}"),
        mark("The alert “{title}” began at {started_at} in {villages}. See who has sounded it: {link}"),
    ),
    Kind.DRILL_STARTED: Words(
        mark("Exercise: {title}"),
        mark("The exercise “{title}” began at {started_at} in {villages}. Nothing has happened. {link}"),
    ),
    Kind.ALERT_ENDED: Words(
        mark("Ended: {title}"), mark("The alert “{title}” was ended at {ended_at} in {villages}. {link}")
    ),
    Kind.ALERT_NOT_SOUNDED: Words(
        mark("{village} has not sounded the alert “{title}”"),
        mark("{seconds} seconds after it was sent, {village} has not sounded the alert “{title}”. Call there. {link}"),
    ),
    Kind.ALERT_WAITS: Words(
        mark("A warning waits for you: {title}"),
        mark("“{title}” came from {source} at {received_at} and is NOT on the air. Read it and press there. {link}"),
    ),
    Kind.SOURCE_SILENT: Words(
        mark("No warnings can be fetched from {source}"),
        mark("Since {since_at} nothing could be fetched from {source}. Warnings from there are missed. {link}"),
    ),
    Kind.PLAYER_OFFLINE: Words(
        mark("The loudspeaker of {village} is offline"),
        mark("The loudspeaker of {village} has said nothing since {since_at}."),
    ),
    Kind.PLAYER_BACK: Words(
        mark("The loudspeaker of {village} is back"),
        mark("The loudspeaker of {village} answers again since {since_at}."),
    ),
    Kind.TEST: Words(
        mark("Test of the village radio of {commune}"),
        mark("This channel works. Nothing has happened; somebody pressed “Try it out”."),
    ),
}


def said(tongue: Tongue, zone: ZoneInfo, kind: Kind, facts: Mapping[str, str]) -> Words:
    """Subject and text in a language. A fact that is missing is shown as a dash: better a poor notice than none."""
    if kind == Kind.REPORT:
        return Words(facts.get("subject", ""), facts.get("body", ""))
    shown = _Shown(
        {name: _moment(tongue, zone, fact) if name.endswith("_at") else fact for name, fact in facts.items()}
    )
    words = WORDS[kind]
    return Words(*(tongue.say(part).format_map(shown).strip() for part in words))


class _Shown(dict[str, str]):
    def __missing__(self, _name: str) -> str:
        return "–"


def _moment(tongue: Tongue, zone: ZoneInfo, instant: str) -> str:
    at = datetime.fromisoformat(instant).astimezone(zone)
    return f"{tongue.clock(at, seconds=True)}, {tongue.day(at.date())}"
