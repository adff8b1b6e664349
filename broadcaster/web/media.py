"""Sounds to listen to: any stored master or deliverable, to people who are logged in."""

from fastapi import APIRouter
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out.errors import ObjectMissing
from audio_out.models import Rendition
from broadcaster.deps import Looking, Reads, TheStation
from content.kernel.units import Sha256

router = APIRouter(prefix="/media")
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
MASTER_MIME = "audio/flac"


@router.get("/{sha256}")
def listen(sha256: str, visit: Looking, session: Reads, station: TheStation) -> FileResponse:
    """The sound of this name, whole or by Range. Raises ObjectMissing."""
    del visit  # asked for, so that only people who are logged in listen
    mime = _mime(session, sha256)
    if mime is None or not station.store.exists(Sha256(sha256)):
        raise ObjectMissing(sha256=sha256)
    return FileResponse(station.store.path(Sha256(sha256)), media_type=mime, headers=_FOR_EVER)


def _mime(session: Session, sha256: str) -> str | None:
    deliverable = audio.deliverable(session, sha256)
    if deliverable is not None:
        return deliverable.mime
    is_master = session.scalars(select(Rendition.id).where(Rendition.sha256 == sha256).limit(1)).first() is not None
    return MASTER_MIME if is_master else None
