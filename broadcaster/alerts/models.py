"""Tables of alerts.

node (commune) 1--n alert            an emergency call, from its raising to its end
                        1--n alert_version    the exact signed document of each version; append-only
                        1--n alert_receipt    what became of a version in one player
               1--n alert_phrase     the prepared phrases, the commune's own once shipped
               1--n alert_wish       what somebody chose and has not sent yet, or has
               1--n alert_drill      the monthly drills that were due; UNIQUE, so that none happens twice
               1--1 alert_rules      who must confirm, when drills are
village        1--n village_contact  whom to telephone where a loudspeaker stays silent
alert_sound                          what alerts are put together from, one row for each sound and format
"""

from datetime import datetime, time
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from content.kernel.db import Base


class Alert(Base):
    """An emergency call; `version` is its newest. It is over once cancelled or past `expires_at`.

    `origin` says what raised it (page, command, cap, drill, ...), `call` is its newest `calls.Call`.
    """

    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    scope: Mapped[str] = mapped_column(String(16))
    audible: Mapped[bool]
    title: Mapped[str] = mapped_column(String(300))
    origin: Mapped[str] = mapped_column(String(16))
    raised_by: Mapped[UUID | None]
    raised_at: Mapped[datetime]
    version: Mapped[int]
    expires_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[UUID | None]
    call: Mapped[dict[str, object]] = mapped_column(JSON)

    def is_over(self, now: datetime) -> bool:
        """Whether nothing more of it sounds."""
        return self.cancelled_at is not None or self.expires_at <= now


class AlertVersion(Base):
    """One signed document. `is_whole` is False where a prepared phrase stands in for sounds still being made."""

    __tablename__ = "alert_version"
    __table_args__ = (UniqueConstraint("alert_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    version: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[UUID | None]
    is_whole: Mapped[bool]
    cancelled: Mapped[bool]
    document: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(120))
    key_id: Mapped[str] = mapped_column(String(32))


class AlertReceiptRow(Base):
    """How far a version has come in a player. `stage` is an `AlertStage`, or `sent`: the server put it on the wire.

    `at` is by the player's clock, `received_at` by ours.
    """

    __tablename__ = "alert_receipt"
    __table_args__ = (UniqueConstraint("alert_id", "version", "player_id", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    version: Mapped[int]
    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"))
    stage: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    clock_state: Mapped[str] = mapped_column(String(16), default="")
    detail: Mapped[str] = mapped_column(String(300), default="")


class PreparedPhrase(Base):
    """A phrase that every player keeps. `texts` and `takes` are by language; a take (sha256) goes before a voice.

    `is_offered` is False for what is never chosen by itself: the call for attention, the exercise's announcement.
    `proposal` is a `proposals.Proposal` that waits for a second person; until then all else here goes on airing.
    """

    __tablename__ = "alert_phrase"
    __table_args__ = (UniqueConstraint("node_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    key: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    is_offered: Mapped[bool]
    title: Mapped[str] = mapped_column(String(120))
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    takes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    changed_by: Mapped[UUID | None]
    changed_at: Mapped[datetime]
    approved_by: Mapped[UUID | None]
    proposal: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))


class AlertSound(Base):
    """A sound of one format, named by what it is made from (`calls.Line.source`); `sha256` is None until it is made.

    `urgent`: somebody waits for it now, so the embedded voice speaks it at once.
    """

    __tablename__ = "alert_sound"
    __table_args__ = (
        UniqueConstraint("source_sha256", "format"),
        Index("ix_alert_sound_waiting", "sha256", "urgent"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_sha256: Mapped[str] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(64))
    line: Mapped[dict[str, object]] = mapped_column(JSON)
    urgent: Mapped[bool]
    wanted_at: Mapped[datetime]
    sha256: Mapped[str | None] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(40), default="")
    size_bytes: Mapped[int] = mapped_column(default=0)
    duration_ms: Mapped[int] = mapped_column(default=0)
    voice: Mapped[str] = mapped_column(String(64), default="")


class AlertWish(Base):
    """What somebody chose on the page: nothing sounds before it is sent.

    `alert_id` is set where it is to replace what an alert says. Once `asked_at` is set, a second person may confirm it
    for a minute; `sent_at` ends it.
    """

    __tablename__ = "alert_wish"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    call: Mapped[dict[str, object]] = mapped_column(JSON)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    sent_as: Mapped[UUID | None]


class AlertRules(Base):
    """A commune's own rules; a day of the month of None means no such drill. Times are the commune's wall clock.

    `alone_role` is the least role that may send without the second person, saying why.
    """

    __tablename__ = "alert_rules"

    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    second_person: Mapped[bool] = mapped_column(default=False)
    alone_role: Mapped[str] = mapped_column(String(16), default="admin")
    silent_day: Mapped[int | None] = mapped_column(default=1)
    silent_at_local: Mapped[time] = mapped_column(default=time(9, 0))
    audible_day: Mapped[int | None] = mapped_column(default=None)
    audible_at_local: Mapped[time] = mapped_column(default=time(9, 30))


class DrillKind(StrEnum):
    """Whether a drill is heard, or only reaches the players."""

    SILENT = "silent"
    AUDIBLE = "audible"


class AlertDrill(Base):
    """A drill that was due and was raised."""

    __tablename__ = "alert_drill"
    __table_args__ = (UniqueConstraint("node_id", "kind", "planned_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    kind: Mapped[str] = mapped_column(String(16))
    planned_at: Mapped[datetime]
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))


class Contact(Base):
    """Whom to telephone in a village, the first first."""

    __tablename__ = "village_contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(32))
