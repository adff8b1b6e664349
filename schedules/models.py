"""Tables of the schedule: airing settings, slots, bookings, and the occurrences planned from them.

    commune_airing            what holds for all villages of a commune
    village_airing            how one village airs
    slot n--n village         booking n--n village, n--n slot
    occurrence n--1 playlist 1--n cue

Playlists and their cues are immutable and named by their content, so that villages which hear the same share a row;
they belong to no node of their own and are reached through the occurrences of a village.
"""

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from content.kernel.db import Base
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import DurationMs
from schedules.days import parse
from schedules.planner import CueKind, QuietHours, Relay
from schedules.recurrence import Rule

QUIET_FROM = time(21, 30)
QUIET_UNTIL = time(5)
TEST_CHIME = time(7)
GAP_MINUTES = 60
URL_MOST = 2000
"""Between two airings of an announcement, unless the commune or the booking says otherwise."""
_NOBODY = UUID(int=0)


class NoneAsZero(TypeDecorator[UUID]):
    """A uuid that may be none, in a column of the first release that may not be NULL."""

    impl = Uuid
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> UUID:  # noqa: ARG002
        """None is kept as zero."""
        return value or _NOBODY

    def process_result_value(self, value: UUID | None, dialect: Dialect) -> UUID | None:  # noqa: ARG002
        """Zero is none."""
        return None if value == _NOBODY else value


class CommuneAiring(Base):
    """What holds for all villages of a commune; one without a row has the defaults.

    `holidays` are the dates (ISO) that the yearly decision fixed, as `schedules.days` takes them.
    """

    __tablename__ = "commune_airing"

    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    gap_minutes: Mapped[int] = mapped_column(default=GAP_MINUTES)
    holidays: Mapped[list[str]] = mapped_column(JSON, default=list)

    @property
    def decided(self) -> tuple[date, ...]:
        """The dates, in order."""
        return tuple(sorted(map(date.fromisoformat, self.holidays)))


class VillageAiring(Base):
    """How a village airs. `languages` in the order in which they sound; both quiet ends None = no quiet hours.

    Without a part in each of the `required` languages nothing important is sent to it for approval. Its players get
    sound in `codec`, shaped for their loudspeakers by `preset` (names of `audio_out`). `volumes` are spans of the day
    with a volume of their own: [{"from_local": "HH:MM", "until_local", "percent"}]; the first that holds counts.
    `output_offset_ms` is how much later than its device says the sound leaves the loudspeaker; `max_kbytes_s` and
    `cache_mb` bound what players download and keep (0: nothing does), `test_chime_local` when one chimes each day
    once its programme has run out (None: never). `planned_from` names what its occurrences were last planned from,
    empty where that is not known.
    """

    __tablename__ = "village_airing"

    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    languages: Mapped[list[str]] = mapped_column(JSON)
    required: Mapped[list[str]] = mapped_column(JSON, default=list)
    quiet_from_local: Mapped[time | None]
    quiet_until_local: Mapped[time | None]
    volume_percent: Mapped[int] = mapped_column(default=100)
    volumes: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    emergency_volume_percent: Mapped[int] = mapped_column(default=100)
    warm_up_ms: Mapped[int] = mapped_column(default=0)
    output_offset_ms: Mapped[int] = mapped_column(default=0)
    max_kbytes_s: Mapped[int] = mapped_column(default=0)
    cache_mb: Mapped[int] = mapped_column(default=0)
    test_chime_local: Mapped[time | None] = mapped_column(default=TEST_CHIME)
    freeze_minutes: Mapped[int] = mapped_column(default=5)
    codec: Mapped[str] = mapped_column(String(16), default="opus")
    preset: Mapped[str] = mapped_column(String(32), default="plain")
    planned_from: Mapped[str] = mapped_column(String(64), default="")

    village: Mapped[Node] = relationship(lazy="raise")

    @property
    def quiet(self) -> QuietHours | None:
        """The quiet hours as the planner takes them."""
        if self.quiet_from_local is None or self.quiet_until_local is None:
            return None
        return QuietHours(self.quiet_from_local, self.quiet_until_local)

    @property
    def format(self) -> str:
        """What its players take: codec and preset, as a plan's airables are keyed."""
        return f"{self.codec}/{self.preset}"

    def settled_until(self, now: datetime, lead: timedelta) -> datetime:
        """What begins up to this instant takes nothing new; `lead` is how long players need to learn of a change."""
        return now + max(lead, timedelta(minutes=self.freeze_minutes))


class SlotVillage(Base):
    """A slot is heard in a village."""

    __tablename__ = "slot_village"

    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, index=True)


class Slot(Base):
    """A recurring opening of a commune (`node_id`), on the wall clocks of its villages; open or cancelled, and back.

    `also` and `but_not` are lists of days as `schedules.days` writes them. `relay_fallback` is the announcement that
    sounds where the relayed station does not, None for a chime.
    """

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
    also: Mapped[str] = mapped_column(Text, default="")
    but_not: Mapped[str] = mapped_column(Text, default="")
    opening_chime: Mapped[bool] = mapped_column(default=False)
    closing_chime: Mapped[bool] = mapped_column(default=False)
    relay_url: Mapped[str | None] = mapped_column(String(URL_MOST))
    relay_title: Mapped[str] = mapped_column(String(120), default="")
    relay_fallback: Mapped[UUID | None]

    villages: Mapped[list[Node]] = relationship(secondary="slot_village", order_by=Node.id, lazy="raise")
    # The one relationship that comes by itself: without the commune's holidays no slot knows when it opens.
    commune: Mapped[CommuneAiring | None] = relationship(
        primaryjoin="foreign(Slot.node_id) == CommuneAiring.node_id", viewonly=True, lazy="joined"
    )

    @property
    def relay(self) -> Relay | None:
        """The station that fills what its announcements leave."""
        return Relay(self.relay_url, self.relay_title, self.relay_fallback) if self.relay_url else None

    @relay.setter
    def relay(self, relay: Relay | None) -> None:
        self.relay_url, self.relay_title = (relay.url, relay.title) if relay else (None, "")
        self.relay_fallback = relay.fallback if relay else None

    @property
    def rule(self) -> Rule:
        """When it opens."""
        decided = self.commune.decided if self.commune else ()
        return Rule(
            self.start_local,
            DurationMs(self.duration_ms),
            self.starts_on,
            self.until_on,
            self.rrule,
            parse(self.also or "", decided),
            parse(self.but_not or "", decided),
        )

    @rule.setter
    def rule(self, rule: Rule) -> None:
        self.start_local, self.duration_ms = rule.start_local, rule.duration_ms
        self.starts_on, self.until_on, self.rrule = rule.starts_on, rule.until_on, rule.rrule
        self.also, self.but_not = str(rule.also), str(rule.but_not)


class BookingVillage(Base):
    """A booking wants to be heard in a village."""

    __tablename__ = "booking_village"

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, index=True)


class BookingSlot(Base):
    """A booking asks for a slot."""

    __tablename__ = "booking_slot"

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"), primary_key=True, index=True)


class Booking(Base):
    """The wish to air a revision between two local dates, both included; live or withdrawn, and back.

    Without `slots` it takes any; `times_per_day` is at most, per village, and does not count where `every_slot` asks
    for each opening; `gap_minutes` None is the commune's; `position` orders those of equal right. `slot_id` is what
    the first release wrote: its value was copied into `slots`, and nothing reads it.
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
    every_slot: Mapped[bool] = mapped_column(default=False)
    gap_minutes: Mapped[int | None]

    slots: Mapped[list[Slot]] = relationship(secondary="booking_slot", order_by=Slot.id, lazy="raise")
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
    """One line of a playlist. Offsets count from the occurrence's start. Chimes and relays are of no announcement.

    A relay's `revision_uuid` is that of its fallback, if that is an announcement.
    """

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
    announcement_uuid: Mapped[UUID | None] = mapped_column(NoneAsZero, nullable=False, index=True)
    revision_uuid: Mapped[UUID | None] = mapped_column(NoneAsZero, nullable=False)
    repeat: Mapped[int]
    relay_url: Mapped[str | None] = mapped_column(String(URL_MOST))


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
