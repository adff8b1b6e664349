"""Which alert sounds when, and when it is over. Pure: no clock, no file, no thread.

Each alert is looked at with a `now` of its own: player time, or where the clock is not believed, the time counted from
its issue since it arrived here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from broadcaster.protocol import Alert, AlertScope

NOTHING = timedelta()
NEVER = timedelta(days=9999)


@dataclass(frozen=True)
class Call:
    """What this village is to hear of an alert's newest version. Version 0: a phrase that somebody started here."""

    alert_uuid: UUID
    version: int
    scope: AlertScope
    title: str
    issued_at: datetime
    starts_at: datetime
    expires_at: datetime
    max_sounding: timedelta
    media: tuple[str, ...]
    fallback: tuple[str, ...] = ()
    repeats: int = 0
    pause: timedelta = NOTHING
    audible: bool = True
    cancelled: bool = False

    @property
    def started_here(self) -> bool:
        """Whether it is a phrase started at this loudspeaker."""
        return self.version == 0


@dataclass(frozen=True)
class Voice:
    """What one repeat is made of, verified, and how long it lasts."""

    media: tuple[str, ...]
    length: timedelta


@dataclass(frozen=True)
class Heard:
    """What the journal has of an alert: sounding time of all versions, whole repeats of this voice in this version."""

    sounded: timedelta = NOTHING
    repeats: int = 0


class End(StrEnum):
    """Why an alert is over."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REPEATED = "repeated"
    LONGEST = "longest"
    SILENT = "silent"


@dataclass(frozen=True)
class Standing:
    """An alert and all that decides about it.

    `allowed`: the clock is believed, or the alert came live since the start, or was started here. `voice` None: nothing
    of it is verified yet. `silent_for`: since its last repeat ended, None before the first. `sounding`: in the
    device's hands now, `heard` is without that.
    """

    call: Call
    now: datetime
    allowed: bool
    heard: Heard
    voice: Voice | None
    silent_for: timedelta | None = None
    sounding: bool = False

    @property
    def left(self) -> timedelta:
        """Return how long it may sound on."""
        return min(self.call.max_sounding - self.heard.sounded, self.call.expires_at - self.now)


def call_of(alert: Alert, village: UUID) -> Call | None:
    """Return what the village hears of the alert; None when it is not addressed."""
    audience = next((audience for audience in alert.audiences if village in audience.villages), None)
    if audience is None:
        return None
    return Call(
        alert_uuid=alert.alert_uuid,
        version=alert.version,
        scope=alert.scope,
        title=alert.title,
        issued_at=alert.issued_at,
        starts_at=alert.starts_at,
        expires_at=alert.expires_at,
        max_sounding=timedelta(milliseconds=alert.max_sounding_ms),
        media=audience.media,
        fallback=audience.fallback,
        repeats=alert.repeats,
        pause=timedelta(milliseconds=alert.pause_ms),
        audible=alert.audible,
        cancelled=alert.cancelled,
    )


def withdrawn(call: Call) -> Call:
    """Return the call as one that is over: cancelled, or this village is no longer among those who hear it."""
    return replace(call, cancelled=True)


def end_of(standing: Standing) -> End | None:
    """Tell why the alert is over, None while it is not. A repeat under way is heard to its end or to the limit."""
    call = standing.call
    if call.cancelled:
        return End.CANCELLED
    if not standing.allowed:
        return None
    if standing.now >= call.expires_at:
        return End.EXPIRED
    return None if standing.sounding else _end_between(standing)


def _end_between(standing: Standing) -> End | None:
    call, voice = standing.call, standing.voice
    # A silent drill has done what it is for as soon as it could be heard.
    if not call.audible:
        return End.SILENT if voice and standing.now >= call.starts_at else None
    # The fallback is repeated as often, but then its own audio may still come.
    if voice and voice.media == call.media and _repeated(standing):
        return End.REPEATED
    # Half a repeat is worth nothing to those who heard a whole one.
    too_long = voice is not None and standing.heard.repeats > 0 and voice.length > standing.left
    return End.LONGEST if too_long or standing.left <= NOTHING else None


def holds(standing: Standing) -> bool:
    """Tell whether the loudspeaker is this alert's, its pauses included: nothing planned begins."""
    call = standing.call
    has_begun = standing.allowed and call.audible and standing.now >= call.starts_at
    able = standing.voice is not None and not _repeated(standing) and end_of(standing) is None
    return standing.sounding or (has_begun and able)


def next_up(standings: Iterable[Standing]) -> Standing | None:
    """Choose whose repeat comes next: meant before exercise, then who was silent longest; the newest where unheard."""
    holding = [standing for standing in standings if holds(standing)]
    urgent = max((_urgency(standing) for standing in holding), default=0)
    able = [standing for standing in holding if _urgency(standing) == urgent and not standing.sounding]
    return min(able, key=_turn, default=None)


def due_in(standing: Standing) -> timedelta:
    """Return how long until its next repeat may begin."""
    until_start = standing.call.starts_at - standing.now
    pause = NOTHING if standing.silent_for is None else standing.call.pause - standing.silent_for
    return max(NOTHING, until_start, pause)


def may_last(standing: Standing) -> timedelta:
    """Return how much of its next repeat may sound: nothing is heard after its expiry or its longest sounding time."""
    call = standing.call
    until_expiry = call.expires_at - standing.now - due_in(standing)
    whole = standing.voice.length if standing.voice else NOTHING
    return max(NOTHING, min(whole, call.max_sounding - standing.heard.sounded, until_expiry))


def cuts(new: Standing, sounding: Standing) -> bool:
    """Tell whether a repeat interrupts another alert's: a meant one an exercise, a newer one of its kind once."""
    unheard = new.silent_for is None and due_in(new) <= NOTHING
    newer = unheard and new.call.issued_at > sounding.call.issued_at
    return (_urgency(new), newer) > (_urgency(sounding), False)


def goes_on(former: Call, new: Standing, media: tuple[str, ...]) -> bool:
    """Tell whether a repeat of a former version may sound on: the newer one says the same, and no shorter."""
    call = new.call
    longer = call.expires_at >= former.expires_at and call.max_sounding >= former.max_sounding
    same = new.voice is not None and new.voice.media == media and call.scope is former.scope
    return same and longer and call.audible and not call.cancelled


def outspoken(standing: Standing, media: tuple[str, ...]) -> bool:
    """Tell whether what sounds only stood in for the alert's own words, which are here now."""
    return standing.voice is not None and standing.voice.media == standing.call.media != media


def changes_in(standing: Standing) -> list[timedelta]:
    """Return after how long the answers may differ by themselves."""
    instants = (standing.call.starts_at, standing.call.expires_at)
    return [due_in(standing), *(instant - standing.now for instant in instants)]


def _urgency(standing: Standing) -> int:
    return 1 if standing.call.scope is AlertScope.EXERCISE else 2


def _repeated(standing: Standing) -> bool:
    return 0 < standing.call.repeats <= standing.heard.repeats


def _turn(standing: Standing) -> tuple[timedelta, timedelta, float]:
    silent = NEVER if standing.silent_for is None else standing.silent_for
    return due_in(standing), -silent, -standing.call.issued_at.timestamp()
