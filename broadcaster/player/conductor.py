"""Carries out what the timeline decides: prepares sounds, writes the journal, hands to the device, hears back.

One thread owns everything here and calls `turn`; others only `ring` through `bell`. The journal's row is on the disk
before the device has the sound.
"""

import logging
import math
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from uuid import UUID, uuid4

from broadcaster.player.ahead import PREPARE, Ahead, relays_near
from broadcaster.player.cache import Cache
from broadcaster.player.clock import PlayerClock, Reading
from broadcaster.player.errors import OutputFailed
from broadcaster.player.feed import Began, Ended, Event, Feed, Sound
from broadcaster.player.journal import Journal
from broadcaster.player.manifests import Manifests
from broadcaster.player.output.base import Output, Session
from broadcaster.player.pcm import RATE_HZ
from broadcaster.player.playlists import Playlists
from broadcaster.player.programme import CueId, PlannedCue, Programme
from broadcaster.player.relay.sound import RelaySound
from broadcaster.player.timeline import EMERGENCY, TOLERANCE, Facts, OnAir, Play, Skip, agenda, cuts
from broadcaster.protocol import AsRunRow, ClockState, Outcome, Reason

log = logging.getLogger(__name__)
HAND_OVER = timedelta(seconds=1.5)
"""The row is written and the sound handed over this long before: a slow card may need most of it."""
LINGER = timedelta(seconds=1)
MARK_S = 5.0
WATCH_S = 1.0
"""An open device is looked at this often: one that hangs does not say so."""
LONGEST_WAIT_S = 60.0
REOPEN_S = (1.0, 30.0)
LOSES_BUFFER = (Reason.OUTPUT_FAILED, Reason.SHUT_DOWN)
"""When a cue is broken off for these, what the device had taken but not yet sounded is never heard."""
REJOINED = (Reason.INTERRUPTED, Reason.POWER_CUT, Reason.SHUT_DOWN, Reason.OUTPUT_FAILED)
"""A relay broken off for these is joined again while it lasts: live sound repeats nothing."""
TORN = 1 / 20
"""A cue in which the device was silent for more than this share of its length was not aired whole."""


@dataclass
class Airing:
    """A cue in the device's hands: `row` is what the journal says of it now, `began` its first frame (monotonic)."""

    cue: PlannedCue
    row: AsRunRow
    ends_at: datetime
    marked: float
    began: float = math.inf
    relay: RelaySound | None = None


class Conductor:
    """The player's main loop, one `turn` at a time."""

    def __init__(
        self,
        *,
        clock: PlayerClock,
        journal: Journal,
        manifests: Manifests,
        playlists: Playlists,
        cache: Cache,
        make_output: Callable[[Feed], Output],
        bell: threading.Event,
    ) -> None:
        """`bell` is set by whoever has news; `make_output` gets the feed that its device shall pull."""
        self._clock = clock
        self._journal = journal
        self._manifests = manifests
        self._playlists = playlists
        self._cache = cache
        self._ahead = Ahead(cache, clock.monotonic, bell.set)
        self._bell = bell
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._told: deque[Event] = deque()
        self.feed = Feed(self._hear)
        self.output = make_output(self.feed)
        self._started = clock.monotonic()
        self._born_at: datetime | None = None
        self._clockless_since: float | None = None
        self._clockless: tuple[datetime, datetime] | None = None
        self._programme: Programme | None = None
        self._done: set[CueId] = set()
        self._attempts: dict[CueId, int] = {}
        self._airing: dict[UUID, Airing] = {}
        self._sessions: dict[UUID, Session] = {}
        self._closed_at: dict[UUID, datetime] = {}
        self._output_failures = 0
        self._reopen_at = 0.0

    def now_playing(self) -> tuple[str, datetime] | None:
        """Return title and end of what sounds."""
        sounding = [airing for airing in list(self._airing.values()) if airing.row.started_at]
        return (sounding[0].cue.title or sounding[0].cue.id[1], sounding[0].ends_at) if sounding else None

    def turn(self) -> float:
        """Do all that is due; return the seconds that may pass until the next turn, unless the bell rings."""
        self._hear_back()
        reading = self._clock.read()
        self._watch_clock(reading)
        manifest = self._manifests.current
        if manifest is None or self._born_at is None:
            return LONGEST_WAIT_S
        programme = self._take_up(self._playlists.programme(manifest))
        self._drop_withdrawn(programme, reading.at)
        facts = self._facts(reading, self._born_at)
        plan = agenda(programme, facts, reading.at)
        self._skip(plan.skips, reading)
        self._mark()
        until = [plan.look_again_at] if plan.look_again_at else []
        until += self._open_ahead(programme, plan.play, reading)
        if plan.play:
            until += [self._approach(plan.play, reading)]
        until += self._keep_open(programme, reading)
        waits = [(instant - self._clock.now()).total_seconds() for instant in until]
        limit = WATCH_S if self._sessions else LONGEST_WAIT_S
        monotonic = self._clock.monotonic()
        waits += [event.at - monotonic for event in self._told]
        waits += [self._reopen_at - monotonic] if self._reopen_at > reading.monotonic else []
        return max(0.0, min([limit, *waits]))

    def level_dbfs(self) -> float | None:
        """Return the highest level since the last call."""
        return self.feed.take_peak_dbfs()

    def shut_down(self) -> None:
        """Stop what sounds, journal it, close the device."""
        self._hear_back()
        for airing in list(self._airing.values()):
            self._break_off(airing, Reason.SHUT_DOWN)
        self._ahead.want(())
        self.output.keep_open(())

    def _hear(self, event: Event) -> None:
        self._events.put(event)
        self._bell.set()

    def _hear_back(self) -> None:
        """Write what the device has told since the last turn, and whether it went away."""
        self._note_events(until=self._clock.monotonic())
        if self.output.failed():
            self._lose_output("the device went away")
            for airing in list(self._airing.values()):
                self._break_off(airing, Reason.OUTPUT_FAILED)

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
        log.info("cue_started", extra={"cue": airing.cue.id[1], "late_ms": late})

    def _over(self, airing: Airing, event: Ended) -> None:
        outcome, reason = Outcome.AIRED, None
        if event.failed:
            outcome = Outcome.PARTIAL if event.frames else Outcome.FAILED
            reason = Reason.MEDIA_INCOMPLETE
        elif not event.whole:
            outcome, reason = Outcome.PARTIAL, Reason.INTERRUPTED
        elif _torn(airing, event):
            outcome, reason = Outcome.PARTIAL, Reason.OUTPUT_FAILED
        elif airing.relay:
            outcome, reason = airing.relay.verdict()
        ended_at = self._clock.at(event.at) + self._output_offset()
        self._close(airing, outcome, reason, ended_at, event.frames)

    def _break_off(self, airing: Airing, reason: Reason) -> None:
        """Take a cue from the device. One of which nothing was heard has no row and may still air."""
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
        self._done.discard(airing.cue.id)
        self._attempts[airing.cue.id] -= 1
        self._journal.take_back(airing.row.row_uuid)

    def _heard(self, airing: Airing, frames: int) -> int:
        """Return how many of a cue's frames have sounded by now; what was told of the others will not happen."""
        now = self._clock.monotonic()
        self._note_events(until=now)
        told = [event for event in self._told if event.row_uuid == airing.row.row_uuid]
        self._told = deque(event for event in self._told if event not in told)
        frames = max([frames, *(event.frames for event in told if isinstance(event, Ended))])
        return min(frames, round(max(0.0, now - airing.began) * RATE_HZ))

    def _close(self, airing: Airing, outcome: Outcome, reason: Reason | None, ended_at: datetime, frames: int) -> None:
        if airing.relay:
            frames = min(frames, airing.relay.sounded)
        facts = {"outcome": outcome, "reason": reason, "ended_at": ended_at, "position_ms": frames * 1000 // RATE_HZ}
        del self._airing[airing.row.row_uuid]
        if airing.relay and reason in REJOINED:
            self._done.discard(airing.cue.id)
        self._closed_at[airing.cue.occurrence.occurrence_uuid] = ended_at
        self._journal.end(airing.row.model_copy(update=facts))
        log.info("cue_over", extra={"cue": airing.cue.id[1], "outcome": outcome, "reason": reason})

    def _watch_clock(self, reading: Reading) -> None:
        """Remember the span in which nothing could be decided, and from when on this journal knows everything."""
        if reading.state is ClockState.UNTRUSTED:
            self._clockless_since = self._clockless_since or reading.monotonic
            return
        if self._clockless_since is not None:
            # Told by today's belief: yesterday's reading may have been of 1970.
            self._clockless = (self._clock.at(self._clockless_since), reading.at)
            self._clockless_since = None
        if self._born_at is None:
            self._journal.set_born_at(self._clock.at(self._started))
            self._born_at = self._journal.born_at()

    def _take_up(self, programme: Programme) -> Programme:
        if programme is not self._programme:
            self._programme = programme
            known = self._journal.done({occurrence.occurrence_uuid for occurrence in programme.manifest.occurrences})
            sounding = {airing.cue.id for airing in self._airing.values()}
            relays = {cue.id for cue in programme.cues if cue.relay} - sounding
            self._attempts = {cue: attempts.number for cue, attempts in known.items()}
            self._done = {cue for cue, it in known.items() if cue not in relays or it.reason not in REJOINED}
        return programme

    def _drop_withdrawn(self, programme: Programme, now: datetime) -> None:
        for airing in list(self._airing.values()):
            # A manifest also lets go of what is over; a cue that ends a little after its occurrence is not withdrawn.
            if now < airing.cue.occurrence.ends_at and not programme.holds(airing.cue.id):
                self._break_off(airing, Reason.WITHDRAWN)

    def _facts(self, reading: Reading, born_at: datetime) -> Facts:
        return Facts(
            clock_state=reading.state,
            done=self._done,
            present=self._cache.present,
            born_at=born_at,
            on_air=[OnAir(airing.cue, airing.ends_at) for airing in self._airing.values()],
            output_ready=self._clock.monotonic() >= self._reopen_at,
            clockless=self._clockless,
        )

    def _skip(self, skips: tuple[Skip, ...], reading: Reading) -> None:
        if skips:
            # A relay that was to be joined again has its row already.
            fresh = [skip for skip in skips if not self._attempts.get(skip.cue.id)]
            self._journal.skip(self._row(skip.cue, reading, skip.outcome, skip.reason) for skip in fresh)
            self._done |= {skip.cue.id for skip in skips}
            log.info("cues_skipped", extra={"cues": [(skip.cue.id[1], skip.reason.value) for skip in skips]})

    def _approach(self, play: Play, reading: Reading) -> datetime:
        """Hand the next sound over when its time is near and it is ready; return when to look again."""
        if play.at - reading.at > PREPARE:
            return play.at - PREPARE
        if play.at - reading.at > HAND_OVER:
            return play.at - HAND_OVER
        if not self._ahead.ready(play.cue):
            return reading.at + PREPARE
        self._hand_over(play, reading)
        return reading.at

    def _open_ahead(self, programme: Programme, play: Play | None, reading: Reading) -> list[datetime]:
        """Open what sounds soon and tune in to relays; return when the next relay is near."""
        trusted = reading.state is not ClockState.UNTRUSTED
        known = [cue for cue in programme.cues if trusted and self._born_at and cue.at >= self._born_at]
        relays, next_at = relays_near(known, self._done, reading.at)
        self._ahead.want([*relays, *([play.cue] if play and play.at - reading.at <= PREPARE else [])])
        return [next_at] if next_at else []

    def _hand_over(self, play: Play, reading: Reading) -> None:
        for airing in list(self._airing.values()):
            if cuts(play.cue, airing.cue) and not airing.row.started_at:
                self._break_off(airing, Reason.INTERRUPTED)
        self._sessions.setdefault(play.cue.occurrence.occurrence_uuid, self._session(play.cue))
        if not self._open_output():
            return
        row = self._row(play.cue, reading, Outcome.PARTIAL, Reason.POWER_CUT)
        self._journal.begin(row)
        self._attempts[play.cue.id] = row.attempt
        self._done.add(play.cue.id)
        opened = self._ahead.take(play.cue)
        ends_at = play.cue.ends_at(play.at)
        relay = opened if isinstance(opened, RelaySound) else None
        if relay:
            relay.lasts(round((ends_at - play.at).total_seconds() * RATE_HZ))
        self._airing[row.row_uuid] = Airing(play.cue, row, ends_at, self._clock.monotonic(), relay=relay)
        starts = self._clock.monotonic_at(play.at - self._output_offset())
        emergency = play.cue.rank == EMERGENCY
        self.feed.place(Sound(row.row_uuid, opened, starts, row.volume_percent / 100, play.cue.rank, cuts=emergency))

    def _row(self, cue: PlannedCue, reading: Reading, outcome: Outcome, reason: Reason) -> AsRunRow:
        manifest = self._programme.manifest if self._programme else None
        return AsRunRow(
            row_uuid=uuid4(),
            occurrence_uuid=cue.id[0],
            cue_key=cue.id[1],
            attempt=self._attempts.get(cue.id, 0) + 1,
            media=cue.media,
            title=cue.title[:300],
            planned_at=cue.at,
            outcome=outcome,
            reason=reason,
            clock_state=reading.state,
            clock_offset_ms=reading.offset_ms,
            boot_id=reading.boot_id[:64],
            monotonic_ms=max(0, int(reading.monotonic * 1000)),
            manifest_id=manifest.manifest_id if manifest else 0,
            volume_percent=manifest.settings.volume_percent if manifest else 100,
        )

    def _mark(self) -> None:
        """Note every few seconds how far a sounding cue has come: all that a power cut leaves of it."""
        monotonic = self._clock.monotonic()
        for airing in self._airing.values():
            if airing.row.started_at and monotonic - airing.marked >= MARK_S:
                airing.marked = monotonic
                position = max(0, round((self._clock.now() - airing.row.started_at) / timedelta(milliseconds=1)))
                if airing.relay:
                    position = min(position, airing.relay.sounded * 1000 // RATE_HZ)
                airing.row = airing.row.model_copy(update={"position_ms": position})
                self._journal.mark(airing.row)

    def _keep_open(self, programme: Programme, reading: Reading) -> list[datetime]:
        """Have the device open for occurrences near or under way; return when that changes by itself."""
        now = reading.at
        sounding = {airing.cue.occurrence.occurrence_uuid for airing in self._airing.values()}
        changes = []
        near: dict[UUID, PlannedCue] = {}
        if reading.state is not ClockState.UNTRUSTED:
            for cue in programme.cues:
                occurrence = cue.occurrence
                if cue.id in self._done or now >= occurrence.ends_at or cue.at < (self._born_at or now):
                    continue
                if occurrence.starts_at - PREPARE > now:
                    changes.append(occurrence.starts_at - PREPARE)
                    continue
                near.setdefault(occurrence.occurrence_uuid, cue)
        self._closed_at = {
            occurrence: closed
            for occurrence, closed in self._closed_at.items()
            if occurrence in self._sessions and closed + LINGER > now
        }
        changes += [closed + LINGER for closed in self._closed_at.values()]
        wanted = near.keys() | sounding | self._closed_at.keys()
        self._sessions = {
            occurrence: session for occurrence, session in self._sessions.items() if occurrence in wanted
        } | {occurrence: self._session(cue) for occurrence, cue in near.items() if occurrence not in self._sessions}
        self._open_output()
        return changes

    def _session(self, cue: PlannedCue) -> Session:
        starts_at = cue.occurrence.starts_at
        return Session(cue.occurrence.occurrence_uuid, starts_at, self._clock.monotonic_at(starts_at))

    def _open_output(self) -> bool:
        if self._clock.monotonic() < self._reopen_at:
            return False
        try:
            self.output.keep_open(tuple(self._sessions.values()))
        except OutputFailed as error:
            self._lose_output(str(error))
            return False
        if self._sessions and self._output_failures:
            self._output_failures = 0
            log.info("output_back")
        return True

    def _lose_output(self, why: str) -> None:
        pause = min(REOPEN_S[0] * 2**self._output_failures, REOPEN_S[1])
        self._output_failures += 1
        self._reopen_at = self._clock.monotonic() + pause
        log.error("output_failed", extra={"why": why, "again_in_s": pause})

    def _output_offset(self) -> timedelta:
        """Return how much later than the device says the sound leaves the loudspeaker (a setting of the village)."""
        manifest = self._manifests.current
        return timedelta(milliseconds=manifest.settings.output_offset_ms if manifest else 0)


def _torn(airing: Airing, event: Ended) -> bool:
    """Tell whether a cue has too much silence in it, from a device that ran dry or a decoder that was slow."""
    silence = event.at - airing.began - event.frames / RATE_HZ
    return silence > max(TOLERANCE.total_seconds(), TORN * event.frames / RATE_HZ)
