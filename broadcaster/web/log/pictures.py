"""What pictures of the log show, worked out here and drawn by `templates/log/_pictures.html` as SVG.

Every picture has a title and a text that says the same; no colour stands without a number or a sign beside it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from broadcaster.asrun.queries import VillageLog
from broadcaster.asrun.reckoning import Shown
from content.kernel.nodes import Node


class Tint(StrEnum):
    """How a place of a heat map stands, in the names of its classes."""

    GOOD = "all-heard"
    CARE = "some-unheard"
    BAD = "none-heard"
    WAITING = "not-yet"


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a heat map: `heard` whole of `due`; what is not due yet is in neither."""

    heard: int
    due: int
    ahead: int = 0

    @property
    def tint(self) -> Tint:
        """Its colour."""
        if not self.due:
            return Tint.WAITING
        if self.heard == self.due:
            return Tint.GOOD
        return Tint.CARE if self.heard else Tint.BAD

    @property
    def sign(self) -> str:
        """What stands in it: a tick, or how many were not heard."""
        if not self.due:
            return "…"
        return "✓" if self.heard == self.due else f"−{self.due - self.heard}"


@dataclass(frozen=True, slots=True)
class Heat:
    """A heat map: rows with their names and addresses, columns of hours."""

    hours: tuple[int, ...]
    rows: tuple[tuple[str, str, tuple[Cell | None, ...]], ...]


def cell_of(outcomes: Mapping[str, int]) -> Cell:
    """The place of so many cues of each outcome."""
    ahead = outcomes.get(Shown.WAITING, 0)
    heard = outcomes.get(Shown.AIRED, 0) + outcomes.get(Shown.STOPPED, 0)
    return Cell(heard, sum(outcomes.values()) - ahead, ahead)


def heat(rows: Sequence[tuple[str, str, Mapping[int, Mapping[str, int]]]]) -> Heat:
    """Rows of outcomes by hour, cut to the hours in which there was anything."""
    used = sorted({hour for _, _, by_hour in rows for hour in by_hour})
    hours = tuple(range(used[0], used[-1] + 1)) if used else ()
    return Heat(
        hours,
        tuple(
            (name, address, tuple(cell_of(by_hour[hour]) if hour in by_hour else None for hour in hours))
            for name, address, by_hour in rows
        ),
    )


def heat_of_day(logs: Iterable[VillageLog]) -> Heat:
    """Villages x hours of a day; exercises are left out."""
    rows = []
    for log in logs:
        by_hour: dict[int, Counter[str]] = {}
        for line in log.lines:
            if not line.is_exercise:
                by_hour.setdefault(line.hour, Counter())[line.outcome] += 1
        rows.append((log.village.name, log.village.slug, by_hour))
    return heat(rows)


def heat_of_week(
    days: Sequence[date], outcomes: Mapping[tuple[date, int], Mapping[Shown, int]], names: Mapping[date, str]
) -> Heat:
    """Days x hours of one village's week."""
    rows = []
    for day in days:
        by_hour = {hour: {str(k): n for k, n in found.items()} for (on, hour), found in outcomes.items() if on == day}
        rows.append((names[day], day.isoformat(), by_hour))
    return heat(rows)


def heat_of_villages(villages: Sequence[Node], outcomes: Mapping[tuple[int, int], Mapping[str, int]]) -> Heat:
    """Villages x hours over any span; `outcomes` by village id and hour."""
    rows = [
        (village.name, village.slug, {hour: found for (place, hour), found in outcomes.items() if place == village.id})
        for village in villages
    ]
    return heat(rows)
