"""Carries out what the timeline decides: opens sounds ahead, hands them to the device, remembers what was begun.

One thread owns everything here and calls `turn`; others only `ring` through `bell`. Alerts go first in each turn
(`alerts/sounding.py`); what the device tells is `airings.py`, what keeps it open `device.py`.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from broadcaster.player.ahead import PREPARE, Ahead, occurrences_near, relays_near
from broadcaster.player.airings import Airing, Airings
from broadcaster.player.alerts.desk import Alerts
from broadcaster.player.alerts.records import Records
from broadcaster.player.alerts.sounding import Soundings
from broadcaster.player.clock import PlayerClock, Reading
from broadcaster.player.device import Device
from broadcaster.player.hearing.listening import Ears
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.keeping.manifests import Manifests
from broadcaster.player.keeping.playlists import Playlists
from broadcaster.player.output.base import Output, Session
from broadcaster.player.plan.beyond import Beyond
from broadcaster.player.plan.programme import CueId, PlannedCue, Programme
from broadcaster.player.plan.timeline import (
    EMERGENCY,
    REJOINED,
    Facts,
    OnAir,
    Play,
    Skip,
    agenda,
    begins_again,
    cuts,
)
from broadcaster.player.relay.sound import RelaySound
from broadcaster.player.sound.feed import Feed, Sound
from broadcaster.player.sound.knob import Knob
from broadcaster.player.sound.pcm import RATE_HZ
from broadcaster.protocol import AsRunRow, ClockState, Outcome, PlayerSettings, Reason

log = logging.getLogger(__name__)
HAND_OVER = timedelta(seconds=1.5)
"""The row is written and the sound handed over this long before: a slow card may need most of it."""
LINGER = timedelta(seconds=1)
WATCH_S = 1.0
"""An open device is looked at this often: one that hangs does not say so."""
LONGEST_WAIT_S = 60.0


class Conductor:
    """The player's main loop, one `turn` at a time."""

    def __init__(  # noqa: PLR0913 - its parts, by name
        self,
        *,
        clock: PlayerClock,
        journal: Journal,
        manifests: Manifests,
        playlists: Playlists,
        cache: Cache,
        alerts: Alerts,
        make_device: Callable[[Feed], Device],
        ears: Ears,
        knob: Knob,
        bell: threading.Event,
    ) -> None:
        """`bell` is set by whoever has news; `make_device` gets the feed that its output shall pull."""
        self._ears = ears
        self._knob = knob
        self._clock = clock
        self._journal = journal
        self._manifests = manifests
        self._playlists = playlists
        self._cache = cache
        self._ahead = Ahead(cache, clock.monotonic, bell.set)
        self._airings = Airings(clock, journal, self._output_offset, bell.set, ears)
        self.feed = self._airings.feed
        self._device = make_device(self.feed)
        self._soundings = Soundings(
            alerts=alerts,
            records=Records(journal, cache, clock),
            airings=self._airings,
            device=self._device,
            cache=cache,
            clock=clock,
            manifest=lambda: manifests.current,
            ring=bell.set,
        )
        self._started = clock.monotonic()
        self._born_at: datetime | None = None
        self._clockless_since: float | None = None
        self._clockless: tuple[datetime, datetime] | None = None
        self._beyond = Beyond()
        self._programme: Programme | None = None
        self._done: set[CueId] = set()
        self._attempts: dict[CueId, int] = {}
        self._cut_by_alert: set[CueId] = set()
        self._closed_at: dict[UUID, datetime] = {}

    @property
    def output(self) -> Output:
        """The device."""
        return self._device.output

    @property
    def troubles(self) -> dict[str, str]:
        """What of the device and the amplifier is not there, and why."""
        return self._device.troubles

    def now_playing(self) -> tuple[str, datetime] | None:
        """Return title and end of what sounds."""
        sounding = [airing for airing in self._airings if airing.row.started_at]
        return (sounding[0].cue.title or sounding[0].cue.id[1], sounding[0].ends_at) if sounding else None

    def turn(self) -> float:
        """Do all that is due; return the seconds that may pass until the next turn, unless the bell rings."""
        self._hear_back()
        reading = self._clock.read()
        self._watch_clock(reading)
        alert = self._soundings.turn(reading)
        until, wanted = self._play_on(reading, held=alert.held)
        self._device.keep(wanted | alert.sessions)
        self._ears.keep_open(wanted=self._device.wanted)
        monotonic = self._clock.monotonic()
        waits = [(min(until) - self._clock.now()).total_seconds()] if until else []
        waits += alert.waits
        waits += [at - monotonic for at in self._airings.told_at()]
        waits += [self._device.again_at - monotonic] if self._device.again_at > reading.monotonic else []
        limit = WATCH_S if self._device.wanted else LONGEST_WAIT_S
        return max(0.0, min([limit, *waits]))

    def level_dbfs(self) -> float | None:
        """Return the highest level since the last call."""
        return self.feed.take_peak_dbfs()

    def shut_down(self) -> None:
        """Stop what sounds, journal it, close the device."""
        self._hear_back()
        for airing in self._airings:
            self._airings.break_off(airing, Reason.SHUT_DOWN)
        self._ahead.want(())
        self._soundings.close()
        self._device.close()
        self._ears.keep_open(wanted=False)

    def _hear_back(self) -> None:
        """Write what the device has told since the last turn, and whether it went away."""
        self._airings.hear_back()
        if self._device.lost():
            for airing in self._airings:
                self._airings.break_off(airing, Reason.OUTPUT_FAILED)

    def _play_on(self, reading: Reading, *, held: bool) -> tuple[list[datetime], set[UUID]]:
        """Follow the plan; return when to look again and the occurrences that need the device."""
        self._airings.mark()
        manifest = self._manifests.current
        if manifest is None or self._born_at is None:
            return [], set()
        programme = self._take_up(self._beyond.programme(self._playlists.programme(manifest), reading.at))
        self._drop_withdrawn(programme, reading.at)
        plan = agenda(programme, self._facts(reading, self._born_at, held=held), reading.at)
        self._skip(plan.skips, reading)
        until = [plan.look_again_at] if plan.look_again_at else []
        until += self._open_ahead(programme, plan.play, reading)
        if plan.play:
            until += [self._approach(plan.play, reading)]
        changes, wanted = self._keep_open(programme, reading, self._born_at)
        return until + changes, wanted

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
            known = self._journal.done({cue.id[0] for cue in programme.cues} | programme.unknown)
            sounding = {airing.cue.id for airing in self._airings}
            relays = {cue.id for cue in programme.cues if cue.relay} - sounding
            self._attempts = {cue: attempts.number for cue, attempts in known.items()}
            self._done = {cue for cue, it in known.items() if cue not in relays or it.reason not in REJOINED}
            self._cut_by_alert |= {cue for cue, it in known.items() if it.cut_by_alert and it.number == 1}
            self._done -= self._cut_by_alert
        return programme

    def _drop_withdrawn(self, programme: Programme, now: datetime) -> None:
        for airing in self._airings:
            # A manifest also lets go of what is over; a cue that ends a little after its occurrence is not withdrawn.
            if not airing.is_alert and now < airing.cue.occurrence.ends_at and not programme.holds(airing.cue.id):
                self._airings.break_off(airing, Reason.WITHDRAWN)

    def _facts(self, reading: Reading, born_at: datetime, *, held: bool) -> Facts:
        return Facts(
            clock_state=reading.state,
            done=self._done,
            present=self._cache.present,
            born_at=born_at,
            on_air=[OnAir(airing.cue, airing.ends_at) for airing in self._airings if not airing.is_alert],
            output_ready=self._device.ready,
            clockless=self._clockless,
            held=held,
        )

    def _skip(self, skips: tuple[Skip, ...], reading: Reading) -> None:
        if skips:
            # What was to be begun again has its row already.
            fresh = [skip for skip in skips if not self._attempts.get(skip.cue.id)]
            self._journal.skip(self._row(skip.cue, reading, skip.outcome, skip.reason) for skip in fresh)
            self._done |= {skip.cue.id for skip in skips}
            self._cut_by_alert -= self._done
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
        for airing in self._airings:
            if not airing.is_alert and cuts(play.cue, airing.cue) and not airing.row.started_at:
                self._airings.break_off(airing, Reason.INTERRUPTED)
        warm_at = self._device.warm_at(self._settings().warm_up_ms)
        if not self._device.open_for(self._session(play.cue)):
            return
        row = self._row(play.cue, reading, Outcome.PARTIAL, Reason.POWER_CUT)
        opened = self._ahead.take(play.cue)
        ends_at = play.cue.ends_at(play.at)
        relay = opened if isinstance(opened, RelaySound) else None
        if relay:
            relay.lasts(round((ends_at - play.at).total_seconds() * RATE_HZ))
        self._attempts[play.cue.id] = row.attempt
        self._done.add(play.cue.id)
        self._cut_by_alert.discard(play.cue.id)
        starts = max(warm_at, self._clock.monotonic_at(play.at - self._output_offset()))
        emergency = play.cue.rank == EMERGENCY
        self._airings.place(
            Airing(play.cue, row, ends_at, self._clock.monotonic(), self._cue_over, relay=relay),
            Sound(row.row_uuid, opened, starts, row.volume_percent / 100, play.cue.rank, cuts=emergency),
        )

    def _cue_over(self, airing: Airing, stands: bool) -> None:  # noqa: FBT001 - a callback's only fact
        cue = airing.cue
        if not stands:
            self._done.discard(cue.id)
            self._attempts[cue.id] -= 1
            if self._attempts[cue.id]:
                self._cut_by_alert.add(cue.id)
            return
        self._closed_at[cue.occurrence.occurrence_uuid] = airing.row.ended_at or self._clock.now()
        if begins_again(cue, airing.row.reason, airing.row.attempt, cut_by_alert=airing.cut_by_alert):
            self._done.discard(cue.id)
            if airing.cut_by_alert:
                self._cut_by_alert.add(cue.id)

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
            volume_percent=self._knob.percent(manifest, cue.at, cue.priority),
        )

    def _keep_open(self, programme: Programme, reading: Reading, born_at: datetime) -> tuple[list[datetime], set[UUID]]:
        """Open the device for occurrences near; return when that changes by itself, and all that need it now."""
        now = reading.at
        lead = max(PREPARE, HAND_OVER + timedelta(milliseconds=self._settings().warm_up_ms))
        waiting = [cue for cue in programme.cues if cue.id not in self._done and cue.at >= born_at]
        near, changes = occurrences_near(waiting if reading.state is not ClockState.UNTRUSTED else (), now, lead)
        for cue in near.values():
            self._device.open_for(self._session(cue))
        self._closed_at = {
            occurrence: closed for occurrence, closed in self._closed_at.items() if closed + LINGER > now
        }
        changes += [closed + LINGER for closed in self._closed_at.values()]
        sounding = {airing.cue.occurrence.occurrence_uuid for airing in self._airings}
        return changes, near.keys() | sounding | self._closed_at.keys()

    def _session(self, cue: PlannedCue) -> Session:
        starts_at = cue.occurrence.starts_at
        return Session(cue.occurrence.occurrence_uuid, starts_at, self._clock.monotonic_at(starts_at))

    def _settings(self) -> PlayerSettings:
        manifest = self._manifests.current
        return manifest.settings if manifest else PlayerSettings()

    def _output_offset(self) -> timedelta:
        """Return how much later than the device says the sound leaves the loudspeaker (a setting of the village)."""
        return timedelta(milliseconds=self._settings().output_offset_ms)
