"""Planning a commune: from slots and bookings to the days ahead. Equal villages are planned once.

A village for which nothing changed since its last plan is not planned again (`origins`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import takewhile
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from schedules import queries
from schedules.models import Booking, Slot, VillageAiring
from schedules.planner import (
    Item,
    NotPlaced,
    Opening,
    Plan,
    QuietHours,
    Village,
    WhyNot,
    plan,
)
from schedules.recurrence import DAY, Instance, instances
from schedules.service.inputs import (
    Airable,
    Chimes,
    Format,
    Heard,
    Sounds,
    item_of,
    opening_again,
    opening_of,
    settled_opening,
    sounds_until,
)
from schedules.service.origins import NAMELESS, Origins
from schedules.service.rows import Row, rows_from
from schedules.service.settling import Settled
from schedules.service.writing import Book, Changes, Pages, Save, key_of

RowT = TypeVar("RowT", Slot, Booking)
History = dict[int, Counter[UUID]]


@dataclass(frozen=True)
class PlanReport:
    """What a run did in the `villages` that it planned: all that had changed.

    `not_placed` holds, by village id, what cannot air in any opening that was planned.
    """

    villages: int
    plans: int
    openings: int
    changes: Changes
    not_placed: Mapping[int, tuple[NotPlaced, ...]]


@dataclass(frozen=True)
class _Wish:
    """What distinguishes the plan of one village from another's: equal wishes share a plan."""

    format: Format
    languages: tuple[str, ...]
    zone: ZoneInfo
    quiet: QuietHours | None
    fixed_until: datetime
    first_on: date
    slots: tuple[int, ...]
    bookings: tuple[int, ...]
    kept: tuple[Opening, ...]
    history: tuple[tuple[UUID, int], ...]
    recent: tuple[tuple[UUID, datetime], ...]
    busy_until: datetime | None


def replan(  # noqa: PLR0913  (what a plan depends on, by name)
    session: Session,
    commune: Node,
    now: datetime,
    airables: Mapping[Format, Mapping[UUID, Airable]],
    save: Save,
    *,
    chimes: Mapping[Format, Chimes] | None = None,
    horizon_days: int = 14,
    lead: timedelta = timedelta(),
    touched: Collection[UUID] | None = None,
) -> PlanReport:
    """Plan everything that begins within the horizon; running it again changes nothing.

    Past occurrences stay for the log. Those that have begun, or begin within the village's freeze window or `lead`,
    may only lose cues, since players would learn too late of anything new; emergencies still find room in them if they
    can begin after `lead`. Future ones follow the plan: those that vanished are removed, unchanged ones stay untouched.
    An occurrence with nothing to air and nothing refused has no row.

    Args:
        session: unit of work.
        commune: whose villages; one without airing settings is not planned for.
        now: aware instant.
        airables: by format and revision uuid, all that may air now (approved, not withdrawn, with audio); a village
            whose format is missing airs nothing.
        save: keeps a playlist's bytes as an object; called for new ones only, before any row names them.
        chimes: by format; where it is missing there are none.
        horizon_days: how far to plan.
        lead: how long players need to learn of a change.
        touched: the announcements that changed since the last plan, if nothing else did: only the villages and days
            that they can reach are planned, with the same result. None: everything.
    """
    return _Run(session, commune, now, Sounds(airables, chimes or {}), save, horizon_days, lead, touched).run()


class _Run:
    """One run over one commune: what is loaded and expanded once for all villages."""

    def __init__(
        self,
        session: Session,
        commune: Node,
        now: datetime,
        sounds: Sounds,
        save: Save,
        horizon_days: int,
        lead: timedelta,
        touched: Collection[UUID] | None,
    ) -> None:
        self._session, self._commune, self._now, self._lead = session, commune, now, lead
        self._until_at = now + timedelta(days=horizon_days)
        self._sounds = sounds
        reach = None if touched is None else queries.reach(session, commune, touched, now)
        self._from_on = reach.from_on if reach else None
        self._ever = queries.slots(session, commune, cancelled=True)
        self._slots = {slot.uuid: slot for slot in self._ever if slot.cancelled_at is None}
        self._gap_minutes = queries.commune_airing(session, commune).gap_minutes
        self._bookings = queries.bookings(session, commune)
        self._slots_in, self._booked_in = _by_village(self._slots.values()), _by_village(self._bookings)
        self._items = {(form, row.id): item for form in sounds.airables for row, item in self._items_in(form)}
        self._expanded: dict[tuple[int, ZoneInfo], list[Instance]] = {}
        self._origins = Origins(sounds, self._items, self._instances, lead)
        every = queries.village_airings(session, commune)
        if reach is None:
            self._airings = [airing for airing in every if self._is_due(airing)]
        else:
            self._airings = [airing for airing in every if airing.village_id in reach.villages]
            self._forget()
        rows = self._rows()
        self._book = Book(session, now, save, rows, self._looked_into(rows))

    def run(self) -> PlanReport:
        histories = self._histories()
        plans: dict[_Wish, tuple[Plan, Pages]] = {}
        not_placed: dict[int, tuple[NotPlaced, ...]] = {}
        for airing in self._airings:
            village, fixed_until = airing.village, self._fixed_until(airing)
            self._book.shrink(village.id, fixed_until, partial(self._allowed, village))
            self._take_in(airing)
            wish = self._wish(airing, histories[village.id])
            if wish not in plans:
                made = plan(self._village(wish))
                plans[wish] = made, self._book.pages(made)
            made, pages = plans[wish]
            self._book.write(village, fixed_until, wish.first_on, pages, self._slots)
            not_placed[village.id] = (*made.not_placed, *self._not_ready(airing))
        self._book.finish()
        openings = sum(len(made.planned) for made, _ in plans.values())
        return PlanReport(len(self._airings), len(plans), openings, self._book.changes, not_placed)

    def _is_due(self, airing: VillageAiring) -> bool:
        """Whether anything is different from what its rows were planned from, which is remembered."""
        village, before = airing.village, airing.planned_from
        last = self._until_at.astimezone(village.zone).date()
        airing.planned_from = self._origins.of(
            airing, self._slots_of(village), self._of(village), self._first_on(village), last
        )
        return airing.planned_from == NAMELESS or airing.planned_from != before

    def _forget(self) -> None:
        """Nobody knows whether these villages changed elsewhere too, so the next run over everything plans them."""
        for airing in self._airings:
            airing.planned_from = NAMELESS

    def _rows(self) -> list[Row]:
        """All that has not ended everywhere, or belongs to a day that is planned, or to the day before that."""
        earliest = min((self._first_on(airing.village) for airing in self._airings), default=None)
        if earliest is None:
            return []
        villages = {airing.village_id: airing.village for airing in self._airings}
        slots = {slot.id: slot for slot in self._ever}
        return rows_from(self._session, villages, slots, self._now, earliest - DAY)

    def _looked_into(self, rows: Iterable[Row]) -> Iterator[Sha256]:
        """The playlists of what is settled, or of a day before those that are planned."""
        airings = {airing.village_id: airing for airing in self._airings}
        for row in rows:
            is_settled = row.starts_at <= self._fixed_until(airings[row.village.id])
            if row.page.playlist and (is_settled or row.local_on < self._first_on(row.village)):
                yield row.page.playlist

    def _first_on(self, village: Node) -> date:
        """The first local date that is planned: today, or when the touched announcements begin."""
        today = _today(self._now, village)
        return max(today, self._from_on) if self._from_on else today

    def _histories(self) -> History:
        """By village: how often each booked announcement was planned on earlier days."""
        found: History = defaultdict(Counter)
        booked = {row.announcement_uuid for row in self._bookings}
        for zone, first_on in {(a.village.time_zone, self._first_on(a.village)) for a in self._airings}:
            counts = queries.airings_before(self._session, self._commune, zone, first_on, booked)
            for village_id, announcement_uuid, times in counts:
                found[village_id][announcement_uuid] = times
        return found

    def _wish(self, airing: VillageAiring, history: Counter[UUID]) -> _Wish:
        village, fixed_until = airing.village, self._fixed_until(airing)
        bookings = self._booked(airing)
        announcements = {row.announcement_uuid for row in bookings}
        return _Wish(
            airing.format,
            tuple(airing.languages),
            village.zone,
            airing.quiet,
            fixed_until,
            self._first_on(village),
            tuple(slot.id for slot in self._slots_of(village)),
            tuple(row.id for row in bookings),
            tuple(self._kept(airing, fixed_until)),
            tuple(sorted((uuid, history[uuid]) for uuid in announcements if history[uuid])),
            tuple(sorted(self._recent(airing, bookings))),
            self._busy_until(village),
        )

    def _village(self, wish: _Wish) -> Village:
        kept = {key_of(opening) for opening in wish.kept}
        heard = self._heard(wish.format, wish.languages, wish.bookings)
        fresh = [
            opening
            for slot in self._slots.values()
            if slot.id in wish.slots
            for instance in self._instances(slot, wish.zone)
            if instance.starts_at > wish.fixed_until
            and instance.local_on >= wish.first_on
            and key_of(opening := opening_of(slot, instance, heard)) not in kept
        ]
        openings = (*wish.kept, *fresh)
        return Village(
            wish.languages, wish.zone, wish.quiet, openings, heard.items, wish.history, wish.recent, wish.busy_until
        )

    def _fixed_until(self, airing: VillageAiring) -> datetime:
        return airing.settled_until(self._now, self._lead)

    def _kept(self, airing: VillageAiring, fixed_until: datetime) -> Iterator[Opening]:
        """Openings that stay where they are: settled ones, and those whose slot was moved into the past."""
        village = airing.village
        past = {
            (slot.uuid, instance.local_on, instance.ordinal)
            for slot in self._slots_of(village)
            for instance in self._instances(slot, village.zone)
            if instance.starts_at <= fixed_until
        }
        for row in self._book.rows_of(village.id):
            begun = row.starts_at <= fixed_until
            if row.local_on < self._first_on(village):
                continue
            if begun:
                yield settled_opening(row, self._book.programme(row), self._sounds_until(row))
            elif row.key in past:
                yield opening_again(row, self._heard_in(airing))

    def _recent(self, airing: VillageAiring, bookings: list[Booking]) -> Iterator[tuple[UUID, datetime]]:
        """When each announcement was last heard before the first planned day, if that is within its gap."""
        gaps: dict[UUID, int] = {}
        for booking in bookings:
            item = self._items[airing.format, booking.id]
            gaps[item.announcement_uuid] = max(item.gap_ms, gaps.get(item.announcement_uuid, 0))
        last: dict[UUID, datetime] = {}
        midnight = datetime.combine(self._first_on(airing.village), time.min, tzinfo=airing.village.zone)
        for row in self._before(airing.village):
            opening = settled_opening(row, self._book.programme(row), row.ends_at)
            for uuid, _, until_ms in opening.begun or ():
                ended_at = opening.at(until_ms)
                if ended_at + timedelta(milliseconds=gaps.get(uuid, 0)) > midnight:
                    last[uuid] = max(ended_at, last.get(uuid, ended_at))
        return ((uuid, ended_at) for uuid, ended_at in last.items() if gaps.get(uuid))

    def _busy_until(self, village: Node) -> datetime | None:
        """Until when something of an earlier day goes on into the first planned one."""
        midnight = datetime.combine(self._first_on(village), time.min, tzinfo=village.zone)
        return max((end for row in self._before(village) if (end := self._sounds_until(row)) > midnight), default=None)

    def _sounds_until(self, row: Row) -> datetime:
        """When it is over; where its slot is no longer open, with what it still holds: its time may be given away."""
        if row.slot in self._slots_of(row.village):
            return row.ends_at
        return sounds_until(row, self._book.programme(row))

    def _before(self, village: Node) -> Iterator[Row]:
        return (row for row in self._book.rows_of(village.id) if row.local_on < self._first_on(village))

    def _instances(self, slot: Slot, zone: ZoneInfo) -> list[Instance]:
        if (slot.id, zone) not in self._expanded:
            self._expanded[slot.id, zone] = list(instances(slot.rule, zone, self._now - DAY, self._until_at))
        return self._expanded[slot.id, zone]

    def _slots_of(self, village: Node) -> list[Slot]:
        return self._slots_in.get(village.id, [])

    def _booked(self, airing: VillageAiring) -> list[Booking]:
        """The village's bookings that may air from its first planned day to the horizon."""
        village = airing.village
        first, last = self._first_on(village), self._until_at.astimezone(village.zone).date()
        return [
            row
            for row in self._of(village)
            if (airing.format, row.id) in self._items and row.from_on <= last and first <= row.until_on
        ]

    def _of(self, village: Node) -> list[Booking]:
        return self._booked_in.get(village.id, [])

    def _allowed(self, village: Node, row: Row) -> Collection[object]:
        """What a begun occurrence may still air: its relay, and what is booked for its date (maybe yesterday's)."""
        if row.slot not in self._slots_of(village):
            return ()
        return {row.slot.relay_url} | {
            booking.revision_uuid
            for booking in self._of(village)
            if booking.from_on <= row.local_on <= booking.until_on
        }

    def _take_in(self, airing: VillageAiring) -> None:
        """Find room for emergencies in what is settled and not over."""
        booked = (self._items.get((airing.format, row.id)) for row in self._of(airing.village))
        urgent = [item for item in booked if item and item.priority is Priority.EMERGENCY]
        if not urgent:
            return
        fixed_until = self._fixed_until(airing)
        settled, heard = Settled(self._book, airing, fixed_until, self._now + self._lead), self._heard_in(airing)
        for slot in self._slots_of(airing.village):
            begun = takewhile(lambda it: it.starts_at <= fixed_until, self._instances(slot, airing.village.zone))
            for opening in [opening_of(slot, instance, heard) for instance in begun]:
                if settled.holds(opening):
                    settled.take_in(slot, opening, urgent)

    def _not_ready(self, airing: VillageAiring) -> Iterator[NotPlaced]:
        today = _today(self._now, airing.village)
        for row in self._of(airing.village):
            if (airing.format, row.id) not in self._items and row.until_on >= today:
                yield NotPlaced(row.announcement_uuid, "", WhyNot.NOT_READY)

    def _items_in(self, form: Format) -> Iterator[tuple[Booking, Item]]:
        airables = self._sounds.airables[form]
        for row in self._bookings:
            if airable := airables.get(row.revision_uuid):
                yield row, item_of(row, airable, self._gap_minutes)

    def _heard_in(self, airing: VillageAiring) -> Heard:
        return self._heard(airing.format, tuple(airing.languages), [row.id for row in self._booked(airing)])

    def _heard(self, form: Format, languages: tuple[str, ...], bookings: Iterable[int]) -> Heard:
        items = tuple(self._items[form, booking] for booking in bookings)
        return Heard(items, languages, self._sounds.chimes.get(form))


def _by_village(rows: Iterable[RowT]) -> dict[int, list[RowT]]:
    found: dict[int, list[RowT]] = {}
    for row in rows:
        for village in row.villages:
            found.setdefault(village.id, []).append(row)
    return found


def _today(now: datetime, village: Node) -> date:
    return now.astimezone(village.zone).date()
