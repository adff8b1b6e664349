"""The link's settings, rows taken in, receipts. Functions take the session first, flush and never commit."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from nacl.secret import SecretBox
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.alerts.incoming import sources
from broadcaster.province.errors import BadLink
from broadcaster.province.models import BulletinRow, Link, ReceiptRow
from broadcaster.province.wire import Bulletin, Receipt, Stage, checked
from content.kernel import audit
from content.kernel.addresses import is_web_address
from content.kernel.nodes import Node

SEAL = "province-token"
"""What the key that seals the token is derived for (`Signer.secret_for`)."""
SOURCE_NAME = "Province (Circular 39/2020)"
OPEN = (Stage.RECEIVED, Stage.WAITING, Stage.APPROVED)
"""Stages after which more may come."""
MOST_RECEIPTS = 100
_POLL = (30, 3600)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the link is to be; `token` None leaves it as it is, an empty `url` switches the link off.

    `source_name` is what its source of warnings is called from the first time on; people rename it there.
    """

    url: str
    token: str | None = None
    poll_seconds: int = 60
    submits: bool = True
    source_name: str = SOURCE_NAME


def link_of(session: Session, commune: Node) -> Link | None:
    """The commune's link, None before one was entered."""
    return session.scalars(select(Link).where(Link.node_id == commune.id)).one_or_none()


def due(session: Session, now: datetime) -> list[Link]:
    """The links to be asked now."""
    return list(session.scalars(select(Link).where(Link.url != "", Link.next_poll_at <= now)))


def set_up(session: Session, commune: Node, key: bytes, wanted: Wanted, actor: UUID | None, now: datetime) -> Link:
    """Enter or change the link; its token is sealed with `key`. Another address is asked from the beginning.

    Raises BadLink.
    """
    url = wanted.url.strip()
    if url and not is_web_address(url):
        raise BadLink
    link = link_of(session, commune)
    if link is None:
        source = sources.add(session, commune, sources.Wanted(wanted.source_name), actor, now)
        link = Link(node_id=commune.id, source_id=source.id, url="", cursor="", error="")
        session.add(link)
    if url != link.url:
        link.cursor, link.error, link.failing_since, link.asked_at = "", "", None, None
    link.url, link.submits, link.next_poll_at = url, wanted.submits, now
    link.poll_seconds = min(max(wanted.poll_seconds, _POLL[0]), _POLL[1])
    if wanted.token is not None:
        link.token_sealed = bytes(SecretBox(key).encrypt(wanted.token.strip().encode())) if wanted.token else None
    session.flush()
    audit.record(session, commune.id, now, actor, "province.link_changed", f"commune:{commune.uuid}", url=url)
    return link


def token_of(link: Link, key: bytes) -> str:
    """The whole token, to ask with and for nothing else."""
    return SecretBox(key).decrypt(link.token_sealed).decode() if link.token_sealed else ""


def take(session: Session, link: Link, row: Any, now: datetime) -> tuple[BulletinRow, Bulletin | None] | None:
    """Keep a row: as a bulletin, or set aside with what is wrong. None where the same came before.

    A repeated row has its receipts sent again: an answer of ours may have been lost.
    """
    body = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    sha256 = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    known = select(BulletinRow).where(BulletinRow.link_id == link.id, BulletinRow.sha256 == sha256)
    if found := session.scalars(known).first():
        session.execute(update(ReceiptRow).where(ReceiptRow.bulletin_id == found.id).values(sent_at=None))
        return None
    bulletin, problem = checked(row)
    kept = BulletinRow(
        link_id=link.id,
        name=bulletin.id if bulletin else _name_in(row),
        version=bulletin.version if bulletin else 0,
        sha256=sha256,
        level=str(bulletin.level) if bulletin else "",
        title=bulletin.title if bulletin else "",
        row=bulletin.model_dump(mode="json")
        if bulletin
        else {"received": body[:20_000].encode("utf-8", "replace").decode()},
        received_at=now,
        stage=Stage.RECEIVED,
        problem=problem,
    )
    session.add(kept)
    session.flush()
    note(session, kept, Stage.RECEIVED if bulletin else Stage.QUARANTINED, now, problem)
    return kept, bulletin


def note(session: Session, kept: BulletinRow, stage: Stage, now: datetime, detail: str = "") -> None:
    """Note that a bulletin came to a stage; the province is told with the next post. Once for each stage."""
    kept.stage = stage
    known = select(ReceiptRow.id).where(ReceiptRow.bulletin_id == kept.id, ReceiptRow.stage == stage)
    if session.scalars(known).first() is None:
        session.add(ReceiptRow(bulletin_id=kept.id, stage=stage, at=now, detail=detail[:300]))
    session.flush()


def earlier(session: Session, kept: BulletinRow) -> list[BulletinRow]:
    """The bulletin's other versions that were understood, oldest first."""
    query = select(BulletinRow).where(BulletinRow.link_id == kept.link_id, BulletinRow.name == kept.name)
    query = query.where(BulletinRow.id != kept.id, BulletinRow.version > 0)
    return list(session.scalars(query.order_by(BulletinRow.version, BulletinRow.id)))


def still_open(session: Session, link: Link) -> list[BulletinRow]:
    """Bulletins of which more may come to be told."""
    query = select(BulletinRow).where(BulletinRow.link_id == link.id, BulletinRow.stage.in_(OPEN))
    return list(session.scalars(query.order_by(BulletinRow.id)))


def unsent(session: Session, link: Link) -> list[tuple[int, Receipt]]:
    """Receipts that the province has not been told of, oldest first, with their row's id."""
    query = select(ReceiptRow, BulletinRow).join(BulletinRow, BulletinRow.id == ReceiptRow.bulletin_id)
    query = query.where(BulletinRow.link_id == link.id, ReceiptRow.sent_at.is_(None)).order_by(ReceiptRow.id)
    return [
        (row.id, Receipt(id=bulletin.name, version=bulletin.version, stage=row.stage, at=row.at, detail=row.detail))
        for row, bulletin in session.execute(query.limit(MOST_RECEIPTS))
    ]


def mark_sent(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Note that the province took these receipts."""
    session.execute(update(ReceiptRow).where(ReceiptRow.id.in_(ids)).values(sent_at=now))


def newest(session: Session, link: Link, limit: int = 50) -> list[BulletinRow]:
    """What came, newest first."""
    query = select(BulletinRow).where(BulletinRow.link_id == link.id).order_by(BulletinRow.id.desc()).limit(limit)
    return list(session.scalars(query))


def _name_in(row: Any) -> str:
    name = row.get("id", "") if isinstance(row, dict) else ""
    return str(name).encode("utf-8", "replace").decode()[:100]
