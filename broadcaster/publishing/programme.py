"""What a village's players must know and hold, read from the plan in a handful of queries for the whole commune."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out.models import DeliverableRow
from broadcaster.alerts import queries as alerts
from broadcaster.alerts.queries import Kept
from broadcaster.publishing.manifest import Content, iso
from broadcaster.publishing.models import ChimeRow
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from schedules.models import CueRow, Occurrence, Playlist, VillageAiring

PLAYLIST_MIME = "application/json"


class _Planned(NamedTuple):
    """One occurrence with its playlist: plain columns, since rows as objects cost three times as much."""

    village_id: int
    uuid: UUID
    starts_at: datetime
    ends_at: datetime
    priority: str
    playlist_id: int
    playlist: str
    size_bytes: int


def contents(
    session: Session, commune: Node, villages: Sequence[Node], now: datetime, poll_seconds: int
) -> dict[int, Content]:
    """By village id: all of a manifest but its player, keys, number and times.

    Holds what has not ended yet; the plan itself reaches as far as the horizon. What alerts need comes first, so that
    a player has it before any programme; the alerts in force ride along, pushed as they were long before.
    """
    planned = _planned(session, villages, now)
    audio = _audio(session, {row.playlist_id for rows in planned.values() for row in rows})
    airing = {row.village_id: row for row in session.scalars(select(VillageAiring))}
    kept = alerts.kept_by(session, commune)
    in_force = [alerts.signed(row).model_dump() for row, _ in alerts.newest_documents(session, now)]
    return {
        village.id: {
            "village": village.slug,
            "village_name": village.name,
            "village_uuid": str(village.uuid),
            "time_zone": village.time_zone,
            **_airing(airing.get(village.id), poll_seconds),
            "occurrences": [_occurrence(row) for row in planned.get(village.id, [])],
            "alerts": in_force,
            "phrases": [phrase.model_dump(mode="json") for phrase in kept[village.id].phrases],
            "objects": _objects(kept[village.id], planned.get(village.id, []), audio),
        }
        for village in villages
    }


def _planned(session: Session, villages: Sequence[Node], now: datetime) -> dict[int, list[_Planned]]:
    query = (
        select(
            *(Occurrence.village_id, Occurrence.uuid, Occurrence.starts_at, Occurrence.ends_at, Occurrence.priority),
            *(Playlist.id, Playlist.sha256, Playlist.size_bytes),
        )
        .join(Playlist, Playlist.id == Occurrence.playlist_id)
        .where(Occurrence.village_id.in_([village.id for village in villages]), Occurrence.ends_at > now)
        .order_by(Occurrence.starts_at, Occurrence.id)
    )
    found: dict[int, list[_Planned]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], []).append(_Planned(*row))
    return found


def _audio(session: Session, playlists: Iterable[int]) -> dict[int, dict[str, Content]]:
    """By playlist: its audio by name; what an emergency needs comes before all else. Villages share these values."""
    cues = session.execute(
        select(CueRow.playlist_id, CueRow.media, CueRow.priority)
        .where(CueRow.playlist_id.in_(playlists))
        .order_by(CueRow.playlist_id, CueRow.position)
    ).all()
    sizes = _files(session, {name for cue in cues for name in cue.media})
    found: dict[int, dict[str, Content]] = {}
    for playlist, names, priority in cues:
        first = priority == Priority.EMERGENCY
        refs = {name: _ref(name, sizes[name].size_bytes, sizes[name].mime, first=first) for name in names}
        found.setdefault(playlist, {}).update(refs)
    return found


class _File(NamedTuple):
    size_bytes: int
    mime: str


def _files(session: Session, names: Iterable[str]) -> dict[str, _File]:
    """By name: what announcements and chimes sound from."""
    queries = (
        select(row.sha256, row.size_bytes, row.mime).where(row.sha256.in_(names)) for row in (DeliverableRow, ChimeRow)
    )
    return {name: _File(size, mime) for query in queries for name, size, mime in session.execute(query)}


def _airing(row: VillageAiring | None, poll_seconds: int) -> Content:
    if row is None:
        return {"quiet_hours": None, "settings": {"poll_seconds": poll_seconds}}
    quiet = row.quiet and {
        "from_local": f"{row.quiet.from_local:%H:%M}",
        "until_local": f"{row.quiet.until_local:%H:%M}",
    }
    settings = {
        "volume_percent": row.volume_percent,
        "volumes": row.volumes,
        "emergency_volume_percent": row.emergency_volume_percent,
        "warm_up_ms": row.warm_up_ms,
        "output_offset_ms": row.output_offset_ms,
        "max_kbytes_s": row.max_kbytes_s,
        "cache_mb": row.cache_mb,
        "test_chime_local": row.test_chime_local and f"{row.test_chime_local:%H:%M}",
        "poll_seconds": poll_seconds,
    }
    return {"quiet_hours": quiet, "settings": settings}


def _occurrence(row: _Planned) -> Content:
    return {
        "occurrence_uuid": str(row.uuid),
        "starts_at": iso(row.starts_at),
        "ends_at": iso(row.ends_at),
        "priority": row.priority,
        "playlist": row.playlist,
    }


def _objects(kept: Kept, planned: Sequence[_Planned], audio: dict[int, dict[str, Content]]) -> list[Content]:
    """Each object once, alerts' sounds first, playlists before audio, what airs first before what airs later."""
    found: dict[str, Content] = {ref.sha256: ref.model_dump(mode="json") for ref in kept.objects}
    found |= {row.playlist: _ref(row.playlist, row.size_bytes, PLAYLIST_MIME, first=True) for row in planned}
    for playlist_id in dict.fromkeys(row.playlist_id for row in planned):
        found.update(audio[playlist_id])
    return list(found.values())


def _ref(name: str, size_bytes: int, mime: str, *, first: bool) -> Content:
    return {"sha256": name, "size_bytes": size_bytes, "mime": mime, "fetch_first": first}
