"""When a slot opens: RFC 5545 rules expanded into aware instants, and the names of what they open. Pure.

Rules are wall clocks of a village's zone. Where the clocks of a zone are changed:

- a local time that exists twice means the first of the two;
- a local time that does not exist is moved forward by the gap when it is the only one of its day (02:30 becomes
  03:30); where the rule recurs within the day it is left out, since the moved one would fall among the others;
- the local date and the ordinal of an instance are those of the rule, so neither case changes any name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import groupby, takewhile
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from content.kernel.units import DurationMs
from schedules.days import NONE, Days
from schedules.errors import (
    BadRecurrence,
    NeverRecurs,
    SlotOverlapsItself,
    SlotTooLong,
    SlotWithoutLength,
    UntilBeforeFrom,
)

DAY = timedelta(days=1)
LOOK_AHEAD = timedelta(days=400)
"""How far overlaps are looked for: a year and a month, so that yearly rules meet each other once."""
SELDOM = 40
"""A rule that opens no more often within `LOOK_AHEAD` may meet another one only after years."""
SELDOM_AHEAD = 20 * 366 * DAY
"""Within this span lunar and solar dates (19 years) and weekdays (11) come together in every way."""
LEAP_YEARS = 9 * 366 * DAY
"""Within this span every day of the calendar comes (around 1900 and 2100 a leap year is left out)."""

_SHIFTABLE = {"MINUTELY": timedelta(minutes=1), "HOURLY": timedelta(hours=1), "DAILY": DAY, "WEEKLY": 7 * DAY}
_FREQUENCIES = {*_SHIFTABLE, "MONTHLY", "YEARLY"}


@dataclass(frozen=True)
class Rule:
    """When and for how long, on the wall clocks of whichever village.

    It opens on the days of `rrule` and of `also`, but not on those of `but_not`, and never before `starts_on` or after
    `until_on`. Without an `rrule` it opens on the days of `also`; where that names none either, once, on `starts_on`.
    On a day that only `also` names it opens once, at `start_local`.
    """

    start_local: time
    duration_ms: DurationMs
    starts_on: date
    until_on: date | None = None
    rrule: str | None = None
    also: Days = NONE
    but_not: Days = NONE

    @property
    def length(self) -> timedelta:
        """The duration as the standard library has it."""
        return timedelta(milliseconds=self.duration_ms)


@dataclass(frozen=True)
class Instance:
    """One opening of a rule: its instant (UTC), the rule's local date, and which one of that date (from 0)."""

    starts_at: datetime
    local_on: date
    ordinal: int


def occurrence_uuid(slot: UUID, village: UUID, local_on: date, ordinal: int) -> UUID:
    """The name of an occurrence for ever: planning again, or moving the slot within its day, makes the same."""
    name = f"{village}/{local_on.isoformat()}"
    return uuid5(slot, f"{name}/{ordinal}" if ordinal else name)


def instances(rule: Rule, zone: ZoneInfo, from_at: datetime, until_at: datetime) -> Iterator[Instance]:
    """The openings with `from_at` <= start < `until_at`, in order; the rule's odd local times as in the module's text.

    Its cost depends on the span asked for, not on how long ago the rule began (unless the rule has a COUNT).
    """
    first, last = from_at.astimezone(zone).date() - DAY, until_at.astimezone(zone).date()
    for local_on, of_day in groupby(_wall_clocks(rule, first, last), key=datetime.date):
        wall_clocks = list(of_day)
        for ordinal, wall_clock in enumerate(wall_clocks):
            starts_at = wall_clock.replace(tzinfo=zone).astimezone(UTC)
            exists = starts_at.astimezone(zone).replace(tzinfo=None) == wall_clock
            if from_at <= starts_at < until_at and (exists or len(wall_clocks) == 1):
                yield Instance(starts_at, local_on, ordinal)


def check(rule: Rule, zone: ZoneInfo) -> None:
    """Refuse a rule that cannot be meant.

    Raises:
        SlotWithoutLength, SlotTooLong, UntilBeforeFrom, BadRecurrence, NeverRecurs, SlotOverlapsItself.
    """
    if rule.duration_ms <= 0:
        raise SlotWithoutLength
    if rule.length > DAY:
        raise SlotTooLong
    if rule.until_on is not None and rule.until_on < rule.starts_on:
        raise UntilBeforeFrom(from_on=rule.starts_on, until_on=rule.until_on)
    start = datetime.combine(rule.starts_on, time.min, tzinfo=zone)
    before: Instance | None = None
    for instance in instances(rule, zone, start, start + LOOK_AHEAD):
        if before is not None and before.starts_at + rule.length > instance.starts_at:
            at = instance.starts_at.astimezone(zone)
            raise SlotOverlapsItself(on=instance.local_on, at=f"{at:%H:%M}")
        before = instance
    if before is None and next(instances(rule, zone, start, start + LEAP_YEARS), None) is None:
        raise NeverRecurs(starts_on=rule.starts_on, rrule=rule.rrule)


def first_clash(one: Rule, other: Rule, zone: ZoneInfo, from_at: datetime) -> tuple[Instance, Instance] | None:
    """The first openings of two rules that would sound at once, from when both apply.

    Looked for in `LOOK_AHEAD`, and in `SELDOM_AHEAD` if one of them opens seldom and the other not every day. What
    meets later still is kept apart by the planner.
    """
    begin = max(from_at, datetime.combine(max(one.starts_on, other.starts_on), time.min, tzinfo=zone))
    ones = instances(one, zone, begin - one.length, begin + LOOK_AHEAD)
    others = instances(other, zone, begin - other.length, begin + LOOK_AHEAD)
    a, b, opened = next(ones, None), next(others, None), [0, 0]
    while a is not None and b is not None:
        shared_until = min(a.starts_at + one.length, b.starts_at + other.length)
        if shared_until > max(a.starts_at, b.starts_at, from_at):
            return a, b
        is_first = a.starts_at < b.starts_at
        opened[0 if is_first else 1] += 1
        a, b = (next(ones, None), b) if is_first else (a, next(others, None))
    if min(opened) > SELDOM or max(opened) >= LOOK_AHEAD.days - 1:
        return None
    if opened[0] <= opened[1]:
        return next(_met(one, other, zone, begin + LOOK_AHEAD), None)
    return next(((mine, met) for met, mine in _met(other, one, zone, begin + LOOK_AHEAD)), None)


def _met(seldom: Rule, other: Rule, zone: ZoneInfo, from_at: datetime) -> Iterator[tuple[Instance, Instance]]:
    """Around each opening of a rule that opens seldom: what of the other sounds then."""
    a_moment = timedelta(microseconds=1)
    for instance in instances(seldom, zone, from_at, from_at + SELDOM_AHEAD):
        since = instance.starts_at - other.length + a_moment
        for met in instances(other, zone, since, instance.starts_at + seldom.length):
            yield instance, met


def _wall_clocks(rule: Rule, first: date, last: date) -> Iterator[datetime]:
    first, last = max(first, rule.starts_on), min(last, rule.until_on or last)
    extra = (datetime.combine(on, rule.start_local) for on in rule.also.between(first, last))
    every = (at for at, _ in groupby(merge(_ruled(rule, first, last), extra)))
    return (at for at in every if at.date() not in rule.but_not) if rule.but_not else every


def _ruled(rule: Rule, first: date, last: date) -> Iterator[datetime]:
    """The wall clocks without extra days and exceptions."""
    begin, end = datetime.combine(first, time.min), datetime.combine(last, time.max)
    if rule.rrule is not None:
        return takewhile(lambda at: at <= end, _expander(rule.rrule, rule, begin).xafter(begin, inc=True))
    once = datetime.combine(rule.starts_on, rule.start_local)
    return iter([once] if begin <= once <= end and not rule.also else [])


def _expander(text: str, rule: Rule, begin: datetime) -> rrule:
    """The library's rule, begun as late as its phase allows: it counts from its start, which may be years ago."""
    start = datetime.combine(rule.starts_on, rule.start_local)
    try:
        parts = dict(part.split("=") for part in text.upper().split(";"))
        interval = int(parts.get("INTERVAL", "1"))
        if interval < 1 or parts["FREQ"] not in _FREQUENCIES:
            raise BadRecurrence(rrule=text)
        step = _SHIFTABLE.get(parts["FREQ"], timedelta(0)) * interval
        if step and begin > start and "COUNT" not in parts:
            start += (begin - start) // step * step
        expander = rrulestr(text, dtstart=start)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise BadRecurrence(rrule=text) from None
    if not isinstance(expander, rrule):
        raise BadRecurrence(rrule=text)
    return expander
