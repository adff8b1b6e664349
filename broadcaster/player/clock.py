"""The player's time and how far to believe it. The only place of the player that asks the machine for the time.

Player time is the newest good comparison plus what the monotonic clock has counted since. Comparisons come from the
server's signed time, else from NTP or a hardware clock. A restart of the player within one start of the machine keeps
its comparison; after a power cut without a hardware clock and without a network it has none and is `untrusted`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import NamedTuple, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict

from broadcaster.player import machine
from broadcaster.player.errors import ClockRefused
from broadcaster.player.machine import TimeSource
from broadcaster.protocol import ClockState

JUMP_S = 60.0
FRESH_S = 24 * 3600.0
CRYSTAL = 50e-6
"""What a Raspberry Pi's crystal may be off: 4 s a day (docs/player.md)."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Sources(Protocol):
    """The machine's two clocks: the system's, or a test's own hands."""

    boot_id: str

    def wall(self) -> datetime:
        """Return the operating system's time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, by one each second, until the machine is switched off."""
        ...

    def set_by(self) -> TimeSource | None:
        """Tell who set the operating system's clock."""
        ...


class SystemSources:
    """The real clocks. The monotonic one counts suspended time too, where the system offers that."""

    def __init__(self) -> None:
        self.boot_id = machine.boot_id()

    def wall(self) -> datetime:
        """Return the operating system's time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since the machine was started."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) if machine.LINUX else time.monotonic()

    def set_by(self) -> TimeSource | None:
        """Tell who set the operating system's clock."""
        return machine.system_time_source()


class RoundTrip(NamedTuple):
    """One question to the server: monotonic seconds when it left and came back, and the time it brought."""

    sent: float
    received: float
    server_at: datetime


class Comparison(BaseModel):
    """What the time really was at one monotonic moment, by whom, and how wrong that may be."""

    model_config = ConfigDict(frozen=True)

    source: TimeSource
    true_at: AwareDatetime
    wall_at: AwareDatetime
    monotonic: float
    error_s: float
    boot_id: str

    def error_after(self, seconds: float) -> float:
        """Return the largest error in seconds to be expected so much later."""
        return self.error_s + CRYSTAL * max(0.0, seconds)


@dataclass(frozen=True)
class Reading:
    """One look at the clock: player time, belief, and player time minus the operating system's."""

    at: datetime
    state: ClockState
    offset_ms: float
    error_ms: float
    monotonic: float
    boot_id: str
    source: TimeSource | None = None


class PlayerClock:
    """Player time, aware UTC, and the state of belief in it (`trusted`, `drifting`, `untrusted`)."""

    def __init__(
        self,
        sources: Sources,
        comparison: Comparison | None = None,
        keep: Callable[[Comparison], None] = lambda _: None,
    ) -> None:
        """Take up a kept comparison when it is from this same start of the machine; `keep` is given each new one."""
        self._sources = sources
        self._keep = keep
        self._floor = EPOCH
        self._comparison = comparison if comparison and comparison.boot_id == sources.boot_id else None
        if self._comparison is None:
            self.ask_system()

    @property
    def boot_id(self) -> str:
        """The name of this start of the machine."""
        return self._sources.boot_id

    def wall(self) -> datetime:
        """Return the operating system's time, right or wrong: for notes that are compared on one machine only."""
        return self._sources.wall()

    def monotonic(self) -> float:
        """Return the monotonic clock in seconds."""
        return self._sources.monotonic()

    def now(self) -> datetime:
        """Return player time."""
        return self.at(self.monotonic())

    def at(self, monotonic: float) -> datetime:
        """Return the player time of a monotonic moment."""
        comparison = self._comparison
        if comparison is None:
            return self._sources.wall() + timedelta(seconds=monotonic - self.monotonic())
        return comparison.true_at + timedelta(seconds=monotonic - comparison.monotonic)

    def monotonic_at(self, at: datetime) -> float:
        """Return the monotonic moment of a player time: the inverse of `at`."""
        monotonic = self.monotonic()
        return monotonic + (at - self.at(monotonic)).total_seconds()

    def read(self) -> Reading:
        """Look at the clock."""
        monotonic, wall = self.monotonic(), self._sources.wall()
        at = self.at(monotonic)
        comparison = self._comparison
        error_s = comparison.error_after(monotonic - comparison.monotonic) if comparison else 0.0
        return Reading(
            at=at,
            state=self._state(at, monotonic, wall),
            offset_ms=round((at - wall) / timedelta(milliseconds=1), 3),
            error_ms=round(error_s * 1000, 3),
            monotonic=monotonic,
            boot_id=self.boot_id,
            source=comparison.source if comparison else None,
        )

    def believed(self) -> datetime | None:
        """Return player time, None while it is untrusted."""
        reading = self.read()
        return None if reading.state is ClockState.UNTRUSTED else reading.at

    def raise_floor(self, at: datetime) -> None:
        """Note an instant that has certainly passed; no clock of the machine's own is believed before it."""
        self._floor = max(self._floor, at)

    def compare(self, trips: Sequence[RoundTrip]) -> None:
        """Take the server's time from some round trips, if it is better than what we have or contradicts it.

        The half with the shortest round trips counts, and of that the median: a busy line is slow one way.
        """
        kept = sorted(trips, key=lambda trip: trip.received - trip.sent)[: (len(trips) + 1) // 2]
        offset = median((trip.server_at - EPOCH).total_seconds() - (trip.sent + trip.received) / 2 for trip in kept)
        monotonic = self.monotonic()
        error_s = (kept[-1].received - kept[-1].sent) / 2
        self._take(TimeSource.SERVER, EPOCH + timedelta(seconds=offset + monotonic), error_s, monotonic)

    def ask_system(self) -> None:
        """Believe the operating system's clock if NTP or a hardware clock set it and we have nothing as good.

        After a jump only the server can heal: whoever made the clock jump may also have named it synchronised.
        """
        source = self._sources.set_by()
        monotonic, wall = self.monotonic(), self._sources.wall()
        known = self._comparison
        if source is None or (known and (monotonic - known.monotonic <= FRESH_S or self._jumped(monotonic, wall))):
            return
        if known and known.source is TimeSource.PHONE and source is TimeSource.HARDWARE:
            return
        self._take(source, wall, 1.0, monotonic)

    def set_by_phone(self, at: datetime, error_s: float, valid_until: datetime) -> float:
        """Take the time of a phone that stands beside the player; the clock is `drifting` from then on.

        Args:
            at: the phone's time now, aware.
            error_s: how wrong it may be: half the round trip, and what a phone itself may be off.
            valid_until: the end of the manifest in force: nothing after it could air.

        Returns:
            Seconds by which player time was moved; to be journalled.

        Raises:
            ClockRefused: before the floor, not before `valid_until`, or the server or NTP gave the time within 24 h.
        """
        reading = self.read()
        if reading.state is ClockState.TRUSTED and reading.source in (TimeSource.SERVER, TimeSource.NTP):
            raise ClockRefused(f"The clock needs no phone: it was compared with {reading.source} within a day")
        if not self._floor <= at < valid_until:
            raise ClockRefused(
                f"{at:%Y-%m-%d %H:%M} UTC cannot be: it is after {self._floor:%Y-%m-%d %H:%M}"
                f" and before {valid_until:%Y-%m-%d %H:%M}. Look at the phone's own clock"
            )
        self._put(TimeSource.PHONE, at, error_s, reading.monotonic, self._sources.wall())
        return (at - reading.at).total_seconds()

    def _take(self, source: TimeSource, true_at: datetime, error_s: float, monotonic: float) -> None:
        wall = self._sources.wall()
        if self._improves(source, true_at, error_s, monotonic, wall):
            self._put(source, true_at, error_s, monotonic, wall)

    def _put(self, source: TimeSource, true_at: datetime, error_s: float, monotonic: float, wall: datetime) -> None:
        self._comparison = Comparison(
            source=source, true_at=true_at, wall_at=wall, monotonic=monotonic, error_s=error_s, boot_id=self.boot_id
        )
        self._keep(self._comparison)

    def _improves(
        self, source: TimeSource, true_at: datetime, error_s: float, monotonic: float, wall: datetime
    ) -> bool:
        known = self._comparison
        if known is None or self._jumped(monotonic, wall) or known.source != source:
            return True
        known_error = known.error_after(monotonic - known.monotonic)
        disagree = abs((true_at - self.at(monotonic)).total_seconds())
        return error_s <= known_error or disagree > error_s + known_error

    def _state(self, at: datetime, monotonic: float, wall: datetime) -> ClockState:
        known = self._comparison
        if known is None or self._jumped(monotonic, wall):
            return ClockState.UNTRUSTED
        # A flat battery gives a hardware clock of the year 2000; the server and NTP know better than any floor.
        if known.source is TimeSource.HARDWARE and at < self._floor:
            return ClockState.UNTRUSTED
        fresh = known.source is not TimeSource.PHONE and monotonic - known.monotonic <= FRESH_S
        return ClockState.TRUSTED if fresh else ClockState.DRIFTING

    def _jumped(self, monotonic: float, wall: datetime) -> bool:
        known = self._comparison
        if known is None:
            return False
        return abs((wall - known.wall_at).total_seconds() - (monotonic - known.monotonic)) > JUMP_S
