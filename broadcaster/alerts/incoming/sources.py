"""Who sends us warnings: feeds, tokens, certificates. An admin's business; each change is audited."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts.cap.signing import check_certificate
from broadcaster.alerts.incoming.errors import BadFeedAddress, BadSourceName, NoSuchSource, UnknownSourceToken
from broadcaster.alerts.incoming.models import Source
from content.kernel import audit
from content.kernel.addresses import is_web_address
from content.kernel.nodes import Node

POLL_SECONDS = (30, 3600)
"""The least and the most between two looks."""
TOKEN_BEGINS = "cap_"  # noqa: S105  (how one is recognised, no secret)
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a source is to be."""

    name: str
    url: str = ""
    poll_seconds: int = 60
    certificate: str = ""
    airs_itself: bool = False


def add(session: Session, commune: Node, wanted: Wanted, actor: UUID | None, now: datetime) -> Source:
    """Another source. Raises BadSourceName, BadFeedAddress, BadCertificate."""
    source = Source(node_id=commune.id, created_at=now, seen=[])
    _put(source, wanted, now)
    session.add(source)
    session.flush()
    _record(session, source, actor, now, "cap.source_added")
    return source


def change(session: Session, source: Source, wanted: Wanted, actor: UUID | None, now: datetime) -> None:
    """Another name, address, certificate or rule. Raises BadSourceName, BadFeedAddress, BadCertificate."""
    _put(source, wanted, now)
    session.flush()
    _record(session, source, actor, now, "cap.source_changed")


def set_removed(session: Session, source: Source, actor: UUID | None, now: datetime, *, removed: bool) -> None:
    """Hear no more of a source, or again; its token ends with it and must be made anew."""
    source.removed_at = now if removed else None
    source.token_sha256 = None if removed else source.token_sha256
    source.next_poll_at = now
    session.flush()
    _record(session, source, actor, now, "cap.source_removed" if removed else "cap.source_restored")


def make_token(session: Session, source: Source, actor: UUID | None, now: datetime) -> str:
    """A token for the API, shown once; the one before ends."""
    token = TOKEN_BEGINS + secrets.token_urlsafe(32)
    source.token_sha256 = _hash(token)
    session.flush()
    _record(session, source, actor, now, "cap.token_made")
    return token


def revoke_token(session: Session, source: Source, actor: UUID | None, now: datetime) -> None:
    """End the token at the next request."""
    source.token_sha256 = None
    session.flush()
    _record(session, source, actor, now, "cap.token_revoked")


def by_token(session: Session, token: str) -> Source:
    """Whose token it is. Raises UnknownSourceToken."""
    query = select(Source).where(Source.token_sha256 == _hash(token), Source.removed_at.is_(None))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise UnknownSourceToken
    return found


def all_of(session: Session, commune: Node) -> list[Source]:
    """The sources in use, oldest first."""
    query = select(Source).where(Source.node_id == commune.id, Source.removed_at.is_(None)).order_by(Source.id)
    return list(session.scalars(query))


def source(session: Session, commune: Node, uuid: UUID) -> Source:
    """One source, removed or not. Raises NoSuchSource."""
    found = session.scalars(select(Source).where(Source.node_id == commune.id, Source.uuid == uuid)).one_or_none()
    if found is None:
        raise NoSuchSource
    return found


def due(session: Session, now: datetime) -> list[Source]:
    """The feeds to be looked at now."""
    query = select(Source).where(Source.url != "", Source.removed_at.is_(None), Source.next_poll_at <= now)
    return list(session.scalars(query.order_by(Source.next_poll_at)))


def _put(source: Source, wanted: Wanted, now: datetime) -> None:
    name, url, certificate = " ".join(wanted.name.split()), wanted.url.strip(), wanted.certificate.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise BadSourceName(limit=_LONGEST_NAME)
    if url and not is_web_address(url):
        raise BadFeedAddress
    if certificate:
        check_certificate(certificate)
    if url != source.url:
        source.etag = source.modified = source.error = ""
        source.seen, source.failing_since, source.fetched_at = [], None, None
    source.name, source.url, source.certificate = name, url, certificate
    source.poll_seconds = min(max(wanted.poll_seconds, POLL_SECONDS[0]), POLL_SECONDS[1])
    source.airs_itself, source.next_poll_at = wanted.airs_itself, now


def _record(session: Session, source: Source, actor: UUID | None, now: datetime, act: str) -> None:
    facts = {"name": source.name, "airs_itself": source.airs_itself, "signed": bool(source.certificate)}
    audit.record(session, source.node_id, now, actor, act, f"source:{source.uuid}", **facts)


def _hash(token: str) -> str:
    return hashlib.sha256(token.strip().encode()).hexdigest()
