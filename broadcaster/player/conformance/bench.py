"""What a check works with: a village, the player under test as a process, and patience. Knows no rule."""

from collections.abc import Callable
from datetime import datetime, timedelta

from broadcaster.player.conformance.hands import Hands
from broadcaster.player.conformance.village import Village
from broadcaster.protocol import AsRunRow, Cue, Outcome, Reason

LEAD = timedelta(seconds=6)
"""Plans are made so long before: a slow machine must be able to fetch and open what is needed."""


class Broken(Exception):
    """The player broke the rule; the message tells how it was seen."""


class Bench:
    """One village and one player, for one check."""

    def __init__(self, village: Village, hands: Hands, patience_s: float) -> None:
        """The player may run already, and be paired with the village, from an earlier check."""
        self.village = village
        self.hands = hands
        self.patience_s = patience_s

    @property
    def slow(self) -> timedelta:
        """How much longer than a process takes it may take to stop or start the player."""
        return timedelta(seconds=self.hands.slow_s)

    def begin(self) -> None:
        """Pair, publish an empty plan, start, and wait until the player has it and trusts its clock."""
        self.introduce()
        manifest = self.village.publish()
        self.hands.start()
        self.until(
            lambda: any(beat.manifest_id == manifest.manifest_id for beat in self.village.heartbeats),
            "no heartbeat told of the first manifest",
        )

    def introduce(self) -> None:
        """Pair the player, if it is not; it may fail."""
        if not self.village.paired:
            self.hands.pair(self.village)

    def until(self, condition: Callable[[], object], otherwise: str, seconds: float | None = None) -> None:
        """Wait for something that the player's requests bring.

        Raises:
            Broken: it did not happen in time; `otherwise` says what was missed.
        """
        seconds = self.patience_s if seconds is None else seconds
        with self.village.news:
            if not self.village.news.wait_for(condition, seconds):
                raise Broken(f"{otherwise} (waited {seconds:g} s)")

    def pass_by(self, at: datetime, never: Callable[[], object], otherwise: str) -> None:
        """Let the village's time pass until `at`.

        Raises:
            Broken: what must never happen did.
        """
        seconds = max(0.0, (at - self.village.now()).total_seconds())
        with self.village.news:
            if self.village.news.wait_for(never, seconds):
                raise Broken(otherwise)

    def wait_for(self, at: datetime) -> None:
        """Let the village's time pass until `at`."""
        self.pass_by(at, lambda: False, "")

    def soon(self) -> datetime:
        """When the next plan may begin."""
        return self.village.now() + LEAD

    def ended(self, key: str, outcome: Outcome, reason: Reason | None = None, seconds: float | None = None) -> AsRunRow:
        """Wait for a cue's row and hold it against what it must say."""
        self.until(lambda: self.village.row(key), f"no row of the cue {key!r} came", seconds)
        row = self.village.row(key)
        assert row is not None
        expect(
            (row.outcome, row.reason) == (outcome, reason),
            f"the row of {key!r} says {_said(row.outcome, row.reason)}, not {_said(outcome, reason)}",
        )
        return row

    def aired(self, key: str, seconds: float | None = None) -> AsRunRow:
        """Wait for the row of a cue that must have been aired whole."""
        return self.ended(key, Outcome.AIRED, None, seconds)


def expect(held: object, otherwise: str) -> None:
    """Hold the player to something.

    Raises:
        Broken: with what was seen instead.
    """
    if not held:
        raise Broken(otherwise)


def cue(key: str, sha256: str, *, at_s: float = 0.0, lasts_s: float = 1.0, latest_s: float = 60.0) -> Cue:
    """Plan one object; times in seconds from the occurrence's start, `latest_s` from the cue's own."""
    at_ms = round(at_s * 1000)
    return Cue(
        key=key,
        offset_ms=at_ms,
        duration_ms=round(lasts_s * 1000),
        latest_start_ms=at_ms + round(latest_s * 1000),
        media=(sha256,),
        title=key,
    )


def _said(outcome: Outcome, reason: Reason | None) -> str:
    return f"{outcome}/{reason}" if reason else str(outcome)
