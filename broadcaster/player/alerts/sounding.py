"""Carries out what the rules say of alerts: repeats into the device's hands, rows, receipts, and an end to each.

Belongs to the conductor's thread, which calls `turn` before it looks at the plan.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from broadcaster.player.ahead import PREPARE
from broadcaster.player.airings import Airing, Airings
from broadcaster.player.alerts.desk import Alerts, Held, Sounding
from broadcaster.player.alerts.records import Record, Records
from broadcaster.player.alerts.rules import (
    NOTHING,
    Call,
    End,
    Standing,
    Voice,
    changes_in,
    cuts,
    due_in,
    end_of,
    goes_on,
    holds,
    may_last,
    next_up,
    outspoken,
)
from broadcaster.player.clock import PlayerClock, Reading
from broadcaster.player.device import Device
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.output.base import Session
from broadcaster.player.plan.programme import RANK, PlannedCue
from broadcaster.player.sound.feed import Sound
from broadcaster.player.sound.pcm import RATE_HZ, Limited, Pcm
from broadcaster.player.sound.volume import volume_of
from broadcaster.protocol import (
    AlertScope,
    AlertStage,
    AsRunRow,
    ClockState,
    Manifest,
    OccurrenceRef,
    Outcome,
    PlayerSettings,
    Priority,
    Reason,
)

log = logging.getLogger(__name__)
HAND_OVER = timedelta(seconds=1)
RANK_OF = {AlertScope.EXERCISE: len(RANK), AlertScope.ACTUAL: len(RANK) + 1}
"""Above all that is planned, and a meant alert above an exercise."""
NO_PLAYLIST = "0" * 64


@dataclass(frozen=True)
class Turn:
    """For the conductor: whether the loudspeaker is taken, who needs the device, after how many seconds to look."""

    held: bool
    sessions: set[UUID]
    waits: list[float]


@dataclass(frozen=True)
class Opened:
    """A repeat that is decoded ahead."""

    call: Call
    voice: Voice
    pcm: Pcm


class Soundings:
    """The alerts that sound, one repeat at a time."""

    def __init__(
        self,
        *,
        alerts: Alerts,
        records: Records,
        airings: Airings,
        device: Device,
        cache: Cache,
        clock: PlayerClock,
        manifest: Callable[[], Manifest | None],
        ring: Callable[[], None],
    ) -> None:
        """`ring` is called when the first samples of a repeat are decoded."""
        self._alerts = alerts
        self._records = records
        self._airings = airings
        self._device = device
        self._cache = cache
        self._clock = clock
        self._manifest = manifest
        self._ring = ring
        self._opened: Opened | None = None

    def turn(self, reading: Reading) -> Turn:
        """Do all that is due."""
        self._alerts.look_into(self._manifest())
        going = self._going(reading)
        waits = [wait.total_seconds() for standing in going for wait in changes_in(standing) if wait > NOTHING]
        # What was handed over counts as sounding; the bell rings when it ends.
        new = next_up(going)
        if new and not all(cuts(new, other) for other in going if other.sounding):
            new = None
        near = new is not None and due_in(new) <= self._lead()
        if new and near:
            waits += self._approach(new, reading)
        else:
            self._open(None)
            waits += [(due_in(new) - self._lead()).total_seconds()] if new else []
        if not (near and self._opened):
            self._alerts.settled.set()
        holding = [standing for standing in going if holds(standing)]
        self._tell(holding)
        sessions = {standing.call.alert_uuid for standing in holding} | (
            {new.call.alert_uuid} if new and near else set()
        )
        return Turn(bool(holding), sessions | {airing.cue.id[0] for airing in self._sounding()}, waits)

    def close(self) -> None:
        """Let go of what is decoded ahead."""
        self._open(None)

    def _going(self, reading: Reading) -> list[Standing]:
        """Return the alerts that are not over; end those that have just come to be."""
        all_held = self._alerts.held()
        replaced = {each.call.alert_uuid: each for each in self._records.take_up([held.call for held in all_held])}
        going = []
        for held in all_held:
            record = self._records[held.call.alert_uuid]
            if former := replaced.get(held.call.alert_uuid):
                self._replace(former, self._standing(held, reading), reading)
            self._speak_out(self._standing(held, reading))
            standing = self._standing(held, reading)
            end = end_of(standing)
            if end and not record.over:
                self._silence(held.call, Reason.WITHDRAWN if end is End.CANCELLED else Reason.EXPIRED)
                self._settle(record, standing, end, reading)
            if record.over:
                self._alerts.let_go(held, reading)
            else:
                going.append(standing)
        return going

    def _sounding(self) -> list[Airing]:
        return [airing for airing in self._airings if airing.is_alert]

    def _sounding_of(self, call: Call) -> list[Airing]:
        return [airing for airing in self._sounding() if airing.cue.id[0] == call.alert_uuid]

    def _standing(self, held: Held, reading: Reading) -> Standing:
        return self._records.standing(held, reading, sounding=bool(self._sounding_of(held.call)))

    def _silence(self, call: Call, reason: Reason) -> None:
        for airing in self._sounding_of(call):
            self._airings.break_off(airing, reason)

    def _speak_out(self, standing: Standing) -> None:
        """Cut what only stood in for the words, now that these are here: they are worth more than its end."""
        call = standing.call
        if any(outspoken(standing, airing.cue.media) for airing in self._sounding_of(call)):
            self._silence(call, Reason.INTERRUPTED)
            self._records[call.alert_uuid].ended = None

    def _approach(self, new: Standing, reading: Reading) -> list[float]:
        """Decode the next repeat ahead and hand it over when its time is near; return when to look again."""
        self._open(new)
        due = due_in(new)
        warm_at = self._device.warm_at(self._settings().warm_up_ms)
        if due > HAND_OVER or warm_at > self._clock.monotonic():
            self._device.open_for(self._session(new.call))
        if due > HAND_OVER:
            return [(due - HAND_OVER).total_seconds()]
        if self._opened and self._opened.pcm.ready and self._device.ready:
            self._hand_over(new, self._opened, max(warm_at, reading.monotonic + due.total_seconds()), reading)
        return []

    def _lead(self) -> timedelta:
        return max(PREPARE, HAND_OVER + timedelta(milliseconds=self._settings().warm_up_ms))

    def _open(self, standing: Standing | None) -> None:
        opened = self._opened
        if opened and (standing is None or (opened.call, opened.voice) != (standing.call, standing.voice)):
            opened.pcm.close()
            self._opened = opened = None
        if standing and standing.voice and opened is None:
            paths = [self._cache.path(sha256) for sha256 in standing.voice.media]
            self._opened = Opened(standing.call, standing.voice, Pcm(paths, self._ring))

    def _hand_over(self, standing: Standing, opened: Opened, starts: float, reading: Reading) -> None:
        self._opened = None
        call = standing.call
        cut_equal = False
        for airing in self._airings:
            equal = airing.is_alert and airing.row.exercise == (call.scope is AlertScope.EXERCISE)
            cut_equal |= equal
            if equal or not airing.row.started_at:
                self._airings.break_off(airing, Reason.INTERRUPTED, by_alert=True)
        number = self._records[call.alert_uuid].number + 1
        cue = _cue(call, number, opened.voice, self._planned_at(standing, number, reading))
        row = self._row(call, cue, reading)
        lasts = may_last(standing)
        limited = Limited(opened.pcm, round(lasts.total_seconds() * RATE_HZ)) if lasts < opened.voice.length else None
        airing = Airing(
            cue=cue,
            row=row,
            ends_at=self._clock.at(starts) + lasts,
            marked=self._clock.monotonic(),
            on_over=self._over,
            on_begun=self._begun,
            limited=limited,
        )
        starts -= self._settings().output_offset_ms / 1000
        gain = row.volume_percent / 100
        sound = Sound(row.row_uuid, limited or opened.pcm, starts, gain, RANK_OF[call.scope], cuts=True)
        # Placed before the device is opened: one that fills its buffer as it opens begins with the sound.
        self._airings.place(airing, sound)
        if not self._device.open_for(self._session(call)):
            self._airings.break_off(airing, Reason.OUTPUT_FAILED)
        elif not cut_equal and starts <= self._clock.monotonic():
            self._device.hurry()

    def _planned_at(self, standing: Standing, number: int, reading: Reading) -> datetime:
        if number == 1 and reading.state is not ClockState.UNTRUSTED:
            return standing.call.starts_at
        return reading.at + due_in(standing)

    def _session(self, call: Call) -> Session:
        # Where the recording of it begins, by whoever records: as soon as this player could have sounded it.
        monotonic = self._clock.monotonic()
        return Session(call.alert_uuid, self._clock.at(monotonic), monotonic)

    def _row(self, call: Call, cue: PlannedCue, reading: Reading) -> AsRunRow:
        manifest = self._manifest()
        return AsRunRow(
            row_uuid=uuid4(),
            occurrence_uuid=call.alert_uuid,
            cue_key=cue.id[1],
            media=cue.media,
            title=call.title[:300],
            planned_at=cue.at,
            outcome=Outcome.PARTIAL,
            reason=Reason.POWER_CUT,
            clock_state=reading.state,
            clock_offset_ms=reading.offset_ms,
            boot_id=reading.boot_id[:64],
            monotonic_ms=max(0, int(reading.monotonic * 1000)),
            manifest_id=manifest.manifest_id if manifest else 0,
            volume_percent=volume_of(manifest, cue.at, cue.priority),
            alert_version=call.version,
            exercise=call.scope is AlertScope.EXERCISE,
        )

    def _begun(self, airing: Airing) -> None:
        if airing.row.alert_version:
            self._alerts.say(airing.cue.id[0], airing.row.alert_version, AlertStage.SOUNDING, at=airing.row.started_at)

    def _over(self, airing: Airing, stands: bool) -> None:  # noqa: FBT001 - a callback's only fact
        if stands:
            self._records.close(airing.row)

    def _replace(self, record: Record, new: Standing, reading: Reading) -> None:
        """Say what became of a version whose place a newer one has taken; what both say sounds on."""
        call = record.call
        if any(each.row.started_at and goes_on(call, new, each.cue.media) for each in self._sounding_of(call)):
            self._carry(new)
        else:
            self._silence(call, Reason.WITHDRAWN)
        if record.over or call.started_here:
            return
        if not record.heard and call.starts_at <= reading.at and self._records.voice(call) is None:
            self._miss(record, call.starts_at, Outcome.FAILED, Reason.MEDIA_INCOMPLETE, reading)
        else:
            self._alerts.say(call.alert_uuid, call.version, AlertStage.FINISHED, "replaced")

    def _carry(self, new: Standing) -> None:
        call, record = new.call, self._records[new.call.alert_uuid]
        record.carried = record.heard = True
        if new.voice and new.voice.media == call.media:
            self._alerts.say(call.alert_uuid, call.version, AlertStage.SOUNDING)

    def _settle(self, record: Record, standing: Standing, end: End, reading: Reading) -> None:
        """Say what became of an alert that is over."""
        record.over = True
        call = standing.call
        log.info("alert_over", extra={"alert": str(call.alert_uuid), "version": call.version, "end": end})
        if not record.heard and end not in (End.CANCELLED, End.SILENT):
            outcome, reason = self._why_missed(standing)
            self._miss(record, self._planned_at(standing, 1, reading), outcome, reason, reading)
        elif not call.started_here:
            self._alerts.say(call.alert_uuid, call.version, AlertStage.FINISHED, end.value)

    def _miss(self, record: Record, planned_at: datetime, outcome: Outcome, reason: Reason, reading: Reading) -> None:
        """Write the row of an alert that was due and not heard, so that it does not vanish."""
        call = record.call
        row = self._row(call, _cue(call, record.number + 1, None, planned_at), reading)
        if call.audible:
            self._airings.miss(row.model_copy(update={"outcome": outcome, "reason": reason}))
        if not call.started_here:
            self._alerts.say(call.alert_uuid, call.version, AlertStage.REFUSED, reason.value)

    def _why_missed(self, standing: Standing) -> tuple[Outcome, Reason]:
        if standing.voice is None:
            return Outcome.FAILED, Reason.MEDIA_INCOMPLETE
        if not self._device.ready:
            return Outcome.FAILED, Reason.OUTPUT_FAILED
        return Outcome.SKIPPED, Reason.EXPIRED

    def _tell(self, holding: list[Standing]) -> None:
        first = next((each for each in holding if each.sounding), next(iter(holding), None))
        call = first.call if first else None
        self._alerts.sounding = Sounding(call.title, call.scope, call.started_here) if call else None

    def _settings(self) -> PlayerSettings:
        manifest = self._manifest()
        return manifest.settings if manifest else PlayerSettings()


def _cue(call: Call, number: int, voice: Voice | None, planned_at: datetime) -> PlannedCue:
    """Write a repeat as a cue, which is what the device is given."""
    expires_at = max(planned_at, call.expires_at)
    return PlannedCue(
        id=(call.alert_uuid, f"alert/{call.version}/{number}"),
        occurrence=OccurrenceRef(
            occurrence_uuid=call.alert_uuid,
            starts_at=planned_at,
            ends_at=expires_at,
            priority=Priority.EMERGENCY,
            playlist=NO_PLAYLIST,
        ),
        index=number,
        title=call.title,
        media=voice.media if voice else call.media,
        priority=Priority.EMERGENCY,
        at=planned_at,
        latest_at=expires_at,
        not_before=planned_at,
        expires_at=expires_at,
        duration=voice.length if voice else NOTHING,
    )
