"""What a village's players must know and hold, read from the plan in a handful of queries for the whole commune."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out.models import DeliverableRow
from broadcaster.publishing.manifest import Content, iso
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from schedules.models import CueRow, Occurrence, Playlist, VillageAiring

PLAYLIST_MIME = "application/json"


class _Planned(NamedTuple):
    """One occurrence with its playlist's name."""

    occurrence: Occurrence
    playlist: Playlist


def contents(session: Session, villages: Sequence[Node], now: datetime, poll_seconds: int) -> dict[int, Content]:
    """By village id: all of a manifest but its player, keys, number and times.

    Holds what has not ended yet; the plan itself reaches as far as the horizon.
    """
    planned = _planned(session, villages, now)
    media = _media(session, {row.playlist.id for rows in planned.values() for row in rows})
    sizes = _deliverables(session, {name for names in media.values() for name, _ in names})
    airing = {row.village_id: row for row in session.scalars(select(VillageAiring))}
    return {
        village.id: {
            "village": village.slug,
            "village_name": village.name,
            "time_zone": village.time_zone,
            **_airing(airing.get(village.id), poll_seconds),
            "occurrences": [_occurrence(row) for row in planned.get(village.id, [])],
            "objects": _objects(planned.get(village.id, []), media, sizes),
        }
        for village in villages
    }


def _planned(session: Session, villages: Sequence[Node], now: datetime) -> dict[int, list[_Planned]]:
    query = (
        select(Occurrence, Playlist)
        .join(Playlist, Playlist.id == Occurrence.playlist_id)
        .where(Occurrence.village_id.in_([village.id for village in villages]), Occurrence.ends_at > now)
        .order_by(Occurrence.starts_at, Occurrence.id)
    )
    found: dict[int, list[_Planned]] = {}
    for occurrence, playlist in session.execute(query):
        found.setdefault(occurrence.village_id, []).append(_Planned(occurrence, playlist))
    return found


def _media(session: Session, playlists: Iterable[int]) -> dict[int, list[tuple[str, bool]]]:
    """By playlist: its audio, each with whether it must be there before all else."""
    query = select(CueRow.playlist_id, CueRow.media, CueRow.priority).where(CueRow.playlist_id.in_(playlists))
    found: dict[int, list[tuple[str, bool]]] = {}
    for playlist, names, priority in session.execute(query):
        found.setdefault(playlist, []).extend((name, priority == Priority.EMERGENCY) for name in names)
    return found


def _deliverables(session: Session, names: Iterable[str]) -> dict[str, DeliverableRow]:
    return {row.sha256: row for row in session.scalars(select(DeliverableRow).where(DeliverableRow.sha256.in_(names)))}


def _airing(row: VillageAiring | None, poll_seconds: int) -> Content:
    if row is None:
        return {"quiet_hours": None, "settings": {"poll_seconds": poll_seconds}}
    quiet = row.quiet and {
        "from_local": f"{row.quiet.from_local:%H:%M}",
        "until_local": f"{row.quiet.until_local:%H:%M}",
    }
    settings = {"volume_percent": row.volume_percent, "warm_up_ms": row.warm_up_ms, "poll_seconds": poll_seconds}
    return {"quiet_hours": quiet, "settings": settings}


def _occurrence(row: _Planned) -> Content:
    return {
        "occurrence_uuid": str(row.occurrence.uuid),
        "starts_at": iso(row.occurrence.starts_at),
        "ends_at": iso(row.occurrence.ends_at),
        "priority": row.occurrence.priority,
        "playlist": row.playlist.sha256,
    }


def _objects(
    planned: Sequence[_Planned], media: dict[int, list[tuple[str, bool]]], sizes: dict[str, DeliverableRow]
) -> list[Content]:
    """Each object once, playlists before audio, what airs first before what airs later."""
    found: dict[str, Content] = {}
    for row in planned:
        found[row.playlist.sha256] = _ref(row.playlist.sha256, row.playlist.size_bytes, PLAYLIST_MIME, first=True)
    for row in planned:
        for name, first in media.get(row.playlist.id, []):
            if name in sizes:
                found[name] = _ref(name, sizes[name].size_bytes, sizes[name].mime, first=first)
    return list(found.values())


def _ref(name: str, size_bytes: int, mime: str, *, first: bool) -> Content:
    return {"sha256": name, "size_bytes": size_bytes, "mime": mime, "fetch_first": first}
