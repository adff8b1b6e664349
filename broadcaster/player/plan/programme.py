"""Manifest and playlists laid out as cues with their instants. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from broadcaster.protocol import Cue, CueKind, Manifest, OccurrenceRef, Playlist, Priority, Relay

CueId = tuple[UUID, str]
LEAST_RELAY_MS = 1000
RANK = {priority: rank for rank, priority in enumerate(Priority)}


@dataclass(frozen=True, slots=True)
class PlannedCue:
    """One cue of one occurrence. `not_before` is never before `at`.

    A relay ends by the clock however late it begins, and needs none of its media: they only replace its stream.
    """

    id: CueId
    occurrence: OccurrenceRef
    index: int
    title: str
    media: tuple[str, ...]
    priority: Priority
    at: datetime
    latest_at: datetime
    not_before: datetime
    expires_at: datetime | None
    duration: timedelta
    relay: Relay | None = None
    kind: CueKind = CueKind.SPEECH
    beyond: bool = False
    """It sounds although the manifest has run out."""

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the sha256 without which it cannot air."""
        return () if self.relay else self.media

    def ends_at(self, start: datetime) -> datetime:
        """Return when it ends if it begins at `start`."""
        return max(start, self.at + self.duration) if self.relay else start + self.duration

    @property
    def rank(self) -> int:
        """Return its priority as a number, highest for emergencies."""
        return RANK[self.priority]


@dataclass(frozen=True)
class Programme:
    """All cues that are known, in order, and the manifest that rules them."""

    manifest: Manifest
    cues: tuple[PlannedCue, ...]
    unknown: frozenset[UUID]
    """Occurrences whose playlist has not arrived: nothing can be said of their cues."""
    playlists: frozenset[str]
    """The sha256 of the playlists it was laid out from."""

    def with_more(self, cues: Iterable[PlannedCue]) -> "Programme":
        """Return it with these cues beside its own."""
        return replace(self, cues=tuple(sorted([*self.cues, *cues], key=lambda cue: cue.at)))

    def holds(self, cue: CueId) -> bool:
        """Tell whether the cue is still planned, as far as is known."""
        return cue[0] in self.unknown or any(planned.id == cue for planned in self.cues)


def lay_out(manifest: Manifest, playlists: Mapping[str, Playlist]) -> Programme:
    """Lay out the occurrences whose playlists (by sha256) are at hand."""
    known = [occurrence for occurrence in manifest.occurrences if occurrence.playlist in playlists]
    cues = [cue for occurrence in known for cue in _cues(occurrence, playlists[occurrence.playlist])]
    unknown = {occurrence.occurrence_uuid for occurrence in manifest.occurrences} - {
        occurrence.occurrence_uuid for occurrence in known
    }
    cues.sort(key=lambda cue: (cue.at, cue.occurrence.occurrence_uuid, cue.index))
    return Programme(manifest, tuple(cues), frozenset(unknown), frozenset(playlists))


def _cues(occurrence: OccurrenceRef, playlist: Playlist) -> list[PlannedCue]:
    cues = []
    for index, cue in enumerate(playlist.cues):
        at = occurrence.starts_at + timedelta(milliseconds=cue.offset_ms)
        cues.append(
            PlannedCue(
                id=(occurrence.occurrence_uuid, cue.key),
                occurrence=occurrence,
                index=index,
                title=cue.title,
                media=cue.media,
                priority=max(occurrence.priority, cue.priority, key=RANK.__getitem__),
                at=at,
                latest_at=max(at, _latest(occurrence, cue)),
                not_before=max(at, cue.not_before or at),
                expires_at=cue.expires_at,
                duration=timedelta(milliseconds=cue.duration_ms),
                relay=cue.relay,
                kind=cue.kind,
            )
        )
    return cues


def _latest(occurrence: OccurrenceRef, cue: Cue) -> datetime:
    """When it may begin at the latest; a relay not for its last second, in which there would be nothing to hear."""
    latest = cue.latest_start_ms
    if cue.relay:
        latest = min(latest, cue.offset_ms + cue.duration_ms - LEAST_RELAY_MS)
    return occurrence.starts_at + timedelta(milliseconds=latest)
