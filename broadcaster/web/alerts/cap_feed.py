"""Our own alerts for other programs, without a login: `/cap/feed.atom` and a CAP message for each alert."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from broadcaster.alerts import exporting
from broadcaster.deps import Reads

router = APIRouter(prefix="/cap")
_READ = ["GET", "HEAD"]
Known = Annotated[str, Header(alias="if-none-match")]


@router.api_route("/feed.atom", methods=_READ)
def feed(request: Request, session: Reads, known: Known = "") -> Response:
    """The newest alerts, drills among them, as such."""
    return _unless(known, exporting.feed_of(session, str(request.base_url)), "application/atom+xml; charset=utf-8")


@router.api_route("/{uuid}.xml", methods=_READ)
def message(session: Reads, uuid: UUID, known: Known = "") -> Response:
    """The newest CAP message about an alert."""
    return _unless(known, exporting.cap_of(session, uuid), f"{exporting.CAP_TYPE}; charset=utf-8")


def _unless(known: str, body: bytes, mime: str) -> Response:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "X-Robots-Tag": "noindex"}
    if etag in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=mime, headers=headers)
