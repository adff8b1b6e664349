"""Occurrences and playlists as plain values, read and written many at once: as mapped objects they cost far more.

Which of them change is `writing`'s to say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeVar, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from schedules.models import CueRow, Occurrence, Playlist, Slot
from schedules.planner import PlannedCue, Programme
from schedules.recurrence import occurrence_uuid

Key = tuple[UUID, date, int]
"""Slot, local date and ordinal: what names an occurrence within its village."""
Document = dict[str, object]
T = TypeVar("T")

_AT_ONCE = 500
"""Names or numbers in one question to the database."""
_PLAYLISTS, _CUES, _OCCURRENCES = (cast(Table, each.__table__) for each in (Playlist, CueRow, Occurrence))
_CUE_COLUMNS = sorted({column.key for column in _CUES.columns} & {*PlannedCue._fields})
_BY_ID = update(_OCCURRENCES).where(_OCCURRENCES.c.id == bindparam("row_id"))


class Page(NamedTuple):
    """What a plan says of one occurrence: the columns that may change, the playlist by its name."""

    starts_at: datetime
    ends_at: datetime
    playlist: Sha256 | None
    priority: Priority
    reasons: Mapping[str, Document]
    not_placed: Sequence[Document]

    def sounds_like(self, other: "Page") -> bool:
        """Whether they differ in nothing that players are told."""
        return self[:4] == other[:4]


class Row(NamedTuple):
    """One occurrence; `id` is None until it is stored."""

    id: int | None
    village: Node
    slot: Slot
    local_on: date
    ordinal: int
    published_at: datetime | None
    page: Page

    @property
    def starts_at(self) -> datetime:
        """When it opens."""
        return self.page.starts_at

    @property
    def ends_at(self) -> datetime:
        """When nothing of it sounds any more."""
        return self.page.ends_at

    @property
    def key(self) -> Key:
        """What names it within its village."""
        return self.slot.uuid, self.local_on, self.ordinal


def rows_from(
    session: Session, villages: Mapping[int, Node], slots: Mapping[int, Slot], now: datetime, on: date
) -> list[Row]:
    """What a plan may touch or must count in these villages: all that has not ended, and all of `on` and later."""
    it = Occurrence
    mine = it.village_id.in_(villages), or_(it.ends_at > now, it.local_on >= on)
    names = it.id, it.village_id, it.slot_id, it.local_on, it.ordinal, it.published_at
    page = it.starts_at, it.ends_at, Playlist.sha256, it.priority, it.reasons, it.not_placed
    query = select(*names, *page).outerjoin(Playlist, Playlist.id == it.playlist_id).where(*mine)
    return [
        Row(number, villages[village_id], slots[slot_id], local_on, ordinal, published_at, Page._make(page_columns))
        for number, village_id, slot_id, local_on, ordinal, published_at, *page_columns in session.execute(
            query.order_by(it.village_id, it.starts_at, it.id)
        )
    ]


def cues_of(session: Session, names: Iterable[Sha256]) -> dict[Sha256, list[CueRow]]:
    """The cues of these playlists, in order."""
    query = select(Playlist.sha256, CueRow).join(CueRow, CueRow.playlist_id == Playlist.id).order_by(CueRow.position)
    found: dict[Sha256, list[CueRow]] = {}
    for some in _some_of(names):
        for name, cue in session.execute(query.where(Playlist.sha256.in_(some))):
            found.setdefault(Sha256(name), []).append(cue)
    return found


def playlist_ids(session: Session, names: Iterable[Sha256]) -> dict[Sha256, int]:
    """The numbers of those of these playlists that are stored."""
    query = select(Playlist.sha256, Playlist.id)
    asked = (session.execute(query.where(Playlist.sha256.in_(some))) for some in _some_of(names))
    return {Sha256(name): number for found in asked for name, number in found}


def add_playlists(session: Session, new: Mapping[Sha256, tuple[bytes, Programme]]) -> dict[Sha256, int]:
    """Store them with their cues. Returns their numbers."""
    if not new:
        return {}
    playlists = [
        {"sha256": name, "duration_ms": _lasting_ms(programme), "size_bytes": len(data)}
        for name, (data, programme) in new.items()
    ]
    session.execute(insert(_PLAYLISTS), playlists)
    ids = playlist_ids(session, new)
    cues = [
        {"playlist_id": ids[name], "position": position, **{column: getattr(cue, column) for column in _CUE_COLUMNS}}
        for name, (_, programme) in new.items()
        for position, cue in enumerate(programme)
    ]
    session.execute(insert(_CUES), cues)
    return ids


def write_rows(session: Session, rows: Iterable[Row], ids: Mapping[Sha256, int], now: datetime) -> None:
    """Store new ones, and of the others what may have changed; `ids` are the numbers of the playlists they name."""
    old, new = [], []
    for row in rows:
        if row.id is None:
            new.append(_names(row) | _columns(row, ids, now))
        else:
            old.append({"row_id": row.id} | _columns(row, ids, now))
    if old:
        session.execute(_BY_ID, old)
    if new:
        session.execute(insert(_OCCURRENCES), new)


def remove_rows(session: Session, ids: Iterable[int]) -> None:
    """Take them out for good."""
    for some in _some_of(ids):
        session.execute(delete(_OCCURRENCES).where(_OCCURRENCES.c.id.in_(some)))


def _names(row: Row) -> dict[str, object]:
    return {
        "uuid": occurrence_uuid(row.slot.uuid, row.village.uuid, row.local_on, row.ordinal),
        "village_id": row.village.id,
        "slot_id": row.slot.id,
        "local_on": row.local_on,
        "ordinal": row.ordinal,
    }


def _columns(row: Row, ids: Mapping[Sha256, int], now: datetime) -> dict[str, object]:
    page = row.page
    return {
        "starts_at": page.starts_at,
        "ends_at": page.ends_at,
        "playlist_id": page.playlist and ids[page.playlist],
        "priority": page.priority,
        "reasons": page.reasons,
        "not_placed": page.not_placed,
        "planned_at": now,
        "published_at": row.published_at,
    }


def _some_of(these: Iterable[T]) -> Iterator[Sequence[T]]:
    whole = list(dict.fromkeys(these))
    return (whole[start : start + _AT_ONCE] for start in range(0, len(whole), _AT_ONCE))


def _lasting_ms(programme: Programme) -> int:
    return max(cue.offset_ms + cue.duration_ms for cue in programme)
