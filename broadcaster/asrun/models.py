"""Tables of the broadcast log.

    player 1--n as_run                          what each player said, once; append-only
           1--n as_run_quarantine               what could not be understood or believed, with its reason
    node (village) 1--n airing                  the log itself: every planned cue with its one outcome
                   1--n hearing_link 1--n hearing    what village heads say of it, without a login
    node (commune) 1--n log_comment             what cadres and secretaries say of it
                   1--1 log_state               how far the plan has become log

`as_run` and the plan are the truth; `airing` is worked out from them (`settling`) and can be made anew.
"""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from content.kernel.db import Base


class AsRunEntry(Base):
    """One row of one player. `row` is the whole row as it came; the columns are what is asked for by queries."""

    __tablename__ = "as_run"
    __table_args__ = (
        UniqueConstraint("player_id", "row_uuid"),
        Index("ix_as_run_village_planned", "village_id", "planned_at"),
        Index("ix_as_run_player_boot", "player_id", "boot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"))
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    row_uuid: Mapped[UUID] = mapped_column(index=True)
    occurrence_uuid: Mapped[UUID] = mapped_column(index=True)
    cue_key: Mapped[str] = mapped_column(String(200))
    attempt: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    planned_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    late_ms: Mapped[int | None]
    media_sha256: Mapped[str | None] = mapped_column(String(64))
    received_at: Mapped[datetime]
    position_ms: Mapped[int] = mapped_column(default=0)
    clock_state: Mapped[str] = mapped_column(String(16), default="trusted")
    boot_id: Mapped[str] = mapped_column(String(64), default="")
    monotonic_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    heard: Mapped[bool | None]
    alert_version: Mapped[int | None]
    is_exercise: Mapped[bool] = mapped_column(default=False)
    row: Mapped[dict[str, object]] = mapped_column(JSON)


class QuarantinedRow(Base):
    """A row that could not be understood or believed: kept and shown with its reason, never in the way of others.

    `looked_at` is when somebody put it aside; `taken_at` when a second look, with newer software, could take it in.
    """

    __tablename__ = "as_run_quarantine"

    id: Mapped[int] = mapped_column(primary_key=True)
    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"), index=True)
    content_sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(400))
    received_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    looked_by: Mapped[UUID | None]
    taken_at: Mapped[datetime | None]
    row: Mapped[object] = mapped_column(JSON)


class Airing(Base):
    """One planned cue in one village with its one outcome, or what sounded there without a plan (`is_planned` False).

    `local_on` is the date of its opening, `hour` the village's when it was planned; `due_at` its planned end.
    `sounded_ms` is how much of it sounded. `clock_ahead_ms` is how far the player's clock was ahead where that could be
    measured; `started_at` and `late_ms` are corrected by it. `heard` is what the player's own listening says.
    """

    __tablename__ = "airing"
    __table_args__ = (
        UniqueConstraint("village_id", "occurrence_uuid", "cue_key"),
        Index("ix_airing_village_day", "village_id", "local_on"),
        Index("ix_airing_village_outcome", "village_id", "outcome", "due_at"),
        Index("ix_airing_announcement", "announcement_uuid", "planned_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    occurrence_uuid: Mapped[UUID]
    cue_key: Mapped[str] = mapped_column(String(200))
    local_on: Mapped[date] = mapped_column(index=True)
    hour: Mapped[int]
    planned_at: Mapped[datetime]
    due_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(16))
    priority: Mapped[str] = mapped_column(String(16))
    announcement_uuid: Mapped[UUID | None]
    duration_ms: Mapped[int]
    media: Mapped[list[str]] = mapped_column(JSON)
    is_synthetic: Mapped[bool]
    is_planned: Mapped[bool]
    is_exercise: Mapped[bool]
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    started_at: Mapped[datetime | None]
    late_ms: Mapped[int | None]
    sounded_ms: Mapped[int]
    clock_ahead_ms: Mapped[int | None] = mapped_column(BigInteger)
    heard: Mapped[bool | None]

    @property
    def silent_at(self) -> datetime | None:
        """When its sound ended, None where none began."""
        return self.started_at and self.started_at + timedelta(milliseconds=self.sounded_ms)


class LogState(Base):
    """All that ended up to `settled_until` is in the log of this commune; `settled_at` is when that was last said.

    During a backlog the first lies far behind while the second shows that somebody works on it.
    """

    __tablename__ = "log_state"

    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    settled_until: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class HearingLink(Base):
    """An address by which a village's head says, without a login, what was heard; ended when another is made."""

    __tablename__ = "hearing_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Hearing(Base):
    """What somebody at the loudspeaker says of one announcement in one opening; said again, the newer counts.

    `cue_group` names the announcement, or the cue where there is none.
    """

    __tablename__ = "hearing"
    __table_args__ = (
        UniqueConstraint("village_id", "occurrence_uuid", "cue_group"),
        Index("ix_hearing_link_at", "link_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    link_id: Mapped[int] = mapped_column(ForeignKey("hearing_link.id"))
    occurrence_uuid: Mapped[UUID] = mapped_column(index=True)
    cue_group: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)


class LogComment(Base):
    """What somebody says of a day, of one village's day, or of one announcement; removed and back."""

    __tablename__ = "log_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    village_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    announcement_uuid: Mapped[UUID | None] = mapped_column(index=True)
    local_on: Mapped[date] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[UUID]
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
