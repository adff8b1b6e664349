"""Reading the schedule: slots, bookings, and what is planned where and when. Nothing here writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from content.kernel.nodes import Node, NodeKind
from schedules.days import DAY
from schedules.errors import NoSuchBooking, NoSuchSlot
from schedules.models import GAP_MINUTES, Booking, CommuneAiring, CueRow, Occurrence, Playlist, Slot, VillageAiring
from schedules.planner import CueKind
from schedules.recurrence import Instance, instances


@dataclass(frozen=True)
class Airing:
    """A cue at its time in its village. `occurrence` comes with its slot and village."""

    occurrence: Occurrence
    cue: CueRow

    @property
    def starts_at(self) -> datetime:
        """When the cue is planned to begin."""
        return self.occurrence.starts_at + timedelta(milliseconds=self.cue.offset_ms)


@dataclass(frozen=True)
class SharedAiring:
    """When an announcement begins, and the names of the villages that hear it then."""

    at: datetime
    villages: tuple[str, ...]


@dataclass(frozen=True)
class SharedRefusal:
    """Why an announcement is not in an opening (`schedules.planner.WhyNot` and its facts), and in which villages."""

    at: datetime
    slot: str
    why: str
    facts: object
    villages: tuple[str, ...]


@dataclass(frozen=True)
class ChangeAirs:
    """From when a change is heard in a village.

    What begins up to `settled_until` takes nothing new but emergencies; `airs_from` is the first opening after it, None
    if there is none within `NEXT_WITHIN`.
    """

    settled_until: datetime
    airs_from: datetime | None


@dataclass(frozen=True)
class Reach:
    """Where an announcement is or was booked or planned: the villages' ids, and the first local date."""

    villages: frozenset[int]
    from_on: date | None


NEXT_WITHIN = timedelta(days=400)


def commune_airing(session: Session, commune: Node) -> CommuneAiring:
    """What holds for all villages of the commune; the defaults, not stored, where nothing was set."""
    found = session.get(CommuneAiring, commune.id)
    return found or CommuneAiring(node_id=commune.id, gap_minutes=GAP_MINUTES, holidays=[])


def change_airs_from(session: Session, village: Node, now: datetime, lead: timedelta = timedelta()) -> ChangeAirs:
    """From when a change made now will be heard; `lead` is how long players need to learn of it."""
    airing = session.get(VillageAiring, village.id)
    if airing is None or village.parent_id is None:
        return ChangeAirs(now, None)
    settled_until = airing.settled_until(now, lead)
    commune = session.get_one(Node, village.parent_id)
    heard = [slot for slot in slots(session, commune) if village.id in {place.id for place in slot.villages}]
    after = settled_until + timedelta(microseconds=1)
    firsts = (next(instances(slot.rule, village.zone, after, after + NEXT_WITHIN), None) for slot in heard)
    return ChangeAirs(settled_until, min((first.starts_at for first in firsts if first), default=None))


def reach(session: Session, commune: Node, announcements: Collection[UUID], now: datetime) -> Reach:
    """Where a change to these announcements may make a difference, from bookings (withdrawn ones too) and the plan."""
    booked = list(session.scalars(_bookings(commune).where(Booking.announcement_uuid.in_(announcements))))
    cued = select(CueRow.playlist_id).where(CueRow.announcement_uuid.in_(announcements))
    refused = [cast(Occurrence.not_placed, String).contains(str(uuid)) for uuid in announcements]
    planned = session.execute(
        select(Occurrence.village_id, func.min(Occurrence.local_on))
        .join(Node, Node.id == Occurrence.village_id)
        .where(Node.parent_id == commune.id, Occurrence.ends_at > now)
        .where(or_(Occurrence.playlist_id.in_(cued), *refused))
        .group_by(Occurrence.village_id)
    ).all()
    villages = {village.id for row in booked for village in row.villages} | {row[0] for row in planned}
    dates = [*(row.from_on for row in booked), *(row[1] for row in planned)]
    # What stands in for a station is no cue of its own, so nothing tells on which days it did.
    for slot in (slot for slot in slots(session, commune) if slot.relay_fallback in announcements):
        villages |= {village.id for village in slot.villages}
        dates += [now.astimezone(village.zone).date() - DAY for village in slot.villages]
    return Reach(frozenset(villages), min(dates, default=None))


def village_airings(session: Session, commune: Node) -> list[VillageAiring]:
    """The settings of the commune's villages, each with its village, in the order of the villages."""
    query = select(VillageAiring).join(VillageAiring.village).where(Node.parent_id == commune.id).order_by(Node.id)
    return list(session.scalars(query.options(joinedload(VillageAiring.village))))


def required_languages(session: Session, villages: Sequence[Node]) -> dict[str, list[str]]:
    """By language: the names of those of the villages that must hear what is important in it."""
    query = select(VillageAiring).where(VillageAiring.village_id.in_([village.id for village in villages]))
    needs = {airing.village_id: airing.required for airing in session.scalars(query)}
    found: dict[str, list[str]] = {}
    for village in villages:
        for language in needs.get(village.id, ()):
            found.setdefault(language, []).append(village.name)
    return found


def slots(session: Session, commune: Node, *, cancelled: bool = False) -> list[Slot]:
    """The commune's open slots with their villages, by time of day; the cancelled ones too if asked for."""
    query = select(Slot).where(Slot.node_id == commune.id).options(selectinload(Slot.villages))
    if not cancelled:
        query = query.where(Slot.cancelled_at.is_(None))
    return list(session.scalars(query.order_by(Slot.start_local, Slot.id)))


def slot(session: Session, commune: Node, uuid: UUID) -> Slot:
    """One slot with its villages, cancelled or not. Raises NoSuchSlot."""
    query = select(Slot).where(Slot.node_id == commune.id, Slot.uuid == uuid).options(selectinload(Slot.villages))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NoSuchSlot
    return found


def slot_names(session: Session, commune: Node, uuids: Collection[str]) -> list[str]:
    """What people call these slots, by time of day, cancelled or not."""
    found = slots(session, commune, cancelled=True) if uuids else []
    return [slot.name for slot in found if str(slot.uuid) in uuids]


def bookings(
    session: Session, commune: Node, *, announcement_uuid: UUID | None = None, withdrawn: bool = False
) -> list[Booking]:
    """Live bookings with slots and villages, in order; of one announcement if named, withdrawn ones too if asked."""
    query = _bookings(commune)
    if announcement_uuid is not None:
        query = query.where(Booking.announcement_uuid == announcement_uuid)
    if not withdrawn:
        query = query.where(Booking.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(Booking.position, Booking.id)))


def booking(session: Session, commune: Node, uuid: UUID) -> Booking:
    """One booking with slots and villages, withdrawn or not. Raises NoSuchBooking."""
    found = session.scalars(_bookings(commune).where(Booking.uuid == uuid)).one_or_none()
    if found is None:
        raise NoSuchBooking
    return found


def day_plan(session: Session, commune: Node, on: date, *, village: Node | None = None) -> list[Occurrence]:
    """What is planned on a local date, by village and time, with cues, slot and village.

    An occurrence belongs to the date on which it opens, also for what goes on after midnight. One in which nothing
    was to air and nothing was refused has no row: `openings` tells of those.
    """
    query = _whole(commune).where(Occurrence.local_on == on)
    if village is not None:
        query = query.where(Occurrence.village_id == village.id)
    return list(session.scalars(query.order_by(Occurrence.village_id, Occurrence.starts_at, Occurrence.id)))


def openings(
    session: Session, commune: Node, village: Node, from_at: datetime, until_at: datetime
) -> list[tuple[Slot, Instance]]:
    """When the village's open slots open with `from_at` <= start < `until_at`, in order, whatever airs in them."""
    heard = [slot for slot in slots(session, commune) if village.id in {place.id for place in slot.villages}]
    found = [(slot, instance) for slot in heard for instance in instances(slot.rule, village.zone, from_at, until_at)]
    return sorted(found, key=lambda opening: opening[1].starts_at)


def first_opening(session: Session, commune: Node, booking: Booking, now: datetime) -> datetime | None:
    """When the first of a booking's slots opens in one of its villages on one of its dates; None if none does."""
    wanted = {slot.id for slot in booking.slots}
    found = [
        next(instances(slot.rule, village.zone, max(now, _midnight(booking.from_on, village)), until), None)
        for slot in slots(session, commune)
        if not wanted or slot.id in wanted
        for village in booking.villages
        if village.id in {place.id for place in slot.villages}
        and (until := _midnight(booking.until_on + DAY, village)) > now
    ]
    return min((one.starts_at for one in found if one), default=None)


def _midnight(on: date, village: Node) -> datetime:
    return datetime.combine(on, time.min, tzinfo=village.zone)


def occurrences_between(session: Session, village: Node, from_at: datetime, until_at: datetime) -> list[Occurrence]:
    """What has something to air in the village and touches the span, in order, with cues, slot and village."""
    query = _loaded(select(Occurrence)).where(
        Occurrence.village_id == village.id,
        Occurrence.playlist_id.is_not(None),
        Occurrence.ends_at > from_at,
        Occurrence.starts_at < until_at,
    )
    return list(session.scalars(query.order_by(Occurrence.starts_at, Occurrence.id)))


def airings_before(
    session: Session, commune: Node, time_zone: str, on: date, announcements: Collection[UUID]
) -> list[tuple[int, UUID, int]]:
    """(village id, announcement, airings planned on earlier dates) of the commune's villages in that zone."""
    airings = (
        select(Occurrence.village_id, Occurrence.id, CueRow.announcement_uuid, CueRow.repeat)
        .join(CueRow, CueRow.playlist_id == Occurrence.playlist_id)
        .join(Node, Node.id == Occurrence.village_id)
        .where(Node.parent_id == commune.id, Node.time_zone == time_zone)
        .where(Occurrence.local_on < on, CueRow.announcement_uuid.in_(announcements))
        .distinct()
        .subquery()
    )
    query = select(airings.c.village_id, airings.c.announcement_uuid, func.count())
    rows = session.execute(query.group_by(airings.c.village_id, airings.c.announcement_uuid))
    return [(village_id, uuid, count) for village_id, uuid, count in rows if uuid is not None]


def next_cues(session: Session, commune: Node, now: datetime) -> dict[int, Airing]:
    """By village id: the next cue to begin. A village without one is left out."""
    rank = func.row_number().over(partition_by=Occurrence.village_id, order_by=Occurrence.starts_at)
    ahead = select(Occurrence.id, rank.label("rank")).where(
        Occurrence.ends_at > now, Occurrence.playlist_id.is_not(None)
    )
    first = ahead.subquery()
    # The running occurrence may have nothing left to begin; then the one after it has.
    query = _whole(commune).join(first, first.c.id == Occurrence.id).where(first.c.rank <= 2)
    found: dict[int, Airing] = {}
    for occurrence in session.scalars(query.order_by(Occurrence.starts_at, Occurrence.id)):
        for cue in cues(occurrence):
            airing = Airing(occurrence, cue)
            if airing.starts_at >= now and cue.kind != CueKind.CHIME:
                found.setdefault(occurrence.village_id, airing)
    return found


def next_airings(session: Session, commune: Node, now: datetime) -> dict[UUID, datetime]:
    """By announcement: when it begins next in any village. What will not air within the horizon is left out."""
    query = _blocks(commune, now).where(_is_speech()).add_columns(CueRow.announcement_uuid)
    found: dict[UUID, datetime] = {}
    for starts_at, offset_ms, uuid in session.execute(query):
        at = starts_at + timedelta(milliseconds=offset_ms)
        if at >= now and uuid is not None:
            found[uuid] = min(at, found.get(uuid, at))
    return found


def airings_of(session: Session, commune: Node, now: datetime, announcement_uuid: UUID) -> list[SharedAiring]:
    """When and in which villages an announcement will begin within the horizon, the soonest first."""
    query = _blocks(commune, now).where(CueRow.announcement_uuid == announcement_uuid)
    heard: dict[datetime, list[str]] = {}
    for starts_at, offset_ms, village in session.execute(query.add_columns(Node.name).group_by(Node.name)):
        heard.setdefault(starts_at + timedelta(milliseconds=offset_ms), []).append(village)
    return [SharedAiring(at, tuple(villages)) for at, villages in sorted(heard.items()) if at >= now]


def refusals_of(session: Session, commune: Node, now: datetime, announcement_uuid: UUID) -> list[SharedRefusal]:
    """Where and why an announcement is not in an opening within the horizon, the soonest first: for its author."""
    query = _whole(commune).where(
        Occurrence.ends_at > now, cast(Occurrence.not_placed, String).contains(str(announcement_uuid))
    )
    found: dict[tuple[datetime, str, str], SharedRefusal] = {}
    for occurrence in session.scalars(query.order_by(Occurrence.starts_at, Occurrence.village_id)):
        for entry in occurrence.not_placed:
            if entry["announcement_uuid"] == str(announcement_uuid):
                key = occurrence.starts_at, occurrence.slot.name, str(entry["why"])
                before = found[key].villages if key in found else ()
                names = tuple(dict.fromkeys((*before, occurrence.village.name)))
                found[key] = SharedRefusal(*key, facts=entry["facts"], villages=names)
    return list(found.values())


def _blocks(commune: Node, now: datetime) -> Select[datetime, int]:
    """Start of the occurrence and offset of each airing of each announcement that is not over, village by village."""
    return (
        select(Occurrence.starts_at, func.min(CueRow.offset_ms))
        .join(CueRow, CueRow.playlist_id == Occurrence.playlist_id)
        .join(Node, Node.id == Occurrence.village_id)
        .where(Node.parent_id == commune.id, Occurrence.ends_at > now)
        .group_by(Occurrence.id, Occurrence.starts_at, CueRow.announcement_uuid, CueRow.repeat, Node.id)
        .order_by(Occurrence.starts_at, Node.id)
    )


def _is_speech() -> ColumnElement[bool]:
    return CueRow.kind != CueKind.CHIME


def cues(occurrence: Occurrence) -> Sequence[CueRow]:
    """The cues of a whole occurrence, none if it has nothing to air."""
    return occurrence.playlist.cues if occurrence.playlist else ()


def _bookings(commune: Node) -> Select[Booking]:
    query = select(Booking).where(Booking.node_id == commune.id)
    slots_of = selectinload(Booking.slots).selectinload(Slot.villages)
    return query.options(slots_of, selectinload(Booking.villages))


def _whole(commune: Node) -> Select[Occurrence]:
    villages = select(Node.id).where(Node.parent_id == commune.id, Node.kind == NodeKind.VILLAGE)
    return _loaded(select(Occurrence)).where(Occurrence.village_id.in_(villages))


def _loaded(query: Select[Occurrence]) -> Select[Occurrence]:
    return query.options(
        joinedload(Occurrence.slot),
        joinedload(Occurrence.village),
        selectinload(Occurrence.playlist).selectinload(Playlist.cues),
    )
