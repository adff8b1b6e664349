"""The players' calls, but for the manifest (`manifest`): pairing, time, objects, as-run rows, heartbeat."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.responses import FileResponse

from audio_out.errors import ObjectMissing
from broadcaster.api.throttle import Throttle
from broadcaster.asrun import service as as_run
from broadcaster.deps import Reads, ReportingPlayer, TheStation, Writes, reading_player
from broadcaster.fleet import service as fleet
from broadcaster.fleet.errors import UnknownPairingCode, UsedPairingCode
from broadcaster.protocol import AsRunAnswer, Heartbeat, PairAnswer, PairRequest, TimeAnswer
from broadcaster.publishing import service as publishing
from content.kernel.units import Sha256

router = APIRouter(tags=["players"])
MOST_ROWS = 500
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.post("/pair")
def pair(request: PairRequest, http: Request, session: Writes, station: TheStation) -> PairAnswer:
    """Exchange a pairing code for a token and the server's public keys."""
    throttle: Throttle = http.app.state.throttle
    throttle.check()
    try:
        answer = fleet.pair(session, station.signer, request, station.clock.now())
    except (UnknownPairingCode, UsedPairingCode):
        throttle.wrong()
        raise
    publishing.want_plan_of(session, answer.player)
    return answer


@router.get("/time", response_model=TimeAnswer)
def time(station: TheStation, nonce: Annotated[str, Query(min_length=8, max_length=64)]) -> Response:
    """The server's time, signed over the exact bytes; needs neither token nor TLS."""
    body = TimeAnswer(nonce=nonce, now=station.clock.now()).model_dump_json().encode()
    headers = station.signer.headers(body) | {"Cache-Control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


@router.get("/objects/{sha256}", dependencies=[Depends(reading_player)])
def get_object(sha256: str, session: Reads, station: TheStation) -> FileResponse:
    """Any published object, whole or by Range, to any paired player."""
    if not _SHA256.fullmatch(sha256):
        raise ObjectMissing(sha256=sha256)
    mime = publishing.published_mime(session, Sha256(sha256))
    if mime is None:
        raise ObjectMissing(sha256=sha256)
    return FileResponse(station.store.path(Sha256(sha256)), media_type=mime, headers=_FOR_EVER)


@router.post("/as-run")
def post_as_run(
    rows: Annotated[list[Any], Body(embed=True, max_length=MOST_ROWS)],
    player: ReportingPlayer,
    session: Writes,
    station: TheStation,
) -> AsRunAnswer:
    """Take in what aired, row by row; each answer acknowledges its row."""
    return AsRunAnswer(rows=tuple(as_run.ingest(session, player, rows, station.clock.now())))


@router.post("/heartbeat", status_code=204)
def post_heartbeat(heartbeat: Heartbeat, player: ReportingPlayer, session: Writes, station: TheStation) -> None:
    """Keep how the player is."""
    fleet.heard_from(session, player, heartbeat, station.clock.now())
