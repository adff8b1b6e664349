"""A report as tables of typed cells: one description for page, CSV, XLSX and PDF, so that they never differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broadcaster.asrun.hearing import Verdict
from broadcaster.asrun.reckoning import Shown
from broadcaster.reports.figures import Report, Sums, VillageFigures
from broadcaster.reports.words import CLOCKS, LATENESS, mark

Say = Callable[[str], str]
Cell = str | int | float | datetime | None


class Kind(StrEnum):
    """What a column holds: text, a count, minutes (a number), a share of 0 to 1, an instant."""

    TEXT = "text"
    COUNT = "count"
    MINUTES = "minutes"
    SHARE = "share"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and what stands below it; `weight` is its width beside the others."""

    heading: str
    kind: Kind = Kind.COUNT
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; `total` is its last row, set apart."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """How messages, and names of the code, are said in the reader's language."""

    say: Say
    outcomes: Mapping[str, str]
    languages: Mapping[str, str]
    priorities: Mapping[str, str]
    verdicts: Mapping[str, str]


_OF_NO_PLAN = (Shown.WAITING, Shown.STOPPED)
"""Outcomes of what is not due yet, and of emergency calls."""


def minutes(duration_ms: int) -> float:
    """Minutes with one decimal."""
    return round(duration_ms / 60_000, 1)


def tables(report: Report, words: Words) -> list[Table]:
    """All tables of a report that hold anything, in the order in which they are read."""
    makers = (_summary, _villages, _languages, _unheard, _on_air, _lateness, _hearing, _health, _comments)
    found = (table for maker in makers for table in maker(report, words))
    return [table for table in found if table.rows]


def _summary(report: Report, words: Words) -> Iterator[Table]:
    say, sums = words.say, report.sums
    rows: list[tuple[Cell, ...]] = [
        (say(mark("Airings that were due")), sums.planned),
        *((words.outcomes[name], sums.outcomes[name]) for name in Shown if name not in _OF_NO_PLAN),
        (say(mark("Sounded without a plan")), sums.unplanned),
        (say(mark("Emergency calls")), report.calls),
        (say(mark("Emergency calls that were stopped by order")), report.stopped),
        (say(mark("Emergency drills (counted nowhere else)")), report.exercises),
        (say(mark("Reports set aside")), report.set_aside),
    ]
    yield Table(
        say(mark("In short")), (Column(say(mark("What")), Kind.TEXT, 4), Column(say(mark("Count")))), tuple(rows)
    )
    times: tuple[tuple[Cell, ...], ...] = (
        (say(mark("Airtime of all loudspeakers together")), minutes(sums.airtime_ms)),
        (say(mark("Minutes that nobody had to read aloud")), minutes(report.effort_ms)),
    )
    columns = Column(say(mark("What")), Kind.TEXT, 4), Column(say(mark("Minutes")), Kind.MINUTES)
    yield Table(say(mark("Minutes")), columns, times)


def _villages(report: Report, words: Words) -> Iterator[Table]:
    say = words.say
    columns = (
        Column(say(mark("Village")), Kind.TEXT, 3),
        Column(say(mark("Due"))),
        Column(words.outcomes[Shown.AIRED]),
        Column(words.outcomes[Shown.PARTIAL]),
        Column(say(mark("Not aired"))),
        Column(say(mark("Heard whole")), Kind.SHARE),
        Column(say(mark("On time")), Kind.SHARE),
        Column(say(mark("Minutes")), Kind.MINUTES),
    )
    rows = tuple((village.name, *_of(village.sums)) for village in report.villages)
    yield Table(say(mark("By village")), columns, rows, (say(mark("All villages")), *_of(report.sums)))


def _of(sums: Sums) -> tuple[Cell, ...]:
    partial = sums.outcomes[Shown.PARTIAL]
    unheard = sums.planned - sums.heard - partial
    shares = sums.heard_share, sums.on_time_share
    return sums.planned, sums.heard, partial, unheard, *shares, minutes(sums.airtime_ms)


def _languages(report: Report, words: Words) -> Iterator[Table]:
    say = words.say
    columns = (
        Column(say(mark("Village")), Kind.TEXT, 3),
        Column(say(mark("Language")), Kind.TEXT, 2),
        Column(say(mark("Due"))),
        Column(words.outcomes[Shown.AIRED]),
        Column(say(mark("Heard whole")), Kind.SHARE),
    )
    rows = [
        (village.name, words.languages.get(language, language), sums.planned, sums.heard, sums.heard_share)
        for village in report.villages
        for language, sums in sorted(village.languages.items())
    ]
    yield Table(say(mark("By village and language")), columns, tuple(rows))


def _unheard(report: Report, words: Words) -> Iterator[Table]:
    say = words.say
    columns = (
        Column(say(mark("Announcement")), Kind.TEXT, 3),
        Column(say(mark("Priority")), Kind.TEXT, 1),
        Column(say(mark("Aired whole nowhere in")), Kind.TEXT, 3),
        Column(say(mark("People heard nothing in")), Kind.TEXT, 3),
    )
    rows = [
        (one.title, words.priorities.get(one.priority, ""), ", ".join(one.not_aired), ", ".join(one.said_silent))
        for one in report.unheard
    ]
    yield Table(say(mark("Important, and not heard")), columns, tuple(rows))


def _on_air(report: Report, words: Words) -> Iterator[Table]:
    say = words.say
    columns = (
        Column(say(mark("Announcement")), Kind.TEXT, 4),
        Column(say(mark("Priority")), Kind.TEXT, 1),
        Column(say(mark("Aired whole"))),
        Column(say(mark("Villages"))),
        Column(say(mark("Minutes")), Kind.MINUTES),
    )
    rows = [
        (one.title, words.priorities.get(one.priority, ""), one.times, one.villages, minutes(one.airtime_ms))
        for one in report.on_air
    ]
    yield Table(say(mark("Announcements")), columns, tuple(rows))


def _lateness(report: Report, words: Words) -> Iterator[Table]:
    say = words.say
    columns = Column(say(mark("Away from the plan by")), Kind.TEXT, 3), Column(say(mark("Airings")))
    rows: Sequence[tuple[Cell, ...]] = [
        (say(label), count) for label, count in zip(LATENESS, report.lateness, strict=True)
    ]
    yield Table(say(mark("Punctuality")), columns, tuple(rows) if any(report.lateness) else ())


def _hearing(report: Report, words: Words) -> Iterator[Table]:
    say = words.say
    columns = (Column(say(mark("Village")), Kind.TEXT, 3), *(Column(words.verdicts[one]) for one in Verdict))
    rows: list[tuple[Cell, ...]] = [
        (village.name, *(village.heard[one] for one in Verdict)) for village in report.villages if village.heard
    ]
    yield Table(say(mark("What people at the loudspeakers say")), columns, tuple(rows))


def _health(report: Report, words: Words) -> Iterator[Table]:
    say = words.say
    columns = (
        Column(say(mark("Village")), Kind.TEXT, 3),
        Column(say(mark("Loudspeakers"))),
        Column(say(mark("Last heard from")), Kind.MOMENT, 2),
        Column(say(mark("Clock")), Kind.TEXT, 2),
        Column(say(mark("Power cuts"))),
        Column(say(mark("No sound"))),
        Column(say(mark("Audio missing"))),
        Column(say(mark("Time unsure"))),
    )
    rows = tuple(_health_of(village, words) for village in report.villages)
    yield Table(say(mark("How the loudspeakers are")), columns, rows)


def _health_of(village: VillageFigures, words: Words) -> tuple[Cell, ...]:
    health = village.health
    clock = words.say(CLOCKS[health.clock_state]) if health.clock_state in CLOCKS else ""
    troubles = health.power_cuts, health.output_failures, health.media_incomplete, health.clock_untrusted
    return village.name, health.players, health.last_seen_at, clock, *troubles


def _comments(report: Report, words: Words) -> Iterator[Table]:
    say = words.say
    columns = (
        Column(say(mark("Day")), Kind.TEXT, 1),
        Column(say(mark("Village")), Kind.TEXT, 2),
        Column(say(mark("Comment")), Kind.TEXT, 6),
    )
    yield Table(say(mark("Comments")), columns, tuple(report.comments))
