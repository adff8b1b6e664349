"""What the planner takes and gives: frozen values that compare and hash, so that equal villages are planned once."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from content.kernel.priority import Priority
from content.kernel.units import DurationMs, Sha256

Facts = tuple[tuple[str, str | int], ...]
"""Named facts of a decision, for the sentence that a page makes of it."""


class CueKind(StrEnum):
    """What a cue is, by the words of the players' protocol."""

    SPEECH = "speech"
    CHIME = "chime"
    RELAY = "relay"


class Because(StrEnum):
    """Why a cue stands where it does ("Vì sao phát lúc này?")."""

    CHOSEN_SLOT = "chosen_slot"
    """The booking asked for this slot."""
    FIRST_ROOM = "first_room"
    """The booking takes any slot, and this is the day's next one."""
    MOVED_ON = "moved_on"
    """An earlier slot of that day could not take it."""
    REPEAT = "repeat"
    """Heard before on that day, and booked to be heard again."""
    EVERY_OPENING = "every_opening"
    """The booking asked for each opening of its slots."""
    EMERGENCY = "emergency"
    """Put into a programme that was settled already, since it is an emergency."""
    OPENS = "opens"
    """The chime that the slot opens with."""
    CLOSES = "closes"
    """The chime that the slot closes with."""
    RELAYS = "relays"
    """The slot relays a station after its announcements."""


class WhyNot(StrEnum):
    """Why an announcement is not in an opening where it could have been."""

    NO_ROOM = "no_room"
    """Others stood before it; it goes on to the next opening. Facts: needs_ms, room_ms."""
    LONGER_THAN_SLOT = "longer_than_slot"
    """It would not fit even if it were alone. Facts: needs_ms, room_ms."""
    QUIET_HOURS = "quiet_hours"
    """It would not have ended before the village's quiet hours."""
    EXPIRES = "expires"
    """It would not have ended before its expiry."""
    TOO_SOON = "too_soon"
    """It would be heard again within its gap; said once a day for each slot. Facts: gap_minutes, heard_at."""
    NO_LANGUAGE = "no_language"
    """It has no part in any language of the village."""
    NO_OPENING = "no_opening"
    """None of its slots opens between its dates within the horizon."""
    NOT_READY = "not_ready"
    """Its revision has no approved audio."""
    TAKEN_OUT = "taken_out"
    """Withdrawn, or replaced, after its occurrence had begun. Facts: key."""
    GAVE_WAY = "gave_way"
    """Its occurrence was settled, and an emergency needed its place. Facts: key, to."""


@dataclass(frozen=True)
class Media:
    """One audio object and how long it sounds."""

    sha256: Sha256
    duration_ms: DurationMs


@dataclass(frozen=True)
class Part:
    """An announcement in one language: its media in the order in which they sound."""

    language: str
    media: tuple[Media, ...]

    @cached_property
    def duration_ms(self) -> DurationMs:
        """How long it sounds."""
        return DurationMs(sum(medium.duration_ms for medium in self.media))


@dataclass(frozen=True)
class Item:
    """One booking of one announcement, ready to air.

    `from_on` and `until_on` are local dates, both included, and are held against the date on which an occurrence
    begins. `times_per_day` counts at most so often per day and village; `every_opening` asks for each opening instead,
    once in each. `slots` empty takes any slot. Between two airings lie at least `gap_ms` of time, emergencies excepted.
    `order` is the place of the booking among those of equal right.
    """

    announcement_uuid: UUID
    revision_uuid: UUID
    title: str
    priority: Priority
    parts: tuple[Part, ...]
    from_on: date
    until_on: date
    times_per_day: int = 1
    slots: tuple[UUID, ...] = ()
    expires_at: datetime | None = None
    order: int = 0
    every_opening: bool = False
    gap_ms: int = 0

    def __hash__(self) -> int:
        """Cheap, since the planner asks for it all the time: bookings of one revision are few."""
        return self.revision_uuid.int

    def wants(self, slot_uuid: UUID, local_on: date) -> bool:
        """Whether it may air in this slot on this date."""
        return self.from_on <= local_on <= self.until_on and (not self.slots or slot_uuid in self.slots)


class Aired(NamedTuple):
    """One airing of an announcement in an opening, its parts together; offsets count from the opening's start."""

    announcement_uuid: UUID
    from_ms: int
    until_ms: int


@dataclass(frozen=True)
class Chime:
    """What sounds before the first announcement of an opening, or after the last."""

    media: Media
    title: str


@dataclass(frozen=True)
class Relay:
    """A live stream that fills what a slot's announcements leave of it. `instead` sounds when the stream does not.

    `fallback` is the announcement that was chosen for that; `revision_uuid` the one whose audio `instead` is, None
    where it is a chime.
    """

    url: str
    title: str
    fallback: UUID | None = None
    instead: tuple[Media, ...] = ()
    revision_uuid: UUID | None = None


@dataclass(frozen=True)
class Opening:
    """One occurrence as villages share it.

    `begun` None: it can still be planned. A tuple: it is settled and holds its airings in order of time; they are
    counted and never changed.
    """

    slot_uuid: UUID
    starts_at: datetime
    duration_ms: DurationMs
    local_on: date
    ordinal: int = 0
    begun: tuple[Aired, ...] | None = None
    opens_with: Chime | None = None
    closes_with: Chime | None = None
    relay: Relay | None = None

    @property
    def ends_at(self) -> datetime:
        """When nothing of it sounds any more."""
        return self.at(self.duration_ms)

    def at(self, offset_ms: int) -> datetime:
        """The instant of an offset."""
        return self.starts_at + timedelta(milliseconds=offset_ms)


@dataclass(frozen=True)
class QuietHours:
    """Local wall clock; may cross midnight; equal ends mean none."""

    from_local: time
    until_local: time

    def hold(self, local: time) -> bool:
        """Whether this time of a local clock is quiet."""
        if self.from_local <= self.until_local:
            return self.from_local <= local < self.until_local
        return local >= self.from_local or local < self.until_local


@dataclass(frozen=True)
class Village:
    """All that a plan depends on, without the village's name.

    `history` counts the airings of each announcement that were planned before the first day of `openings`; `recent`
    holds when the last of each ended, where that may still keep others apart; until `busy_until` something sounds.
    """

    languages: tuple[str, ...]
    zone: ZoneInfo
    quiet: QuietHours | None
    openings: tuple[Opening, ...]
    items: tuple[Item, ...]
    history: tuple[tuple[UUID, int], ...] = ()
    recent: tuple[tuple[UUID, datetime], ...] = ()
    busy_until: datetime | None = None


class PlannedCue(NamedTuple):
    """One line of a programme, and why it is there. Offsets count from the start of the occurrence.

    The one value that a plan makes by the hundred: as a tuple it costs a third.

    A chime belongs to no announcement, nor does a relay; the latter's `media` are what sounds without its stream, and
    its `revision_uuid` whose audio that is, if it is an announcement's.
    """

    key: str
    offset_ms: DurationMs
    duration_ms: DurationMs
    latest_start_ms: DurationMs
    kind: CueKind
    media: tuple[Sha256, ...]
    title: str
    language: str
    priority: Priority
    not_before: datetime | None
    expires_at: datetime | None
    announcement_uuid: UUID | None
    revision_uuid: UUID | None
    repeat: int
    because: Because
    facts: Facts = ()
    relay_url: str | None = None

    def __hash__(self) -> int:
        """Cheap, since whole programmes are looked up by their cues: two that differ elsewhere are rare."""
        return hash((self.key, self.offset_ms))


Programme = tuple[PlannedCue, ...]


@dataclass(frozen=True)
class NotPlaced:
    """An announcement that is not in an opening (None: in none at all), and why."""

    announcement_uuid: UUID
    title: str
    why: WhyNot
    facts: Facts = ()


@dataclass(frozen=True)
class Planned:
    """One opening, its programme, and what did not find room in it."""

    opening: Opening
    programme: Programme
    not_placed: tuple[NotPlaced, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The openings that had not begun, in order of time; `not_placed` holds what cannot air in any of them."""

    planned: tuple[Planned, ...]
    not_placed: tuple[NotPlaced, ...] = ()
