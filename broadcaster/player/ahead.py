"""What is opened before its second: files that decode ahead, streams that are tuned in. Decides nothing."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from broadcaster.player.keeping.cache import Cache
from broadcaster.player.plan.programme import CueId, PlannedCue
from broadcaster.player.relay.sound import RelaySound
from broadcaster.player.relay.stream import Stream, supported
from broadcaster.player.sound.pcm import Pcm
from broadcaster.protocol import Relay

PREPARE = timedelta(seconds=5)
"""Decoding and the device start this long before a sound."""
TUNE_IN = timedelta(seconds=12)
"""A stream is asked for this long before its cue: a slow server, some redirects, a list, two seconds of sound."""

Opened = Pcm | RelaySound


class Ahead:
    """Cues that are open but not yet in the device's hands."""

    def __init__(self, cache: Cache, monotonic: Callable[[], float], ring: Callable[[], None]) -> None:
        """`ring` is called when a file's first samples are there."""
        self._cache = cache
        self._monotonic = monotonic
        self._ring = ring
        self._open: dict[CueId, tuple[PlannedCue, Opened]] = {}

    def want(self, cues: Iterable[PlannedCue]) -> None:
        """Have these open and no others."""
        wanted = {cue.id: cue for cue in cues}
        for held, opened in list(self._open.values()):
            if wanted.get(held.id) != held:
                del self._open[held.id]
                opened.close()
        for cue in wanted.values():
            if cue.id not in self._open:
                self._open[cue.id] = (cue, self._opened(cue))

    def ready(self, cue: PlannedCue) -> bool:
        """Tell whether it may begin."""
        return self._open[cue.id][1].ready

    def take(self, cue: PlannedCue) -> Opened:
        """Give it away."""
        return self._open.pop(cue.id)[1]

    def _opened(self, cue: PlannedCue) -> Opened:
        if cue.relay is None:
            return self._files(cue, self._ring)
        stream = self._stream(cue.relay, cue.duration + TUNE_IN)
        return RelaySound(stream, cue.relay.silent_after_ms, lambda: self._fallback(cue))

    def _fallback(self, cue: PlannedCue) -> Pcm | None:
        whole = cue.media and all(sha256 in self._cache.present for sha256 in cue.media)
        return self._files(cue, lambda: None) if whole else None

    def _files(self, cue: PlannedCue, ring: Callable[[], None]) -> Pcm:
        return Pcm([self._cache.path(sha256) for sha256 in cue.media], ring)

    def _stream(self, relay: Relay, at_most: timedelta) -> Stream | None:
        return Stream(relay.url, at_most.total_seconds(), self._monotonic) if supported() else None


def relays_near(
    cues: Iterable[PlannedCue], done: Collection[CueId], now: datetime
) -> tuple[list[PlannedCue], datetime | None]:
    """Return the relays to be tuned in to now, and when the next one is."""
    waiting = [cue for cue in cues if cue.relay and cue.id not in done and now <= cue.latest_at]
    later = [cue.at - TUNE_IN for cue in waiting if cue.at - TUNE_IN > now]
    return [cue for cue in waiting if cue.at - TUNE_IN <= now], min(later, default=None)


def occurrences_near(
    cues: Iterable[PlannedCue], now: datetime, lead: timedelta
) -> tuple[dict[UUID, PlannedCue], list[datetime]]:
    """Return the occurrences within `lead` or under way, each by a cue of its own, and when others come near."""
    near: dict[UUID, PlannedCue] = {}
    later = []
    for cue in cues:
        occurrence = cue.occurrence
        if now >= occurrence.ends_at:
            continue
        if occurrence.starts_at - lead > now:
            later.append(occurrence.starts_at - lead)
            continue
        near.setdefault(occurrence.occurrence_uuid, cue)
    return near, later
