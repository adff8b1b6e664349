"""A week of the schedule: what opens on each day, how full it is, what it holds. Reads plain columns, writes nothing.

A programme that many villages hear is read once: the cost depends on slots and days, hardly on villages.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.web.schedule.programme import DAY, OFTEN
from content.kernel.nodes import Node
from schedules import queries
from schedules.lunar import LunarDate, OutsideLunarCalendar, lunar_of
from schedules.models import CueRow, Occurrence, Slot
from schedules.planner import CueKind
from schedules.recurrence import instances

DAYS = 7
_MINUTE_MS = 60_000
_FULL_FROM = 0.9


@dataclass(frozen=True, slots=True)
class Programme:
    """What sounds in an opening in some of the villages: how long, which titles in which order, then which station.

    A relay takes only the time that announcements leave, so it is not counted as used.
    """

    villages: tuple[str, ...]
    used_ms: int = 0
    titles: tuple[str, ...] = ()
    relays: tuple[str, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a slot, with what the villages hear in it; those that hear the same stand together."""

    slot: Slot
    starts_at: datetime
    ends_at: datetime
    programmes: tuple[Programme, ...]

    @property
    def used_ms(self) -> int:
        """How long it sounds in the village where it sounds longest."""
        return max(programme.used_ms for programme in self.programmes)

    @property
    def share(self) -> float:
        """How full that is, in percent."""
        return round(100 * min(1.0, self.used_ms / max(1, self.slot.duration_ms)), 1)

    @property
    def is_full(self) -> bool:
        """Whether hardly anything more finds room, or something did not."""
        return self.share >= 100 * _FULL_FROM or any(programme.left_out for programme in self.programmes)

    @property
    def minutes(self) -> tuple[int, int]:
        """Used and offered, in whole minutes; what sounds at all is a minute."""
        return -(-self.used_ms // _MINUTE_MS), -(-self.slot.duration_ms // _MINUTE_MS)

    @property
    def titles(self) -> tuple[str, ...]:
        """What sounds in any of the villages, each once."""
        return tuple(dict.fromkeys(title for programme in self.programmes for title in programme.titles))

    @property
    def relays(self) -> tuple[str, ...]:
        """The stations that are relayed in any of the villages, each once."""
        return tuple(dict.fromkeys(name for programme in self.programmes for name in programme.relays))

    @property
    def villages(self) -> tuple[str, ...]:
        """All that it is heard in."""
        return tuple(name for programme in self.programmes for name in programme.villages)


@dataclass(frozen=True, slots=True)
class Cell:
    """A slot on a day: its openings, or only how many where they are very many."""

    slot: Slot
    openings: tuple[Opening, ...] = ()
    times: int = 0
    filled: int = 0


@dataclass(frozen=True, slots=True)
class WeekDay:
    """A day with a cell for each slot of the week, in the same order on all days."""

    on: date
    lunar: LunarDate | None
    cells: tuple[Cell, ...]

    @property
    def openings(self) -> list[Opening]:
        """All that opens, in order of time."""
        return sorted((one for cell in self.cells for one in cell.openings), key=lambda one: one.starts_at)


def monday_of(on: date) -> date:
    """The first day of its week."""
    return on - timedelta(days=on.weekday())


def lunar_day(on: date) -> LunarDate | None:
    """Its lunar date, where the lunar calendar is known."""
    try:
        return lunar_of(on)
    except OutsideLunarCalendar:
        return None


def week_of(session: Session, commune: Node, villages: Sequence[Node], on: date, zone: ZoneInfo) -> tuple[WeekDay, ...]:
    """The week of a date, Monday first, in these villages of the commune; days are those of the commune's `zone`."""
    monday = monday_of(on)
    planned = _planned(session, commune, villages, monday)
    wanted = {village.id for village in villages}
    filled_slots = {slot_id for slot_id, _ in planned}
    slots = [
        slot
        for slot in queries.slots(session, commune, cancelled=True)
        if slot.id in filled_slots or (slot.cancelled_at is None and wanted & {place.id for place in slot.villages})
    ]
    by_day = {slot.id: _openings(slot, planned, villages, monday, zone) for slot in slots}
    slots = [slot for slot in slots if by_day[slot.id]]
    return tuple(
        WeekDay(day, lunar_day(day), tuple(_cell(slot, by_day[slot.id].get(day, [])) for slot in slots))
        for day in (monday + timedelta(days=n) for n in range(DAYS))
    )


_Planned = Mapping[tuple[int, datetime], list[tuple[date, datetime, Programme]]]


def _planned(session: Session, commune: Node, villages: Sequence[Node], monday: date) -> _Planned:
    """By slot and start: what is planned there, villages that hear the same together."""
    names = {village.id: village.name for village in villages}
    query = (
        select(
            *(Occurrence.slot_id, Occurrence.starts_at, Occurrence.ends_at, Occurrence.local_on),
            *(Occurrence.playlist_id, Occurrence.village_id, Occurrence.not_placed),
        )
        .join(Node, Node.id == Occurrence.village_id)
        .where(Node.parent_id == commune.id, Occurrence.village_id.in_(names))
        .where(Occurrence.local_on >= monday, Occurrence.local_on < monday + timedelta(days=DAYS))
        .order_by(Occurrence.starts_at, Occurrence.village_id)
    )
    rows = session.execute(query).all()
    contents = _contents(session, {row.playlist_id for row in rows if row.playlist_id is not None})
    heard: dict[tuple[int, datetime, date, datetime, int | None, int], list[str]] = {}
    for row in rows:
        alike = (row.slot_id, row.starts_at, row.local_on, row.ends_at, row.playlist_id, len(row.not_placed))
        heard.setdefault(alike, []).append(names[row.village_id])
    found: dict[tuple[int, datetime], list[tuple[date, datetime, Programme]]] = {}
    for (slot_id, starts_at, on, ends_at, playlist, left_out), places in heard.items():
        said = replace(contents.get(playlist, Programme(())), villages=tuple(places), left_out=left_out)
        found.setdefault((slot_id, starts_at), []).append((on, ends_at, said))
    return found


def _contents(session: Session, playlists: Collection[int]) -> dict[int | None, Programme]:
    """By playlist: what sounds, whoever hears it; chimes have no title."""
    query = select(CueRow.playlist_id, CueRow.duration_ms, CueRow.title, CueRow.kind)
    query = query.where(CueRow.playlist_id.in_(playlists)).order_by(CueRow.playlist_id, CueRow.position)
    found: dict[int | None, Programme] = {}
    for playlist, duration_ms, title, kind in session.execute(query):
        so_far = found.get(playlist, Programme(()))
        if kind == CueKind.RELAY:
            found[playlist] = replace(so_far, relays=(*so_far.relays, title))
        else:
            titles = so_far.titles if kind == CueKind.CHIME or title in so_far.titles else (*so_far.titles, title)
            found[playlist] = replace(so_far, used_ms=so_far.used_ms + duration_ms, titles=titles)
    return found


def _openings(
    slot: Slot, planned: _Planned, villages: Iterable[Node], monday: date, zone: ZoneInfo
) -> dict[date, list[Opening]]:
    """By day: what is planned in the slot, and the openings of its rule that are still empty."""
    found: dict[date, list[Opening]] = {}
    for (slot_id, starts_at), programmes in planned.items():
        if slot_id == slot.id:
            on, ends_at, _ = programmes[0]
            parts = tuple(programme for *_, programme in programmes)
            found.setdefault(on, []).append(Opening(slot, starts_at, ends_at, parts))
    known = {one.starts_at for openings in found.values() for one in openings}
    heard = {place.id for place in slot.villages}
    empty = (Programme(tuple(village.name for village in villages if village.id in heard)),)
    for on, starts_at in _starts(slot, monday, zone):
        if starts_at not in known:
            found.setdefault(on, []).append(Opening(slot, starts_at, starts_at + slot.rule.length, empty))
    return found


def _starts(slot: Slot, monday: date, zone: ZoneInfo) -> Iterator[tuple[date, datetime]]:
    if slot.cancelled_at is None:
        begin = datetime.combine(monday, time.min, tzinfo=zone)
        for instance in instances(slot.rule, zone, begin, begin + DAYS * DAY):
            yield instance.local_on, instance.starts_at


def _cell(slot: Slot, openings: list[Opening]) -> Cell:
    if len(openings) > OFTEN:
        return Cell(slot, times=len(openings), filled=sum(1 for one in openings if one.titles or one.relays))
    return Cell(slot, tuple(sorted(openings, key=lambda one: one.starts_at)))
