"""Tables of notifications.

    notice_channel                               where people of the commune are told, and of what
    notice 1--n notice_attachment                something told once
           1--n notice_delivery n--1 channel     the outbox: waiting, sent, or given up

An address holds passwords and tokens, so it is sealed with a key that is not in the database.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from content.kernel.db import Base


class Kind(StrEnum):
    """What can be told of; what a channel chooses from."""

    ALERT_STARTED = "alert_started"
    DRILL_STARTED = "drill_started"
    ALERT_ENDED = "alert_ended"
    ALERT_NOT_SOUNDED = "alert_not_sounded"
    ALERT_WAITS = "alert_waits"
    SOURCE_SILENT = "source_silent"
    PLAYER_OFFLINE = "player_offline"
    PLAYER_BACK = "player_back"
    REPORT = "report"
    TEST = "test"


CHOSEN = tuple(kind for kind in Kind if kind is not Kind.TEST)
"""What a channel can be for; a test goes to its one channel always."""


class Channel(Base):
    """One address that is told of some kinds. `shown` is the address without its secrets; a removed one stays."""

    __tablename__ = "notice_channel"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    service: Mapped[str] = mapped_column(String(64))
    shown: Mapped[str] = mapped_column(String(300))
    address_sealed: Mapped[bytes]
    kinds: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Notice(Base):
    """Something told: `facts` fill the words of its kind. `key` names what happened, so that it is told once."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("node_id", "kind", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    kind: Mapped[Kind] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    at: Mapped[datetime]

    attachments: Mapped[list["Attachment"]] = relationship(lazy="raise", order_by="Attachment.id")


class Attachment(Base):
    """A file that goes with a notice."""

    __tablename__ = "notice_attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    mime: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes]


class Delivery(Base):
    """A notice on its way to one channel: waiting while neither `sent_at` nor `given_up_at` is set."""

    __tablename__ = "notice_delivery"
    __table_args__ = (Index("ix_notice_delivery_due", "sent_at", "given_up_at", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("notice_channel.id"), index=True)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)

    notice: Mapped[Notice] = relationship(lazy="raise")
    channel: Mapped[Channel] = relationship(lazy="raise")
