"""What sounds next, and what will not sound and why. Pure: no clock, no file, no thread.

The rules of `docs/player.md` live here and nowhere else. A cue is either *waiting* or has a row in the journal; each
waiting cue ends by exactly one `Skip` or one `Play`, and only the caller's journal makes it stop waiting.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from broadcaster.player.plan.programme import RANK, CueId, PlannedCue, Programme
from broadcaster.protocol import ClockState, Outcome, Priority, QuietHours, Reason

TOLERANCE = timedelta(milliseconds=250)
"""A start within this of its plan is in time: what the machine itself may need between two cues."""
HORIZON = timedelta(days=29)
"""Older occurrences are left alone: the journal may have forgotten them (it keeps 30 days)."""
EMERGENCY = RANK[Priority.EMERGENCY]
REJOINED = (Reason.INTERRUPTED, Reason.POWER_CUT, Reason.SHUT_DOWN, Reason.OUTPUT_FAILED)
"""A relay broken off for these is joined again while it lasts: live sound repeats nothing."""


@dataclass(frozen=True)
class OnAir:
    """A cue that sounds, or is in the device's hands to sound."""

    cue: PlannedCue
    ends_at: datetime


@dataclass(frozen=True)
class Facts:
    """All that decides besides the plan. `clockless` is the newest span without a trusted clock that is over.

    `held`: an alert has the loudspeaker, nothing planned begins.
    """

    clock_state: ClockState
    done: Collection[CueId]
    present: Collection[str]
    born_at: datetime
    on_air: Sequence[OnAir] = ()
    output_ready: bool = True
    clockless: tuple[datetime, datetime] | None = None
    held: bool = False


@dataclass(frozen=True)
class Skip:
    """The cue will not sound: the row to be written."""

    cue: PlannedCue
    outcome: Outcome
    reason: Reason


@dataclass(frozen=True)
class Play:
    """The cue that sounds next, and when its first sample does."""

    cue: PlannedCue
    at: datetime


@dataclass(frozen=True)
class Agenda:
    """What to do now and next. `look_again_at` is the first instant at which the answer may differ by itself."""

    skips: tuple[Skip, ...] = ()
    play: Play | None = None
    look_again_at: datetime | None = None


def agenda(programme: Programme, facts: Facts, now: datetime) -> Agenda:
    """Decide at player time `now`."""
    if facts.clock_state is ClockState.UNTRUSTED:
        return Agenda()
    since = max(facts.born_at, now - HORIZON)
    waiting = [cue for cue in programme.cues if cue.at >= since and cue.id not in facts.done]
    skips = tuple(
        skip for cue in waiting if cue.at <= now and (skip := _skip(programme, facts, cue, now, now)) is not None
    )
    skipped = {skip.cue.id for skip in skips}
    left = [cue for cue in waiting if cue.id not in skipped]
    return Agenda(skips, _next(programme, facts, left, now), _look_again(left, facts, now))


def cuts(new: PlannedCue, sounding: PlannedCue) -> bool:
    """Tell whether the new cue interrupts the sounding one: an emergency cuts whatever is none (Circular 39/2020)."""
    return new.rank == EMERGENCY > sounding.rank


def begins_again(cue: PlannedCue, reason: Reason | None, attempt: int, *, cut_by_alert: bool) -> bool:
    """Tell whether a cue that was broken off may begin once more: a relay is joined, others only after an alert."""
    return reason in REJOINED if cue.relay else cut_by_alert and attempt == 1


def _skip(programme: Programme, facts: Facts, cue: PlannedCue, start: datetime, now: datetime) -> Skip | None:
    """Why the cue cannot start at `start`, nor ever after."""
    if (start >= programme.manifest.valid_until and not cue.beyond) or (cue.expires_at and start >= cue.expires_at):
        return Skip(cue, Outcome.SKIPPED, Reason.EXPIRED)
    if start > cue.latest_at + TOLERANCE:
        return _missed(facts, cue, now)
    if cue.rank < EMERGENCY and _disturbs(programme, start, cue.ends_at(start) - TOLERANCE):
        return Skip(cue, Outcome.SKIPPED, Reason.QUIET_HOURS)
    return None


def _missed(facts: Facts, cue: PlannedCue, now: datetime) -> Skip:
    if facts.clockless and facts.clockless[0] <= cue.latest_at < facts.clockless[1] <= now:
        return Skip(cue, Outcome.SKIPPED, Reason.CLOCK_UNTRUSTED)
    if not _complete(facts, cue):
        return Skip(cue, Outcome.SKIPPED, Reason.MEDIA_INCOMPLETE)
    if not facts.output_ready:
        return Skip(cue, Outcome.FAILED, Reason.OUTPUT_FAILED)
    return Skip(cue, Outcome.SKIPPED, Reason.TOO_LATE)


def _next(programme: Programme, facts: Facts, waiting: Iterable[PlannedCue], now: datetime) -> Play | None:
    if facts.held or not facts.output_ready:
        return None
    able = [
        Play(cue, start)
        for cue in waiting
        if _complete(facts, cue) and _skip(programme, facts, cue, start := _earliest(facts, cue, now), now) is None
    ]
    free = [play for play in able if not _in_the_way(play, able)]
    return min(free, key=lambda play: (play.at, -play.cue.rank, play.cue.at, play.cue.index), default=None)


def _earliest(facts: Facts, cue: PlannedCue, now: datetime) -> datetime:
    busy = [sounding.ends_at for sounding in facts.on_air if not cuts(cue, sounding.cue)]
    return max(now, cue.not_before, *busy)


def _in_the_way(late: Play, others: Iterable[Play]) -> bool:
    """Tell whether a late start would move a cue that is in time and not less urgent: late cues never move others."""
    if late.at - late.cue.at <= TOLERANCE:
        return False
    end = late.cue.ends_at(late.at) - TOLERANCE
    return any(
        other.cue.rank >= late.cue.rank and late.at <= other.at < end and other.at - other.cue.at <= TOLERANCE
        for other in others
        # A relay goes on until an emergency cuts it, and after it.
        if other.cue is not late.cue and not (late.cue.relay and cuts(other.cue, late.cue))
    )


def _complete(facts: Facts, cue: PlannedCue) -> bool:
    return all(sha256 in facts.present for sha256 in cue.needed)


def _look_again(waiting: Iterable[PlannedCue], facts: Facts, now: datetime) -> datetime | None:
    instants = [
        instant
        for cue in waiting
        for instant in (cue.at, cue.not_before, cue.latest_at + TOLERANCE * 1.001, cue.expires_at)
        if instant is not None and instant > now
    ]
    instants += [sounding.ends_at for sounding in facts.on_air if sounding.ends_at > now]
    return min(instants, default=None)


def _disturbs(programme: Programme, start: datetime, end: datetime) -> bool:
    """Tell whether [start, end) touches quiet hours; both local days and the one before are asked (midnight)."""
    quiet = programme.manifest.quiet_hours
    if quiet is None or quiet.from_local == quiet.until_local:
        return False
    zone = ZoneInfo(programme.manifest.time_zone)
    first = start.astimezone(zone).date() - timedelta(days=1)
    days = (end.astimezone(zone).date() - first).days + 1
    spans = (_quiet_span(quiet, first + timedelta(days=day), zone) for day in range(days))
    return any(begins < max(end, start + timedelta(microseconds=1)) and start < ends for begins, ends in spans)


def _quiet_span(quiet: QuietHours, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    crosses = quiet.until_local < quiet.from_local
    begins = datetime.combine(day, quiet.from_local, zone)
    ends = datetime.combine(day + timedelta(days=1) if crosses else day, quiet.until_local, zone)
    return begins, ends
