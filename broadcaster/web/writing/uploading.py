"""Resumable uploads over HTTP: tus 1.0.0, core, creation, expiration and termination.

A PATCH that is cut off keeps what had come. No database session is open while bytes come, and no more of them than
one piece is held in memory.

Source: https://tus.io/protocols/resumable-upload (1.0.x), ADR 0016.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect

from audio_out.recordings import LARGEST_FILE
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import (
    TheStation,
    TheTongue,
    Visit,
    early_acting,
    early_looking,
    reading_visit,
    writing_visit,
)
from broadcaster.uploads import NoSuchUpload, Upload, UploadElsewhere, Uploads, UploadTooLong
from content.kernel.db import unit_of_work
from content.kernel.errors import BroadcastError

router = APIRouter(prefix="/uploads")
VERSION = "1.0.0"
PIECE_BYTES = 1 << 18
"""Each piece is on the disk before the next is asked for: what a killed server loses, at most."""
_COUNT = re.compile(r"[0-9]{1,15}")
_PATCH_TYPE = "application/offset+octet-stream"
_TUS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
_ABLE = {"Tus-Version": VERSION, "Tus-Extension": "creation,expiration,termination", "Tus-Max-Size": str(LARGEST_FILE)}
_STATUS: dict[type[BroadcastError], HTTPStatus] = {
    NoSuchUpload: HTTPStatus.NOT_FOUND,
    UploadElsewhere: HTTPStatus.CONFLICT,
    UploadTooLong: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


def uploads_of(station: TheStation) -> Uploads:
    """Where files on their way in are kept."""
    return Uploads(station.settings.data_dir / "uploads")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, asked anew in each of a route's units of work: it holds none while bytes come or are decoded."""

    request: Request
    station: TheStation
    tongue: TheTongue
    after: BackgroundTasks

    def looking(self, session: Session, role: Role = Role.SECRETARY) -> Visit:
        """A visit that reads. Raises LoginNeeded, SettleFirst, RoleMissing."""
        visit = early_looking(self.request, session, self.station, self.tongue)
        accounts.require(visit.user, role)
        return reading_visit(visit, self.station, self.after)

    def acting(self, session: Session) -> Visit:
        """A visit that writes. Raises LoginNeeded, SettleFirst, RoleMissing."""
        visit = early_acting(self.request, session, self.station, self.tongue)
        accounts.require(visit.user, Role.SECRETARY)
        return writing_visit(visit, session, self.station)


TheCaller = Annotated[Caller, Depends()]


def sender(caller: TheCaller) -> UUID:
    """Who sends; known before the first byte is taken. Raises LoginNeeded, SettleFirst, RoleMissing."""
    with unit_of_work(caller.station.sessions, writes=False) as session:
        return caller.looking(session).user.uuid


def listener(caller: TheCaller) -> UUID:
    """Who listens to something that takes a while to make; no session is held meanwhile. Raises LoginNeeded."""
    with unit_of_work(caller.station.sessions, writes=False) as session:
        return caller.looking(session, Role.VIEWER).user.uuid


TheUploads = Annotated[Uploads, Depends(uploads_of)]
Sender = Annotated[UUID, Depends(sender)]
Listener = Annotated[UUID, Depends(listener)]


@router.options("")
def tell() -> Response:
    """What this server can do."""
    return _answer(HTTPStatus.NO_CONTENT, headers=_ABLE)


@router.post("")
def begin(request: Request, person: Sender, station: TheStation, uploads: TheUploads) -> Response:
    """Room for a file: its address is in `Location`."""
    length = count_of(request, "upload-length")
    if refusal := _refusal(request, length):
        return refusal
    upload = uploads.begin(person, length or 0, _file_name(request), station.clock.now())
    return _answer(HTTPStatus.CREATED, upload, {"Location": f"/uploads/{upload.uuid}"})


@router.head("/{uuid}")
def look(request: Request, person: Sender, uploads: TheUploads, uuid: UUID) -> Response:
    """How far it is."""
    if refusal := _refusal(request):
        return refusal
    try:
        return _answer(HTTPStatus.OK, uploads.find(person, uuid))
    except NoSuchUpload as error:
        return _answer(_STATUS[type(error)])


@router.patch("/{uuid}")
async def send(request: Request, person: Sender, uploads: TheUploads, uuid: UUID) -> Response:
    """The next bytes."""
    offset = count_of(request, "upload-offset")
    if refusal := _refusal(request, offset):
        return refusal
    if request.headers.get("content-type") != _PATCH_TYPE:
        return _answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        return _answer(HTTPStatus.NO_CONTENT, await _append(request, person, uploads, uuid, offset or 0))
    except (NoSuchUpload, UploadElsewhere, UploadTooLong) as error:
        return _answer(_STATUS[type(error)])


@router.delete("/{uuid}")
def drop(request: Request, person: Sender, uploads: TheUploads, uuid: UUID) -> Response:
    """Throw it away."""
    if refusal := _refusal(request):
        return refusal
    uploads.remove(person, uuid)
    return _answer(HTTPStatus.NO_CONTENT)


async def _append(request: Request, person: UUID, uploads: Uploads, uuid: UUID, offset: int) -> Upload:
    upload = await run_in_threadpool(uploads.append, person, uuid, offset, b"")
    held = bytearray()
    try:
        async for some in request.stream():
            held += some
            if len(held) >= PIECE_BYTES:
                upload = await run_in_threadpool(uploads.append, person, uuid, upload.offset, bytes(held))
                held.clear()
    except ClientDisconnect:
        pass  # nobody is there to be answered; what came is kept for when they are back
    return await run_in_threadpool(uploads.append, person, uuid, upload.offset, bytes(held))


def _refusal(request: Request, count: int | None = 0) -> Response | None:
    """The answer to a request that breaks the protocol, None if it keeps to it."""
    if request.headers.get("tus-resumable") != VERSION:
        return _answer(HTTPStatus.PRECONDITION_FAILED, headers=_ABLE)
    if count is None:
        return _answer(HTTPStatus.BAD_REQUEST)
    if count > LARGEST_FILE:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return None


def count_of(request: Request, header: str) -> int | None:
    """A header's number of bytes, None where it has none."""
    value = request.headers.get(header, "")
    return int(value) if _COUNT.fullmatch(value) else None


def _file_name(request: Request) -> str:
    """`filename` of the metadata: pairs of a name and a value in base64."""
    for pair in request.headers.get("upload-metadata", "").split(","):
        name, _, value = pair.strip().partition(" ")
        if name == "filename":
            try:
                return base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return ""
    return ""


def _answer(status: HTTPStatus, upload: Upload | None = None, headers: Mapping[str, str] | None = None) -> Response:
    said = {**_TUS, **(headers or {})}
    if upload is not None:
        expires = format_datetime(upload.expires_at, usegmt=True)
        said |= {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.length), "Upload-Expires": expires}
    return Response(status_code=status, headers=said)
