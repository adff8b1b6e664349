"""Tables of the link to the province.

province_link 1--n province_bulletin 1--n province_receipt

One link for each commune. A bulletin is one version of it as it came; receipts are kept for ever, sent or not.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.province.wire import Stage
from content.kernel.db import Base


class Link(Base):
    """The province's system of one commune. `uuid` is the author of its drafts: somebody here always approves them.

    `source_id` is the source of warnings as which its emergencies arrive. `submits`: drafts go into review at once.
    """

    __tablename__ = "province_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), unique=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("cap_source.id"))
    url: Mapped[str] = mapped_column(String(2000), default="")
    token_sealed: Mapped[bytes | None]
    poll_seconds: Mapped[int] = mapped_column(default=60)
    submits: Mapped[bool] = mapped_column(default=True)
    cursor: Mapped[str] = mapped_column(String(200), default="")
    next_poll_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(300), default="")


class BulletinRow(Base):
    """One version of a bulletin, or a row that was none (`problem`; then `name` is as far as it could be read)."""

    __tablename__ = "province_bulletin"
    __table_args__ = (UniqueConstraint("link_id", "name", "version", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("province_link.id"))
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(16), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    row: Mapped[dict[str, object]] = mapped_column(JSON)
    received_at: Mapped[datetime]
    stage: Mapped[Stage] = mapped_column(String(16))
    problem: Mapped[str] = mapped_column(String(300), default="")
    announcement_uuid: Mapped[UUID | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("cap_message.id"))


class ReceiptRow(Base):
    """A stage that a bulletin came to; `sent_at` None: the province has not been told yet."""

    __tablename__ = "province_receipt"
    __table_args__ = (UniqueConstraint("bulletin_id", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("province_bulletin.id"))
    stage: Mapped[Stage] = mapped_column(String(16))
    at: Mapped[datetime]
    detail: Mapped[str] = mapped_column(String(300), default="")
    sent_at: Mapped[datetime | None] = mapped_column(index=True)
