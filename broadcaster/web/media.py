"""Sounds to listen to, for people who are logged in: masters, deliverables, alerts, and the takes of their commune."""

from fastapi import APIRouter
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out.errors import ObjectMissing
from audio_out.models import Recording, Rendition
from broadcaster.alerts import queries as alerts
from broadcaster.deps import Looking, Reads, TheStation
from broadcaster.retention import queries as retention
from broadcaster.retention.errors import SoundRemoved
from content.kernel.nodes import Node
from content.kernel.units import Sha256

router = APIRouter(prefix="/media")
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
MASTER_MIME = "audio/flac"


@router.get("/{sha256}")
def listen(sha256: str, visit: Looking, session: Reads, station: TheStation) -> FileResponse:
    """The sound of this name, whole or by Range. Raises ObjectMissing, SoundRemoved."""
    mime = _mime(session, visit.commune, sha256)
    if mime is None:
        raise ObjectMissing(sha256=sha256)
    if not station.store.exists(Sha256(sha256)):
        export = retention.gone(session, visit.commune, [sha256]).get(sha256)
        if export is None or export.deleted_at is None:
            raise ObjectMissing(sha256=sha256)
        raise SoundRemoved(day=export.deleted_at.astimezone(visit.zone).date(), file=export.file)
    return FileResponse(station.store.path(Sha256(sha256)), media_type=mime, headers=_FOR_EVER)


def _mime(session: Session, commune: Node, sha256: str) -> str | None:
    deliverable = audio.deliverable(session, sha256)
    if deliverable is not None:
        return deliverable.mime
    if mime := alerts.mime_of(session, Sha256(sha256)):
        return mime
    master = select(Rendition.id).where(Rendition.sha256 == sha256)
    take = select(Recording.id).where(Recording.take_sha256 == sha256, Recording.node_id == commune.id)
    is_ours = any(session.scalars(query.limit(1)).first() is not None for query in (master, take))
    return MASTER_MIME if is_ours else None
