"""Tables of others' warnings.

cap_source 1--n cap_message 1--n cap_reference     which earlier messages it speaks of
                            1--n cap_call          the alerts that it became here
village_place                                      where a village (or the commune) is, for warnings
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from content.kernel.db import Base


class State(StrEnum):
    """What became of a message here. `settled`: it ended others, or had nothing to end that still sounded."""

    WAITING = "waiting"
    AIRED = "aired"
    SETTLED = "settled"
    PASSED_OVER = "passed_over"
    REPLACED = "replaced"
    REFUSED = "refused"


class Source(Base):
    """Somebody who sends warnings: by a feed that is polled (`url`), by the API with a token, or both.

    `certificate` (PEM): its messages must be signed with it. `airs_itself`: urgent ones air without a press.
    `etag`, `modified` and `seen` (names of entries, newest last) spare fetching twice.
    """

    __tablename__ = "cap_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(2000), default="")
    poll_seconds: Mapped[int] = mapped_column(default=60)
    certificate: Mapped[str] = mapped_column(Text, default="")
    airs_itself: Mapped[bool] = mapped_column(default=False)
    token_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    next_poll_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(300), default="")
    etag: Mapped[str] = mapped_column(String(300), default="")
    modified: Mapped[str] = mapped_column(String(64), default="")
    seen: Mapped[list[str]] = mapped_column(JSON, default=list)


class Message(Base):
    """One message as it came, the decision about it, and why: the receipt of it.

    `source_id` None: a person brought the file (`brought_by`). What is no usable CAP has a `refusal` (an English
    message with `refusal_facts`) instead of a name. `times` counts how often the same came. `asked_for` is what the
    second person confirms: other villages and words than the message's, or nothing.
    """

    __tablename__ = "cap_message"
    __table_args__ = (
        Index("ix_cap_message_name", "sender", "identifier", "sent_at"),
        Index("ix_cap_message_node_id_sha256", "node_id", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("cap_source.id"), index=True)
    brought_by: Mapped[UUID | None]
    received_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    xml: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(String(64))
    signed: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(String(300), default="")
    sender: Mapped[str] = mapped_column(String(300), default="")
    identifier: Mapped[str] = mapped_column(String(300), default="")
    sent_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(16), default="")
    decision: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32), default="")
    refusal: Mapped[str] = mapped_column(Text, default="")
    refusal_facts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    until_at: Mapped[datetime | None]
    state: Mapped[State] = mapped_column(String(16))
    settled_by: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[datetime | None]
    asked_for: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    source: Mapped[Source | None] = relationship(lazy="raise")


class MessageReference(Base):
    """An earlier message that a message speaks of, known or not."""

    __tablename__ = "cap_reference"
    __table_args__ = (Index("ix_cap_reference_name", "sender", "identifier", "sent_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("cap_message.id"), index=True)
    sender: Mapped[str] = mapped_column(String(300))
    identifier: Mapped[str] = mapped_column(String(300))
    sent_at: Mapped[datetime]


class MessageCall(Base):
    """An alert that a message became, or changed."""

    __tablename__ = "cap_call"

    message_id: Mapped[int] = mapped_column(ForeignKey("cap_message.id"), primary_key=True)
    alert_uuid: Mapped[UUID] = mapped_column(primary_key=True)


class PlaceRow(Base):
    """Where a village, or the commune as a whole, is for warnings; `names` besides its own."""

    __tablename__ = "village_place"

    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    names: Mapped[list[str]] = mapped_column(JSON, default=list)
