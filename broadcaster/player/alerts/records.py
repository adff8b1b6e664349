"""What is known of each alert besides its document: what the journal has of it, and which of its audio can sound."""

import logging
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import soundfile

from broadcaster.player.alerts.desk import Held
from broadcaster.player.alerts.rules import NOTHING, Call, Heard, Standing, Voice
from broadcaster.player.clock import PlayerClock, Reading
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.sound.pcm import length_s
from broadcaster.protocol import AlertStage, AsRunRow, ClockState, Outcome, Reason

log = logging.getLogger(__name__)
FINAL = {AlertStage.FINISHED, AlertStage.REFUSED}


@dataclass
class Record:
    """One version of an alert. `aired`: whole repeats by their media; `sounded` is that of all versions.

    `carried`: a repeat of the former version sounds on as this one's.
    """

    call: Call
    sounded: timedelta = NOTHING
    aired: Counter[tuple[str, ...]] = field(default_factory=Counter)
    number: int = 0
    heard: bool = False
    ended: float | None = None
    over: bool = False
    carried: bool = False

    def add(self, row: AsRunRow) -> None:
        """Count a repeat that is over."""
        self.sounded += timedelta(milliseconds=row.position_ms)
        if row.alert_version == self.call.version:
            self.number += 1
            self.heard |= row.started_at is not None
            self.aired[row.media] += row.outcome is Outcome.AIRED


class Records:
    """The records of all alerts at hand, by their uuid. Owned by the conductor's thread."""

    def __init__(self, journal: Journal, cache: Cache, clock: PlayerClock) -> None:
        self._journal = journal
        self._cache = cache
        self._clock = clock
        self._records: dict[UUID, Record] = {}
        self._lengths: dict[tuple[str, ...], timedelta | None] = {}

    def __getitem__(self, alert_uuid: UUID) -> Record:
        return self._records[alert_uuid]

    def take_up(self, calls: Collection[Call]) -> list[Record]:
        """Have a record for each of these and for no others; return those of versions that were replaced."""
        replaced = []
        known, self._records = self._records, {}
        for call in calls:
            record = known.get(call.alert_uuid)
            if record is None or record.call != call:
                replaced += [record] if record else []
                record = self._fresh(call)
            self._records[call.alert_uuid] = record
        return replaced

    def close(self, row: AsRunRow) -> None:
        """Count a repeat that has just ended."""
        record = self._records.get(row.occurrence_uuid)
        if record is None:
            return
        record.add(row)
        if row.alert_version == record.call.version or record.carried:
            record.ended = self._clock.monotonic()
        record.carried = False
        if row.reason is Reason.MEDIA_INCOMPLETE:
            # Its header promised what the rest does not hold: the fallback sounds instead.
            self._lengths[row.media] = None

    def standing(self, held: Held, reading: Reading, *, sounding: bool) -> Standing:
        """Put together all that decides about an alert now."""
        call, record = held.call, self._records[held.call.alert_uuid]
        believed = reading.state is not ClockState.UNTRUSTED
        now = reading.at
        if not believed and held.live_since is not None:
            # When it was issued is all that can be known of the time: it counts from its arrival on.
            now = call.issued_at + timedelta(seconds=reading.monotonic - held.live_since)
        voice = self.voice(call)
        return Standing(
            call=call,
            now=now,
            allowed=believed or held.live_since is not None,
            heard=Heard(record.sounded, record.aired[voice.media] if voice else 0),
            voice=voice,
            silent_for=None if record.ended is None else timedelta(seconds=reading.monotonic - record.ended),
            sounding=sounding,
        )

    def _fresh(self, call: Call) -> Record:
        record = Record(call)
        for row in self._journal.of_alert(call.alert_uuid):
            record.add(row)
        record.over = bool(self._journal.stages(call.alert_uuid, call.version) & FINAL)
        return record

    def voice(self, call: Call) -> Voice | None:
        """Choose what a repeat is made of: its own audio, or the fallback as long as that is not here whole."""
        for media in (call.media, call.fallback):
            if media and self._cache.present.issuperset(media) and (length := self._length(media)):
                return Voice(media, length)
        return None

    def _length(self, media: tuple[str, ...]) -> timedelta | None:
        if media not in self._lengths:
            try:
                seconds = length_s([self._cache.path(sha256) for sha256 in media])
                self._lengths[media] = timedelta(seconds=seconds)
            except soundfile.SoundFileError as error:
                log.warning("alert_audio_unreadable", extra={"media": media, "why": str(error)})
                self._lengths[media] = None
        return self._lengths[media]
