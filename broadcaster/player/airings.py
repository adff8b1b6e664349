"""What is in the device's hands, and what the device tells of it: the journal's rows follow.

A row is on the disk before the device has the sound. Who placed a sound is told when it begins and when it is over;
nothing here decides what sounds.
"""

import logging
import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from uuid import UUID

from broadcaster.player.clock import PlayerClock
from broadcaster.player.hearing.judging import UNKNOWN
from broadcaster.player.hearing.listening import Ears
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.plan.programme import PlannedCue
from broadcaster.player.plan.timeline import TOLERANCE
from broadcaster.player.relay.sound import RelaySound
from broadcaster.player.sound.feed import Began, Ended, Event, Feed, Sound
from broadcaster.player.sound.pcm import RATE_HZ, Limited
from broadcaster.protocol import AsRunRow, Outcome, Reason

log = logging.getLogger(__name__)
MARK_S = 5.0
ALERT_MARK_S = 1.0
"""An alert's sounding time is limited: a crash must not lose much of what was counted."""
LOSES_BUFFER = (Reason.OUTPUT_FAILED, Reason.SHUT_DOWN)
"""When a sound is broken off for these, what the device had taken but not yet sounded is never heard."""
TORN = 1 / 20
"""A sound in which the device was silent for more than this share of its length was not aired whole."""


@dataclass
class Airing:
    """A sound in the device's hands: `row` is what the journal says of it now, `began` its first frame (monotonic).

    `on_over` is told whether the row stands; it does not where nothing was heard: then it may still air.
    """

    cue: PlannedCue
    row: AsRunRow
    ends_at: datetime
    marked: float
    on_over: "Callable[[Airing, bool], None]"
    on_begun: "Callable[[Airing], None]" = lambda _: None
    began: float = math.inf
    relay: RelaySound | None = None
    limited: Limited | None = None
    cut_by_alert: bool = False

    @property
    def is_alert(self) -> bool:
        """Whether it is a repeat of an alert."""
        return self.row.alert_version is not None


class Airings:
    """All sounds in the device's hands. One thread owns it; the device's thread only tells."""

    def __init__(
        self,
        clock: PlayerClock,
        journal: Journal,
        output_offset: Callable[[], timedelta],
        ring: Callable[[], None],
        ears: Ears,
    ) -> None:
        """`output_offset` is how much later than the device says a sound is heard; `ring` is called on its news."""
        self._clock = clock
        self._journal = journal
        self._output_offset = output_offset
        self._ring = ring
        self._ears = ears
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._told: deque[Event] = deque()
        self._airing: dict[UUID, Airing] = {}
        self.feed = Feed(self._hear, ears.played)

    def __iter__(self) -> Iterator[Airing]:
        return iter(list(self._airing.values()))

    def place(self, airing: Airing, sound: Sound) -> None:
        """Write the row, then hand the sound to the device."""
        self._journal.begin(airing.row)
        self._airing[airing.row.row_uuid] = airing
        self.feed.place(sound)

    def miss(self, row: AsRunRow) -> None:
        """Write the row of something that did not sound."""
        self._journal.skip([row])

    def told_at(self) -> list[float]:
        """Return the monotonic moments at which what the device told ahead will have happened."""
        return [event.at for event in self._told]

    def hear_back(self) -> None:
        """Write what has happened since the last turn."""
        self._note_events(until=self._clock.monotonic())

    def _hear(self, event: Event) -> None:
        self._events.put(event)
        self._ring()

    def _note_events(self, until: float = math.inf) -> None:
        """Note what has happened by a monotonic moment: a device tells ahead, by the length of its buffer."""
        with suppress(Empty):
            while event := self._events.get_nowait():
                self._told.append(event)
        while self._told and self._told[0].at <= until:
            event = self._told.popleft()
            airing = self._airing.get(event.row_uuid)
            if airing is None:
                continue
            if isinstance(event, Began):
                self._begun(airing, event)
            else:
                self._over(airing, event)

    def _begun(self, airing: Airing, event: Began) -> None:
        started_at = self._clock.at(event.at) + self._output_offset()
        late = round((started_at - airing.cue.at) / timedelta(milliseconds=1))
        airing.ends_at = airing.cue.ends_at(started_at)
        airing.row = airing.row.model_copy(update={"started_at": started_at, "late_ms": late})
        airing.marked = airing.began = event.at
        self._journal.mark(airing.row)
        self._ears.begin(event.at, self._output_offset().total_seconds())
        log.info("cue_started", extra={"cue": airing.cue.id[1], "late_ms": late})
        airing.on_begun(airing)

    def _over(self, airing: Airing, event: Ended) -> None:
        outcome, reason = Outcome.AIRED, None
        if event.failed:
            outcome = Outcome.PARTIAL if event.frames else Outcome.FAILED
            reason = Reason.MEDIA_INCOMPLETE
        elif not event.whole:
            cutter = self._airing.get(event.cut_by) if event.cut_by else None
            airing.cut_by_alert = cutter is not None and cutter.is_alert
            outcome, reason = Outcome.PARTIAL, Reason.INTERRUPTED
        elif airing.limited and airing.limited.cut:
            outcome, reason = Outcome.PARTIAL, Reason.EXPIRED
        elif was_torn(airing, event):
            outcome, reason = Outcome.PARTIAL, Reason.OUTPUT_FAILED
        elif event.silenced:
            outcome, reason = Outcome.FAILED, Reason.OUTPUT_SILENT
        elif airing.relay:
            outcome, reason = airing.relay.verdict()
        ended_at = self._clock.at(event.at) + self._output_offset()
        self._close(airing, outcome, reason, ended_at, event.frames)

    def break_off(self, airing: Airing, reason: Reason, *, by_alert: bool = False) -> None:
        """Take a sound from the device. One of which nothing was heard has no row and may still air."""
        airing.cut_by_alert = by_alert
        frames = self.feed.withdraw(airing.row.row_uuid)
        if reason in LOSES_BUFFER:
            frames = self._heard(airing, frames)
        self._note_events()
        if airing.row.row_uuid not in self._airing:
            return
        if frames:
            self._close(airing, Outcome.PARTIAL, reason, self._clock.now(), frames)
            return
        del self._airing[airing.row.row_uuid]
        self._journal.take_back(airing.row.row_uuid)
        airing.on_over(airing, False)

    def _heard(self, airing: Airing, frames: int) -> int:
        """Return how many of a sound's frames have sounded by now; what was told of the others will not happen."""
        now = self._clock.monotonic()
        self._note_events(until=now)
        told = [event for event in self._told if event.row_uuid == airing.row.row_uuid]
        self._told = deque(event for event in self._told if event not in told)
        frames = max([frames, *(event.frames for event in told if isinstance(event, Ended))])
        return min(frames, round(max(0.0, now - airing.began) * RATE_HZ))

    def _close(self, airing: Airing, outcome: Outcome, reason: Reason | None, ended_at: datetime, frames: int) -> None:
        if airing.relay:
            frames = min(frames, airing.relay.sounded)
        facts: dict[str, object] = {
            "outcome": outcome,
            "reason": reason,
            "ended_at": ended_at,
            "position_ms": frames * 1000 // RATE_HZ,
        }
        heard = self._ears.verdict() if airing.row.started_at else UNKNOWN
        facts |= {"heard": heard.heard, "heard_score": heard.score}
        del self._airing[airing.row.row_uuid]
        airing.row = airing.row.model_copy(update=facts)
        self._journal.end(airing.row, cut_by_alert=airing.cut_by_alert and not airing.is_alert)
        log.info("cue_over", extra={"cue": airing.cue.id[1], "outcome": outcome, "reason": reason})
        airing.on_over(airing, True)

    def mark(self) -> None:
        """Note every few seconds how far what sounds has come: all that a power cut leaves of it."""
        monotonic = self._clock.monotonic()
        for airing in self:
            each = ALERT_MARK_S if airing.is_alert else MARK_S
            if airing.row.started_at and monotonic - airing.marked >= each:
                airing.marked = monotonic
                position = max(0, round((self._clock.now() - airing.row.started_at) / timedelta(milliseconds=1)))
                if airing.relay:
                    position = min(position, airing.relay.sounded * 1000 // RATE_HZ)
                airing.row = airing.row.model_copy(update={"position_ms": position})
                self._journal.mark(airing.row)


def was_torn(airing: Airing, event: Ended) -> bool:
    """Tell whether a sound has too much silence in it, from a device that ran dry or a decoder that was slow."""
    silence = event.at - airing.began - event.frames / RATE_HZ
    return silence > max(TOLERANCE.total_seconds(), TORN * event.frames / RATE_HZ)
