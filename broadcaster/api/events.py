"""`GET /events` and the two calls about alerts, as bare Starlette routes: a thousand players at once use them.

They ask the index whose token it is, in memory; nothing here opens a database session in the event loop.
"""

import hashlib

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from broadcaster.alerts.queries import SENT
from broadcaster.alerts.receipts import Note, note_of
from broadcaster.api.hub import Hub
from broadcaster.api.index import Known
from broadcaster.fleet.errors import UnknownToken
from broadcaster.protocol import AlertReceipts

_STREAM = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LARGEST_BODY = 200_000


async def get_events(request: Request) -> Response:
    """Server-sent events for a player: what is in force after `Last-Event-ID`, then whatever comes."""
    hub, token, known = _asked(request)
    if known is None:
        return _unknown()
    last = request.headers.get("last-event-id", "")
    events = hub.listen(token, known.player_id, int(last) if last.isascii() and last.isdecimal() else 0)
    return StreamingResponse(events, media_type="text/event-stream", headers=_STREAM)


async def get_alerts(request: Request) -> Response:
    """The newest version of each alert that has not expired; 304 if the player has them."""
    hub, _, known = _asked(request)
    if known is None:
        return _unknown()
    await hub.look()
    etag, body = hub.board.answer()
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    now = hub.board.now()
    sent = [Note(each.uuid, each.version, known.player_id, SENT, now, now) for each in hub.board.posted()]
    if sent:
        hub.intake.note(sent)
    return Response(body, media_type="application/json", headers=headers)


async def post_receipts(request: Request) -> Response:
    """Keep what became of alerts; 204 once it is stored."""
    hub, _, known = _asked(request)
    if known is None:
        return _unknown()
    body = await request.body()
    try:
        receipts = AlertReceipts.model_validate_json(body[:LARGEST_BODY]).receipts
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return JSONResponse({"error": f"{'.'.join(map(str, first['loc']))}: {first['msg']}"}, status_code=422)
    now = hub.board.now()
    await hub.intake.note([note_of(receipt, known.player_id, now) for receipt in receipts])
    return Response(status_code=204)


def _asked(request: Request) -> tuple[Hub, str, Known | None]:
    hub: Hub = request.app.state.hub
    token = request.headers.get("authorization", "")[7:].strip()
    name = hashlib.sha256(token.encode()).hexdigest()
    return hub, name, hub.index.known(name)


def _unknown() -> Response:
    return JSONResponse({"error": UnknownToken.sentence}, status_code=401)
