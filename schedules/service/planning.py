"""Planning a commune anew: from slots and bookings to the days ahead. Equal villages are planned once."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import DurationMs
from schedules import queries
from schedules.models import Booking, Occurrence, Slot, VillageAiring
from schedules.planner import Item, NotPlaced, Opening, Part, Plan, QuietHours, Village, WhyNot, plan
from schedules.recurrence import DAY, Instance, instances
from schedules.service.writing import Book, Changes, Key, Pages, Save, key_of

History = dict[int, Counter[UUID]]


@dataclass(frozen=True)
class Airable:
    """What an approved revision sounds like: one part per language."""

    title: str
    parts: tuple[Part, ...]
    expires_at: datetime | None = None


@dataclass(frozen=True)
class PlanReport:
    """What a run did. `not_placed` holds, by village id, what cannot air in any opening of the horizon."""

    villages: int
    plans: int
    changes: Changes
    not_placed: Mapping[int, tuple[NotPlaced, ...]]


@dataclass(frozen=True)
class _Wish:
    """What distinguishes the plan of one village from another's: equal wishes share a plan."""

    languages: tuple[str, ...]
    zone: ZoneInfo
    quiet: QuietHours | None
    fixed_until: datetime
    slots: tuple[int, ...]
    bookings: tuple[int, ...]
    kept: tuple[Opening, ...]
    history: tuple[tuple[UUID, int], ...]


def replan(
    session: Session,
    commune: Node,
    now: datetime,
    airables: Mapping[UUID, Airable],
    save: Save,
    *,
    horizon_days: int = 14,
    lead: timedelta = timedelta(),
) -> PlanReport:
    """Plan everything that begins within the horizon; running it again changes nothing.

    Past occurrences stay for the log. Those that have begun, or begin within the village's freeze window or `lead`,
    may only lose cues: players would learn too late of anything new. Future ones follow the plan: those that vanished
    are removed, unchanged ones stay untouched. An occurrence with nothing to air and nothing refused has no row.

    Args:
        session: unit of work.
        commune: whose villages; one without airing settings is not planned for.
        now: aware instant.
        airables: by revision uuid, all that may air now (approved, not withdrawn, with audio).
        save: keeps a playlist's bytes as an object; called for new ones only, before any row names them.
        horizon_days: how far to plan.
        lead: how long players need to learn of a change.
    """
    return _Run(session, commune, now, airables, save, horizon_days, lead).run()


class _Run:
    """One run over one commune: what is loaded and expanded once for all villages."""

    def __init__(
        self,
        session: Session,
        commune: Node,
        now: datetime,
        airables: Mapping[UUID, Airable],
        save: Save,
        horizon_days: int,
        lead: timedelta,
    ) -> None:
        self._session, self._commune, self._now, self._lead = session, commune, now, lead
        self._until_at = now + timedelta(days=horizon_days)
        self._airings = queries.village_airings(session, commune)
        self._slots = queries.slots(session, commune)
        self._bookings = queries.bookings(session, commune)
        self._airables = airables
        self._items = {row.id: _item(row, airables) for row in self._bookings if row.revision_uuid in airables}
        self._book = Book(session, now, save, self._rows())
        self._expanded: dict[tuple[int, ZoneInfo], list[Instance]] = {}

    def run(self) -> PlanReport:
        histories = self._histories()
        plans: dict[_Wish, tuple[Plan, Pages]] = {}
        slot_ids = {slot.uuid: slot.id for slot in self._slots}
        not_placed: dict[int, tuple[NotPlaced, ...]] = {}
        for airing in self._airings:
            village = airing.village
            fixed_until = self._fixed_until(airing)
            self._book.shrink(village.id, fixed_until, partial(self._allowed, village))
            wish = self._wish(airing, histories[village.id])
            if wish not in plans:
                made = plan(self._village(wish))
                plans[wish] = made, self._book.pages(made)
            made, pages = plans[wish]
            self._book.write(village, fixed_until, pages, slot_ids)
            not_placed[village.id] = (*made.not_placed, *self._not_ready(village))
        self._session.flush()
        return PlanReport(len(self._airings), len(plans), self._book.changes, not_placed)

    def _rows(self) -> list[Occurrence]:
        """All that has not ended everywhere, or belongs to a day that is not over everywhere."""
        earliest = min((_today(self._now, airing.village) for airing in self._airings), default=None)
        return queries.occurrences_from(self._session, self._commune, self._now, earliest) if earliest else []

    def _histories(self) -> History:
        """By village: how often each booked announcement was planned on days before its today."""
        found: History = defaultdict(Counter)
        booked = {row.announcement_uuid for row in self._bookings}
        for zone, today in {(a.village.time_zone, _today(self._now, a.village)) for a in self._airings}:
            counts = queries.airings_before(self._session, self._commune, zone, today, booked)
            for village_id, announcement_uuid, airings in counts:
                found[village_id][announcement_uuid] = airings
        return found

    def _wish(self, airing: VillageAiring, history: Counter[UUID]) -> _Wish:
        village = airing.village
        bookings = self._booked(village)
        announcements = {row.announcement_uuid for row in bookings}
        return _Wish(
            tuple(airing.languages),
            village.zone,
            airing.quiet,
            self._fixed_until(airing),
            tuple(slot.id for slot in self._heard(village)),
            tuple(row.id for row in bookings),
            tuple(self._kept(village, self._fixed_until(airing))),
            tuple(sorted((uuid, history[uuid]) for uuid in announcements if history[uuid])),
        )

    def _village(self, wish: _Wish) -> Village:
        kept = {key_of(opening) for opening in wish.kept}
        fresh = [
            opening
            for slot in self._slots
            if slot.id in wish.slots
            for instance in self._instances(slot, wish.zone)
            if instance.starts_at > wish.fixed_until and key_of(opening := _opening(slot, instance)) not in kept
        ]
        items = tuple(self._items[booking] for booking in wish.bookings)
        return Village(wish.languages, wish.zone, wish.quiet, (*wish.kept, *fresh), items, wish.history)

    def _fixed_until(self, airing: VillageAiring) -> datetime:
        """What begins up to this instant is settled."""
        return self._now + max(self._lead, timedelta(minutes=airing.freeze_minutes))

    def _kept(self, village: Node, fixed_until: datetime) -> Iterator[Opening]:
        """Openings that stay where they are: today's settled ones, and those whose slot was moved into the past."""
        past = {
            (slot.uuid, instance.local_on, instance.ordinal)
            for slot in self._heard(village)
            for instance in self._instances(slot, village.zone)
            if instance.starts_at <= fixed_until
        }
        for row in self._book.rows_of(village.id):
            begun = row.starts_at <= fixed_until
            if row.local_on >= _today(self._now, village) and (begun or _key(row) in past):
                yield _opening_of(row, begun=begun)

    def _instances(self, slot: Slot, zone: ZoneInfo) -> list[Instance]:
        if (slot.id, zone) not in self._expanded:
            self._expanded[slot.id, zone] = list(instances(slot.rule, zone, self._now - DAY, self._until_at))
        return self._expanded[slot.id, zone]

    def _heard(self, village: Node) -> list[Slot]:
        return [slot for slot in self._slots if village.id in {place.id for place in slot.villages}]

    def _booked(self, village: Node) -> list[Booking]:
        """The village's bookings that may air within the horizon."""
        first, last = _today(self._now, village), self._until_at.astimezone(village.zone).date()
        return [
            row for row in self._of(village) if row.id in self._items and row.from_on <= last and first <= row.until_on
        ]

    def _of(self, village: Node) -> list[Booking]:
        return [row for row in self._bookings if village.id in {place.id for place in row.villages}]

    def _allowed(self, village: Node, row: Occurrence) -> Collection[UUID]:
        """The revisions that a begun occurrence may still air: those booked for its date, which may be yesterday's."""
        if row.slot_id not in {slot.id for slot in self._heard(village)}:
            return ()
        return {
            booking.revision_uuid
            for booking in self._of(village)
            if booking.from_on <= row.local_on <= booking.until_on
        }

    def _not_ready(self, village: Node) -> Iterator[NotPlaced]:
        today = _today(self._now, village)
        for row in self._of(village):
            if row.id not in self._items and row.until_on >= today:
                yield NotPlaced(row.announcement_uuid, "", WhyNot.NOT_READY)


def _today(now: datetime, village: Node) -> date:
    return now.astimezone(village.zone).date()


def _item(row: Booking, airables: Mapping[UUID, Airable]) -> Item:
    airable = airables[row.revision_uuid]
    return Item(
        announcement_uuid=row.announcement_uuid,
        revision_uuid=row.revision_uuid,
        title=airable.title,
        priority=Priority(row.priority),
        parts=airable.parts,
        from_on=row.from_on,
        until_on=row.until_on,
        times_per_day=row.times_per_day,
        slot_uuid=row.slot.uuid if row.slot else None,
        expires_at=airable.expires_at,
        order=row.position,
    )


def _opening(slot: Slot, instance: Instance) -> Opening:
    duration = DurationMs(slot.duration_ms)
    return Opening(slot.uuid, instance.starts_at, duration, instance.local_on, instance.ordinal)


def _opening_of(row: Occurrence, *, begun: bool) -> Opening:
    duration = DurationMs((row.ends_at - row.starts_at) // timedelta(milliseconds=1))
    airings = {(cue.announcement_uuid, cue.repeat) for cue in queries.cues(row)}
    heard = tuple(sorted(announcement for announcement, _ in airings)) if begun else None
    return Opening(row.slot.uuid, row.starts_at, duration, row.local_on, row.ordinal, heard)


def _key(row: Occurrence) -> Key:
    return row.slot.uuid, row.local_on, row.ordinal
