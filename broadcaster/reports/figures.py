"""The figures of a report, reckoned from counted groups of the log. Pure: no database, no words.

A cue counts in the village for which it was planned. Chimes and exercises count nowhere. What is still waiting is no
part of any share. How each figure is meant is told in `docs/log.md`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from broadcaster.asrun.reckoning import Shown
from broadcaster.reports.spans import Span

ON_TIME_MS = 1000
"""A start nearer to the plan than this is on time."""
LATENESS = (100, 1000, 5000, 60_000)
"""Upper ends, in milliseconds, of the groups of a lateness histogram; one more group is beyond the last."""


@dataclass(frozen=True, slots=True)
class Group:
    """So many cues of one village that are alike."""

    village_id: int
    language: str
    hour: int
    outcome: str
    is_planned: bool
    is_call: bool
    count: int
    sounded_ms: int
    begun: int
    on_time: int


@dataclass
class Sums:
    """What groups add up to. `planned` are the cues that are due; each of them has exactly one outcome.

    `unplanned` is what sounded without a plan; repeats of emergency calls, told as calls, are in the airtime only.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    planned: int = 0
    heard: int = 0
    unplanned: int = 0
    airtime_ms: int = 0
    begun: int = 0
    on_time: int = 0

    def add(self, group: Group) -> None:
        """Count a group."""
        self.airtime_ms += group.sounded_ms
        if not group.is_planned:
            self.unplanned += 0 if group.is_call else group.count
            return
        self.outcomes[group.outcome] += group.count
        if group.outcome == Shown.WAITING:
            return
        self.planned += group.count
        self.begun += group.begun
        self.on_time += group.on_time
        self.heard += group.count if group.outcome == Shown.AIRED else 0

    @property
    def heard_share(self) -> float | None:
        """Which share of what was due aired whole, 0 to 1; None where nothing was due."""
        return self.heard / self.planned if self.planned else None

    @property
    def on_time_share(self) -> float | None:
        """Which share of what began, began on time; None where nothing began."""
        return self.on_time / self.begun if self.begun else None


@dataclass(frozen=True, slots=True)
class Health:
    """How the loudspeakers of a village were; the newest of its players tells clock and disk."""

    players: int
    last_seen_at: datetime | None
    clock_state: str
    disk_free_bytes: int | None
    power_cuts: int
    output_failures: int
    media_incomplete: int
    clock_untrusted: int


@dataclass(frozen=True, slots=True)
class VillageFigures:
    """One village's."""

    name: str
    slug: str
    sums: Sums
    languages: Mapping[str, Sums]
    heard: Counter[str]
    health: Health


@dataclass(frozen=True, slots=True)
class Unheard:
    """An important announcement that aired whole not once in some villages, or of which people heard nothing."""

    announcement_uuid: UUID
    title: str
    priority: str
    not_aired: tuple[str, ...]
    said_silent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnAir:
    """One announcement over the span: how often it aired whole, in how many villages, and for how long in all."""

    announcement_uuid: UUID
    title: str
    priority: str
    times: int
    villages: int
    airtime_ms: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report tells.

    `effort_ms` is what nobody had to read aloud. `lateness` are the counts of `LATENESS` and of what lies beyond.
    `calls` and `exercises` are how many emergency calls sounded, real ones and drills; `stopped` of the real ones were
    ended by people while they sounded.
    """

    commune: str
    span: Span
    made_at: datetime
    sums: Sums
    villages: Sequence[VillageFigures]
    heat: Mapping[tuple[int, int], Counter[str]]
    lateness: Sequence[int]
    unheard: Sequence[Unheard]
    on_air: Sequence[OnAir]
    effort_ms: int
    calls: int
    stopped: int
    exercises: int
    set_aside: int
    comments: Sequence[tuple[str, str, str]]

    @property
    def languages(self) -> list[str]:
        """All languages in which something was planned."""
        return sorted({language for village in self.villages for language in village.languages})


def sums_of(groups: Iterable[Group]) -> Sums:
    """All groups together."""
    found = Sums()
    for group in groups:
        found.add(group)
    return found


def by_village(groups: Iterable[Group]) -> dict[int, list[Group]]:
    """The groups of each village id."""
    found: dict[int, list[Group]] = defaultdict(list)
    for group in groups:
        found[group.village_id].append(group)
    return found


def by_language(groups: Iterable[Group]) -> dict[str, Sums]:
    """Planned cues by language; what has none (a relay) is left out."""
    found: dict[str, Sums] = {}
    for group in groups:
        if group.language and group.is_planned:
            found.setdefault(group.language, Sums()).add(group)
    return found


def by_hour(groups: Iterable[Group]) -> dict[tuple[int, int], Counter[str]]:
    """By village id and hour: how many planned cues have which outcome."""
    found: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for group in groups:
        if group.is_planned:
            found[group.village_id, group.hour][group.outcome] += group.count
    return found
