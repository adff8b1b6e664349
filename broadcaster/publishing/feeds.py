"""The addresses of the villages' feeds: made with the station's key, renewed or shut by who may change the schedule.

A token names a village and the number of its address; what counts is the newest number, unless it is shut. Villages
without a row have number 0, whose token is what the first release gave out.
"""

import hashlib
from datetime import datetime
from uuid import UUID

from itsdangerous import BadSignature
from itsdangerous import Signer as TokenSigner
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.fleet.signing import Signer
from broadcaster.publishing.models import FeedLink
from content.kernel import audit
from content.kernel.nodes import Node, NodeKind


def token_of(session: Session, signer: Signer, village: Node) -> str | None:
    """What opens a village's feeds; the same as long as station and village keep it. None while it is shut."""
    link = _link(session, village)
    return None if link.closed_at else _token(signer, village.uuid, link.number)


def village_of(session: Session, signer: Signer, token: str) -> Node | None:
    """The village that a token opens, None if it opens nothing, or no longer."""
    try:
        name, _, number = _signer(signer).unsign(token).decode().partition("-")
        query = select(Node).where(Node.uuid == UUID(hex=name), Node.kind == NodeKind.VILLAGE)
    except (BadSignature, ValueError):
        return None
    found = session.scalars(query).one_or_none()
    if found is None:
        return None
    link = _link(session, found)
    return found if link.closed_at is None and str(link.number) == (number or "0") else None


def renew(session: Session, village: Node, now: datetime, actor: UUID | None = None) -> None:
    """Give the village another address: the one before stops at once, for good. One that is shut opens."""
    link = _kept(session, village)
    link.number, link.closed_at = link.number + 1, None
    _audit(session, village, now, actor, "feed.renewed")


def shut(session: Session, village: Node, now: datetime, actor: UUID | None = None) -> None:
    """Let the village's address open nothing until `reopen`."""
    link = _kept(session, village)
    link.closed_at = link.closed_at or now
    _audit(session, village, now, actor, "feed.shut")


def reopen(session: Session, village: Node, now: datetime, actor: UUID | None = None) -> None:
    """Undo that: the same address opens again."""
    _kept(session, village).closed_at = None
    _audit(session, village, now, actor, "feed.reopened")


def _link(session: Session, village: Node) -> FeedLink:
    return session.get(FeedLink, village.id) or FeedLink(village_id=village.id, number=0, closed_at=None)


def _kept(session: Session, village: Node) -> FeedLink:
    link = _link(session, village)
    session.add(link)
    return link


def _token(signer: Signer, village: UUID, number: int) -> str:
    return _signer(signer).sign(f"{village.hex}-{number}" if number else village.hex).decode()


def _signer(signer: Signer) -> TokenSigner:
    return TokenSigner(signer.secret_for("feeds"), salt="village", digest_method=hashlib.sha256)


def _audit(session: Session, village: Node, now: datetime, actor: UUID | None, act: str) -> None:
    session.flush()
    audit.record(session, village.parent_id or village.id, now, actor, act, f"village:{village.uuid}")
