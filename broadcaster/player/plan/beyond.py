"""After the manifest has run out: silence, and once a day a chime: the loudspeaker lives, its programme is over.

Pure. The chime is what the village's own slots open with; without one in the programme there is only silence. It keeps
to the quiet hours, and ends by itself when a newer manifest comes.
"""

from datetime import date, datetime, timedelta
from uuid import uuid5
from zoneinfo import ZoneInfo

from broadcaster.player.plan.programme import PlannedCue, Programme
from broadcaster.protocol import CueKind, OccurrenceRef, Priority

KEY = "test-chime"
LATEST = timedelta(minutes=5)
DAYS_AHEAD = 2


def extended(programme: Programme, now: datetime) -> Programme:
    """Return the programme with the test chimes of today and the next days; itself while nothing has to be added."""
    manifest = programme.manifest
    if now < manifest.valid_until - timedelta(days=DAYS_AHEAD):
        return programme
    chime = next((cue for cue in programme.cues if cue.kind is CueKind.CHIME), None)
    at_local = manifest.settings.test_chime_local
    if chime is None or at_local is None:
        return programme
    zone = ZoneInfo(manifest.time_zone)
    first = now.astimezone(zone).date() - timedelta(days=1)
    days = (first + timedelta(days=number) for number in range(DAYS_AHEAD + 2))
    chimes = [_chime(programme, chime, day, datetime.combine(day, at_local, zone)) for day in days]
    added = [each for each in chimes if each.at >= manifest.valid_until]
    return programme.with_more(added) if added else programme


class Beyond:
    """Remembers what it returned: the same programme until the day or the manifest changes."""

    def __init__(self) -> None:
        self._key: tuple[Programme, date] | None = None
        self._programme: Programme | None = None

    def programme(self, programme: Programme, now: datetime) -> Programme:
        """Return the programme, with test chimes where it has run out."""
        key = (programme, now.astimezone(ZoneInfo(programme.manifest.time_zone)).date())
        if self._programme is None or self._key is None or self._key[0] is not programme or self._key[1] != key[1]:
            self._key, self._programme = key, extended(programme, now)
        return self._programme


def _chime(programme: Programme, chime: PlannedCue, day: date, at: datetime) -> PlannedCue:
    name = uuid5(programme.manifest.player, f"{KEY}:{day.isoformat()}")
    occurrence = OccurrenceRef(
        occurrence_uuid=name,
        starts_at=at,
        ends_at=at + LATEST + chime.duration,
        playlist=chime.occurrence.playlist,
    )
    return PlannedCue(
        id=(name, KEY),
        occurrence=occurrence,
        index=0,
        title=chime.title,
        media=chime.media,
        priority=Priority.ROUTINE,
        at=at,
        latest_at=at + LATEST,
        not_before=at,
        expires_at=None,
        duration=chime.duration,
        kind=CueKind.CHIME,
        beyond=True,
    )
