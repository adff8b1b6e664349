"""`POST /api/v1/cap`: warnings of others (CAP 1.2), by a token that an admin made for their source."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from broadcaster.alerts.cap.deciding import Kind
from broadcaster.alerts.cap.parsing import MAX_BYTES
from broadcaster.alerts.errors import TooLarge
from broadcaster.alerts.incoming import service, sources
from broadcaster.alerts.incoming.models import Message, State
from broadcaster.alerts.incoming.service import Via
from broadcaster.deps import Reads, TheStation, Writes, bearer
from content.kernel.nodes import Node

router = APIRouter(tags=["warnings"])


class CapAnswer(BaseModel):
    """What was decided about a message. `reason` is a constant word; `detail` says in English what is no usable CAP."""

    message: UUID
    decision: Kind
    reason: str
    state: State
    times: int
    detail: str = ""


def known_token(request: Request, session: Reads) -> str:
    """A token that is in force, asked for before any of the body is read. Raises UnknownSourceToken."""
    token = bearer(request)
    sources.by_token(session, token)
    return token


async def limited_body(request: Request, token: Annotated[str, Depends(known_token)]) -> bytes:
    """The message, read no further than any honest one is long. Raises TooLarge."""
    del token  # known by now
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            raise TooLarge(limit=MAX_BYTES)
    return body


@router.post("/cap", responses={201: {"model": CapAnswer}, 401: {}, 422: {"model": CapAnswer}})
def post_cap(
    token: Annotated[str, Depends(known_token)],
    xml: Annotated[bytes, Depends(limited_body)],
    session: Writes,
    station: TheStation,
    response: Response,
) -> CapAnswer:
    """Take in the body, a CAP 1.2 message. 201: new; 200: it came before; 422: no usable CAP, kept as refused."""
    source = sources.by_token(session, token)
    commune = session.get_one(Node, source.node_id)
    message = service.receive(session, station.signer, commune, xml, Via(source), station.clock.now())
    response.status_code = 422 if message.refusal else 201 if message.times == 1 else 200
    return answer(message)


def answer(message: Message) -> CapAnswer:
    """A message's receipt."""
    return CapAnswer(
        message=message.uuid,
        decision=Kind(message.decision),
        reason=message.reason,
        state=message.state,
        times=message.times,
        detail=message.refusal.format(**message.refusal_facts) if message.refusal else "",
    )
