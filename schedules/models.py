"""Tables of the schedule: airing settings, slots, bookings, and the occurrences planned from them.

Playlists and their cues are immutable and named by their content, so that villages which hear the same share a row;
they belong to no node of their own and are reached through the occurrences of a village.
"""

from datetime import date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from content.kernel.db import Base
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import DurationMs
from schedules.planner import CueKind, QuietHours
from schedules.recurrence import Rule

QUIET_FROM = time(21, 30)
QUIET_UNTIL = time(5)


class VillageAiring(Base):
    """How a village airs. `languages` in the order in which they sound; both quiet ends None = no quiet hours.

    Without a part in each of the `required` languages nothing important is sent to it for approval. Its players get
    sound in `codec`, shaped for their loudspeakers by `preset` (names of `audio_out`).
    """

    __tablename__ = "village_airing"

    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    languages: Mapped[list[str]] = mapped_column(JSON)
    required: Mapped[list[str]] = mapped_column(JSON, default=list)
    quiet_from_local: Mapped[time | None]
    quiet_until_local: Mapped[time | None]
    volume_percent: Mapped[int] = mapped_column(default=100)
    warm_up_ms: Mapped[int] = mapped_column(default=0)
    freeze_minutes: Mapped[int] = mapped_column(default=5)
    codec: Mapped[str] = mapped_column(String(16), default="opus")
    preset: Mapped[str] = mapped_column(String(32), default="plain")

    village: Mapped[Node] = relationship(lazy="raise")

    @property
    def quiet(self) -> QuietHours | None:
        """The quiet hours as the planner takes them."""
        if self.quiet_from_local is None or self.quiet_until_local is None:
            return None
        return QuietHours(self.quiet_from_local, self.quiet_until_local)


class SlotVillage(Base):
    """A slot is heard in a village."""

    __tablename__ = "slot_village"

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, index=True)


class Slot(Base):
    """A recurring opening of a commune (`node_id`), on the wall clocks of its villages; open or cancelled, and back."""

    __tablename__ = "slot"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    start_local: Mapped[time]
    duration_ms: Mapped[int]
    starts_on: Mapped[date]
    until_on: Mapped[date | None]
    rrule: Mapped[str | None] = mapped_column(String(400))
    cancelled_at: Mapped[datetime | None]

    villages: Mapped[list[Node]] = relationship(secondary="slot_village", order_by=Node.id, lazy="raise")

    @property
    def rule(self) -> Rule:
        """When it opens."""
        return Rule(self.start_local, DurationMs(self.duration_ms), self.starts_on, self.until_on, self.rrule)

    @rule.setter
    def rule(self, rule: Rule) -> None:
        self.start_local, self.duration_ms = rule.start_local, rule.duration_ms
        self.starts_on, self.until_on, self.rrule = rule.starts_on, rule.until_on, rule.rrule


class BookingVillage(Base):
    """A booking wants to be heard in a village."""

    __tablename__ = "booking_village"

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, index=True)


class Booking(Base):
    """The wish to air a revision between two local dates, both included; live or withdrawn, and back.

    `slot_id` None takes any slot; `times_per_day` is at most, per village; `position` orders those of equal right.
    """

    __tablename__ = "booking"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    announcement_uuid: Mapped[UUID] = mapped_column(index=True)
    revision_uuid: Mapped[UUID]
    from_on: Mapped[date]
    until_on: Mapped[date]
    times_per_day: Mapped[int] = mapped_column(default=1)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    priority: Mapped[Priority] = mapped_column(String(16), default=Priority.ROUTINE)
    position: Mapped[int]
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    slot: Mapped[Slot | None] = relationship(lazy="raise")
    villages: Mapped[list[Node]] = relationship(secondary="booking_village", order_by=Node.id, lazy="raise")


class Playlist(Base):
    """An immutable programme, named by the sha256 of its bytes."""

    __tablename__ = "playlist"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    duration_ms: Mapped[int]
    size_bytes: Mapped[int]

    cues: Mapped[list["CueRow"]] = relationship(order_by="CueRow.position", lazy="raise")


class CueRow(Base):
    """One line of a playlist. Offsets count from the start of the occurrence."""

    __tablename__ = "cue"
    __table_args__ = (UniqueConstraint("playlist_id", "position"), UniqueConstraint("playlist_id", "key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlist.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(200))
    offset_ms: Mapped[int]
    duration_ms: Mapped[int]
    latest_start_ms: Mapped[int]
    kind: Mapped[CueKind] = mapped_column(String(16))
    media: Mapped[list[str]] = mapped_column(JSON)
    title: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(16))
    priority: Mapped[Priority] = mapped_column(String(16))
    not_before: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    announcement_uuid: Mapped[UUID] = mapped_column(index=True)
    revision_uuid: Mapped[UUID]
    repeat: Mapped[int]


class Occurrence(Base):
    """One dated opening of a slot in one village, as last planned.

    `local_on` is the slot's date there, also for what goes on after midnight. `playlist_id` None: nothing to air.
    `reasons` says why each cue is here, by its key: {"because", "facts"}; `not_placed` what is not here and why:
    [{"announcement_uuid", "title", "why", "facts"}]. `published_at` None: not yet published as it is now.
    """

    __tablename__ = "occurrence"
    __table_args__ = (Index("ix_occurrence_village_id_starts_at", "village_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), index=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    local_on: Mapped[date] = mapped_column(index=True)
    ordinal: Mapped[int] = mapped_column(default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    priority: Mapped[Priority] = mapped_column(String(16), default=Priority.ROUTINE)
    playlist_id: Mapped[int | None] = mapped_column(ForeignKey("playlist.id"), index=True)
    reasons: Mapped[dict[str, dict[str, object]]] = mapped_column(JSON)
    not_placed: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    planned_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    slot: Mapped[Slot] = relationship(lazy="raise")
    village: Mapped[Node] = relationship(lazy="raise")
    playlist: Mapped[Playlist | None] = relationship(lazy="raise")
