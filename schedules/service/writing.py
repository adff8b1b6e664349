"""The rows of the days ahead while a plan is written into them: only what changed is touched."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session, selectinload

from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import DurationMs, Sha256
from schedules import queries
from schedules.models import CueRow, Occurrence, Playlist, Slot
from schedules.planner import (
    Because,
    CueKind,
    NotPlaced,
    Opening,
    Plan,
    PlannedCue,
    Programme,
    WhyNot,
    playlist_bytes,
    shrink,
)
from schedules.recurrence import occurrence_uuid

Save = Callable[[bytes], object]
"""Keeps a document as an object named by its sha256."""
Key = tuple[UUID, date, int]
"""Slot, local date and ordinal: what names an occurrence within its village."""
Columns = Mapping[str, object]
Pages = Mapping[Key, Columns]

_AT_ONCE = 500
"""Names in one question to the database."""
_CUES, _OCCURRENCES = cast(Table, CueRow.__table__), cast(Table, Occurrence.__table__)
_CUE_COLUMNS = sorted({column.key for column in _CUES.columns} & {*PlannedCue._fields})
_LOWEST_FIRST = (Priority.ROUTINE, Priority.IMPORTANT, Priority.EMERGENCY)


@dataclass
class Changes:
    """How many occurrences a run touched."""

    added: int = 0
    changed: int = 0
    removed: int = 0


class Book:
    """The occurrences of a commune that are not over, and the playlists they name."""

    def __init__(self, session: Session, now: datetime, save: Save, rows: Collection[Occurrence]) -> None:
        """`rows` with their slot, playlist and cues."""
        self.changes = Changes()
        self._session, self._now, self._save = session, now, save
        self._rows: dict[int, dict[Key, Occurrence]] = {}
        self._new: list[dict[str, object]] = []
        self._playlists: dict[Programme, Playlist | None] = {(): None}
        self._by_name = {row.playlist.sha256: row.playlist for row in rows if row.playlist}
        for row in rows:
            self._rows.setdefault(row.village_id, {})[row.slot.uuid, row.local_on, row.ordinal] = row

    def rows_of(self, village_id: int) -> Collection[Occurrence]:
        """The village's rows."""
        return self._rows.get(village_id, {}).values()

    def row(self, village_id: int, key: Key) -> Occurrence | None:
        """The village's row of that name."""
        return self._rows.get(village_id, {}).get(key)

    def shrink(
        self, village_id: int, fixed_until: datetime, allowed: Callable[[Occurrence], Collection[object]]
    ) -> None:
        """Take what is no longer allowed out of the occurrences that are settled and not over."""
        for row in self.rows_of(village_id):
            if not (row.starts_at <= fixed_until and self._now < row.ends_at):
                continue
            programme = programme_of(row)
            kept = shrink(programme, allowed(row), (self._now - row.starts_at) // timedelta(milliseconds=1))
            if kept != programme:
                lost = _lost(programme, kept)
                self._update(row, {**self._settled_sound(kept), "not_placed": [*row.not_placed, *lost]})

    def take_in(self, village: Node, slot: Slot, opening: Opening, programme: Programme, to: str) -> None:
        """Let a settled occurrence, or an opening that had none, hold an emergency; what gave way says to which."""
        key = key_of(opening)
        row = self.row(village.id, key)
        if row is None:
            columns = {"starts_at": opening.starts_at, "ends_at": opening.ends_at, "not_placed": []}
            row = Occurrence(slot=slot, **self._named(village, key), **columns, **self._settled_sound(programme))
            self._session.add(row)
            self._rows.setdefault(village.id, {})[key] = row
            self.changes.added += 1
            return
        lost = _lost(programme_of(row), programme, WhyNot.GAVE_WAY, to=to)
        self._update(row, {**self._settled_sound(programme), "not_placed": [*row.not_placed, *lost]})

    def pages(self, plan: Plan) -> Pages:
        """The plan as the columns of rows, to be written for each village that shares it."""
        self._name(planned.programme for planned in plan.planned)
        return {
            key_of(planned.opening): {
                "starts_at": planned.opening.starts_at,
                "ends_at": planned.opening.ends_at,
                **self._sound(planned.programme),
                "not_placed": [_document(it) for it in planned.not_placed],
            }
            for planned in plan.planned
            if planned.programme or planned.not_placed
        }

    def write(
        self, village: Node, fixed_until: datetime, first_on: date, pages: Pages, slots: Mapping[UUID, Slot]
    ) -> None:
        """Make the village's rows after that instant, from that local date on, say what the plan says."""
        rows = self._rows.setdefault(village.id, {})
        ahead = [key for key, row in rows.items() if row.starts_at > fixed_until and row.local_on >= first_on]
        for key in ahead:
            if key not in pages:
                self._session.delete(rows.pop(key))
                self.changes.removed += 1
        for key, columns in pages.items():
            if key in rows:
                self._update(rows[key], columns)
            else:
                self._new.append({**self._named(village, key), "slot_id": slots[key[0]].id, **columns})
                self.changes.added += 1

    def finish(self) -> None:
        """Keep all that was written. New rows go in as plain values: as objects they cost three times as much."""
        self._session.flush()
        if self._new:
            self._session.execute(insert(_OCCURRENCES), [_with_number(row) for row in self._new])
        self._new = []

    def _named(self, village: Node, key: Key) -> dict[str, object]:
        slot_uuid, local_on, ordinal = key
        return {
            "uuid": occurrence_uuid(slot_uuid, village.uuid, local_on, ordinal),
            "village_id": village.id,
            "local_on": local_on,
            "ordinal": ordinal,
            "planned_at": self._now,
        }

    def _update(self, row: Occurrence, columns: Columns) -> None:
        differing = {name: value for name, value in columns.items() if getattr(row, name) != value}
        if not differing:
            return
        for name, value in differing.items():
            setattr(row, name, value)
        if not differing.keys() <= {"reasons", "not_placed"}:
            row.published_at = None
        row.planned_at = self._now
        self.changes.changed += 1

    def _settled_sound(self, programme: Programme) -> Columns:
        """With its cues, since what is settled is looked at again: another emergency may come, the plan counts it."""
        self._name([programme])
        if playlist := self._playlists[programme]:
            self._find([Sha256(playlist.sha256)])
        return self._sound(programme)

    def _sound(self, programme: Programme) -> Columns:
        return {
            "playlist": self._playlists[programme],
            "priority": _lowest(programme),
            "reasons": {cue.key: {"because": str(cue.because), "facts": dict(cue.facts)} for cue in programme},
        }

    def _name(self, programmes: Iterable[Programme]) -> None:
        """Find or keep the playlists of these programmes, asking the database once for all of them."""
        new = {programme: playlist_bytes(programme) for programme in programmes if programme not in self._playlists}
        names = {programme: Sha256(hashlib.sha256(data).hexdigest()) for programme, data in new.items()}
        self._find([name for name in names.values() if name not in self._by_name])
        self._keep({name: (new[it], it) for it, name in names.items() if name not in self._by_name})
        self._playlists.update({programme: self._by_name[name] for programme, name in names.items()})

    def _find(self, names: Sequence[Sha256]) -> None:
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            query = select(Playlist).where(Playlist.sha256.in_(some)).options(selectinload(Playlist.cues))
            with self._session.no_autoflush:  # what this run keeps is known by name already
                self._by_name.update({row.sha256: row for row in self._session.scalars(query)})

    def _keep(self, new: Mapping[Sha256, tuple[bytes, Programme]]) -> None:
        """As plain rows, like `finish`."""
        if not new:
            return
        for data, _ in new.values():
            self._save(data)
        rows = [_playlist_row(name, data, programme) for name, (data, programme) in new.items()]
        for playlist in self._session.scalars(insert(Playlist).returning(Playlist), rows):
            self._by_name[Sha256(playlist.sha256)] = playlist
        cues = [
            _cue_row(self._by_name[name], position, cue)
            for name, (_, programme) in new.items()
            for position, cue in enumerate(programme)
        ]
        self._session.execute(insert(_CUES), cues)


def key_of(opening: Opening) -> Key:
    """What names the opening within a village."""
    return opening.slot_uuid, opening.local_on, opening.ordinal


def _with_number(row: dict[str, object]) -> dict[str, object]:
    """The row as the table has it: the playlist by its number, which it has once it is kept."""
    playlist = row.pop("playlist")
    return {**row, "playlist_id": playlist.id if isinstance(playlist, Playlist) else None}


def _lowest(programme: Programme) -> Priority:
    """Players raise each cue to the level of its occurrence, so that must not be above any cue's own."""
    present = {cue.priority for cue in programme}
    return next((priority for priority in _LOWEST_FIRST if priority in present), Priority.ROUTINE)


def _document(it: NotPlaced) -> dict[str, object]:
    return {
        "announcement_uuid": str(it.announcement_uuid),
        "title": it.title,
        "why": str(it.why),
        "facts": dict(it.facts),
    }


def _lost(before: Programme, after: Programme, why: WhyNot = WhyNot.TAKEN_OUT, **facts: str) -> list[dict[str, object]]:
    """What left a settled programme, part by part; chimes go unsaid."""
    return [
        _document(NotPlaced(cue.announcement_uuid, cue.title, why, (("key", cue.key), *facts.items())))
        for cue in before
        if cue not in after and cue.announcement_uuid is not None
    ]


def _playlist_row(name: Sha256, data: bytes, programme: Programme) -> dict[str, object]:
    lasts_ms = max(cue.offset_ms + cue.duration_ms for cue in programme)
    return {"sha256": name, "duration_ms": lasts_ms, "size_bytes": len(data)}


def _cue_row(playlist: Playlist, position: int, cue: PlannedCue) -> dict[str, object]:
    return {"playlist_id": playlist.id, "position": position, **{name: getattr(cue, name) for name in _CUE_COLUMNS}}


def programme_of(row: Occurrence) -> Programme:
    """The row's programme as it was planned."""
    return tuple(_cue(cue, row.reasons[cue.key]) for cue in queries.cues(row))


def _cue(row: CueRow, reason: Mapping[str, object]) -> PlannedCue:
    facts = reason["facts"]
    assert isinstance(facts, dict)
    return PlannedCue(
        key=row.key,
        offset_ms=DurationMs(row.offset_ms),
        duration_ms=DurationMs(row.duration_ms),
        latest_start_ms=DurationMs(row.latest_start_ms),
        kind=CueKind(row.kind),
        media=tuple(Sha256(name) for name in row.media),
        title=row.title,
        language=row.language,
        priority=Priority(row.priority),
        not_before=row.not_before,
        expires_at=row.expires_at,
        announcement_uuid=row.announcement_uuid,
        revision_uuid=row.revision_uuid,
        repeat=row.repeat,
        because=Because(str(reason["because"])),
        facts=tuple(facts.items()),
        relay_url=row.relay_url,
    )
