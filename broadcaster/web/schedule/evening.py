"""A whole occurrence to listen to beforehand: its sounds joined into one file, kept as long as there is room."""

import contextlib
import tempfile
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from audio_out.codecs import Codec, mime_of
from audio_out.joining import Piece, join
from audio_out.mastering.formats import USUAL
from audio_out.models import DeliverableRow
from audio_out.store import Store
from broadcaster.deps import Looking, Reads, TheStation
from broadcaster.station import Station
from content.kernel.errors import NotFound
from content.kernel.nodes import Node
from content.kernel.units import DurationMs, Sha256
from schedules.models import CueRow, Occurrence, Playlist
from schedules.queries import cues

router = APIRouter(prefix="/schedule")
MIME = mime_of(Codec.OPUS)
LARGEST_CACHE_BYTES = 200_000_000
"""About ten hours of sound; what was asked for longest ago goes first."""
_ONE_AT_A_TIME = threading.Lock()


class NoSuchOccurrence(NotFound):
    """Nothing is planned by this name, or no longer."""

    sentence = "Nothing is planned here any more. Look at the schedule again."


class SoundIncomplete(NotFound):
    """Some of its audio is not on this server."""

    sentence = "Not all audio of this programme is here, so it cannot be played as a whole."


@router.get("/occurrences/{uuid}/sound")
def sound(visit: Looking, session: Reads, station: TheStation, uuid: UUID) -> FileResponse:
    """All that is planned, in one go, whole or by Range. Raises NoSuchOccurrence, SoundIncomplete."""
    return answer(station, session, occurrence(session, visit.commune, uuid))


def occurrence(session: Session, commune: Node, uuid: UUID) -> Occurrence:
    """One that has something to air, with its cues. Raises NoSuchOccurrence."""
    query = select(Occurrence).join(Occurrence.village).where(Node.parent_id == commune.id, Occurrence.uuid == uuid)
    whole = query.options(
        joinedload(Occurrence.slot),
        joinedload(Occurrence.village),
        selectinload(Occurrence.playlist).selectinload(Playlist.cues),
    )
    found = session.scalars(whole).one_or_none()
    if found is None or found.playlist is None:
        raise NoSuchOccurrence
    return found


def answer(station: Station, session: Session, planned: Occurrence) -> FileResponse:
    """The occurrence's sound; made now unless it is kept from before. Raises SoundIncomplete."""
    assert planned.playlist is not None
    folder = station.settings.data_dir / "previews"
    file = folder / f"{planned.playlist.sha256}.ogg"
    with _ONE_AT_A_TIME:
        if file.is_file():
            file.touch()
        else:
            write(file, pieces(session, station.store, cues(planned)))
            sweep(folder, LARGEST_CACHE_BYTES)
    return FileResponse(file, media_type=MIME, headers={"Cache-Control": "private, no-cache"})


def pieces(session: Session, store: Store, planned: Sequence[CueRow]) -> list[Piece]:
    """Where the sounds lie and when each begins; as played on a phone: not shaped for horns. Raises SoundIncomplete."""
    # What a relay will say nobody knows beforehand; its media only replace it.
    planned = [cue for cue in planned if cue.relay_url is None]
    names = {name for cue in planned for name in cue.media}
    rows = {row.sha256: row for row in session.scalars(select(DeliverableRow).where(DeliverableRow.sha256.in_(names)))}
    usual = select(DeliverableRow).where(
        DeliverableRow.rendition_id.in_({row.rendition_id for row in rows.values()}),
        DeliverableRow.mime == USUAL.mime,
        DeliverableRow.preset == USUAL.preset,
    )
    plain = {row.rendition_id: row.sha256 for row in session.scalars(usual)}
    found: list[Piece] = []
    for cue in planned:
        starts_ms = cue.offset_ms
        for name in cue.media:
            row = rows.get(name)
            better = Sha256(plain.get(row.rendition_id, name) if row else name)
            path = store.path(better if store.exists(better) else Sha256(name))
            if not path.is_file():
                raise SoundIncomplete
            found.append(Piece(path, DurationMs(starts_ms)))
            starts_ms += row.duration_ms if row else cue.duration_ms
    if not found:
        raise SoundIncomplete
    return found


def pieces_of_day(session: Session, store: Store, planned: Sequence[Occurrence]) -> list[Piece]:
    """Those of several occurrences in order of time; one that only relays has none. Raises SoundIncomplete."""
    spoken = [one for one in planned if any(cue.relay_url is None for cue in cues(one))]
    if not spoken:
        raise SoundIncomplete
    shifts = [(one.starts_at - spoken[0].starts_at) // timedelta(milliseconds=1) for one in spoken]
    return [
        Piece(piece.path, DurationMs(shift + piece.starts_ms))
        for one, shift in zip(spoken, shifts, strict=True)
        for piece in pieces(session, store, cues(one))
    ]


def write(file: Path, of: list[Piece]) -> None:
    """Join them into one file of Ogg Opus; written aside first, so that whoever finds the name finds the whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as aside:
        part = Path(aside.name)
        try:
            join(of, aside)  # type: ignore[arg-type]
        except BaseException:
            aside.close()
            part.unlink(missing_ok=True)
            raise
    part.replace(file)


def is_whole(store: Store, planned: Occurrence) -> bool:
    """Whether all its audio is here, and there is any."""
    names = [name for cue in cues(planned) if cue.relay_url is None for name in cue.media]
    return bool(names) and all(store.exists(Sha256(name)) for name in names)


def sweep(folder: Path, most_bytes: int) -> None:
    """Forget what was asked for longest ago, until the rest takes no more than `most_bytes`; the newest stays."""
    kept = 0
    newest_first = sorted(folder.glob("*.ogg"), key=lambda file: file.stat().st_mtime, reverse=True)
    for place, file in enumerate(newest_first):
        kept += file.stat().st_size
        if place and kept > most_bytes:
            with contextlib.suppress(OSError):  # Windows keeps what is being read
                file.unlink()
