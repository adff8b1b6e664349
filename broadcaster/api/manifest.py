"""`GET /manifest` as a bare Starlette route: the one call that every player makes every minute."""

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from broadcaster.api.index import ManifestIndex
from broadcaster.fleet.errors import UnknownToken
from broadcaster.protocol import KEY_ID_HEADER, SIGNATURE_HEADER
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content.kernel.db import unit_of_work

NOT_YET = Response(status_code=404, headers={"Retry-After": "5"})


async def get_manifest(request: Request) -> Response:
    """304 if nothing changed, else the signed bytes; 401 for an unknown token; 404 before the first plan.

    A restored server that nobody has looked at has no manifest: who holds one from before keeps it (304).
    """
    index: ManifestIndex = request.app.state.index
    token = request.headers.get("authorization", "")[7:].strip()
    name = hashlib.sha256(token.encode()).hexdigest()
    etag = index.etag(name)
    if etag is None:
        return JSONResponse({"error": UnknownToken.sentence}, status_code=401)
    theirs = request.headers.get("if-none-match")
    if not etag and not theirs:
        return NOT_YET
    if theirs and theirs == (etag or theirs):
        return Response(status_code=304, headers={"ETag": theirs})
    return await run_in_threadpool(_whole, request.app.state.station, name)


def _whole(station: Station, token_sha256: str) -> Response:
    with unit_of_work(station.sessions, writes=False) as session:
        row = publishing.manifest_for(session, token_sha256)
        if row is None:
            return NOT_YET
        headers = {
            "ETag": row.etag,
            SIGNATURE_HEADER: row.signature,
            KEY_ID_HEADER: station.signer.public.key_id,
            "Cache-Control": "private, no-cache",
        }
        return Response(row.body, media_type="application/json", headers=headers)
