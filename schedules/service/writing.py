"""The rows of the days ahead while a plan is written into them: only what changed is touched."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import DurationMs, Sha256
from schedules.models import CueRow, Occurrence, Slot
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
from schedules.service.rows import (
    Document,
    Key,
    Page,
    Row,
    add_playlists,
    cues_of,
    playlist_ids,
    remove_rows,
    write_rows,
)

Save = Callable[[bytes], object]
"""Keeps a document as an object named by its sha256."""
Pages = Mapping[Key, Page]

_LOWEST_FIRST = (Priority.ROUTINE, Priority.IMPORTANT, Priority.EMERGENCY)


@dataclass
class Changes:
    """How many occurrences a run touched."""

    added: int = 0
    changed: int = 0
    removed: int = 0


class Book:
    """The occurrences of a commune that are not over, and what they hold. Nothing is stored before `finish`."""

    def __init__(
        self, session: Session, now: datetime, save: Save, rows: Iterable[Row], asked: Iterable[Sha256]
    ) -> None:
        """`asked` are the playlists that will be looked into: the others cost more to load than to name."""
        self.changes = Changes()
        self._session, self._now, self._save = session, now, save
        self._rows: dict[int, dict[Key, Row]] = {}
        self._written: dict[tuple[int, Key], Row] = {}
        self._removed: list[int] = []
        self._names: dict[Programme, Sha256 | None] = {(): None}
        self._new: dict[Sha256, tuple[bytes, Programme]] = {}
        self._cues: dict[Sha256, Sequence[CueRow | PlannedCue]] = {**cues_of(session, asked)}
        for row in rows:
            self._rows.setdefault(row.village.id, {})[row.key] = row

    def rows_of(self, village_id: int) -> Collection[Row]:
        """The village's rows."""
        return self._rows.get(village_id, {}).values()

    def row(self, village_id: int, key: Key) -> Row | None:
        """The village's row of that name."""
        return self._rows.get(village_id, {}).get(key)

    def programme(self, row: Row) -> Programme:
        """What it holds, and why."""
        name, reasons = row.page.playlist, row.page.reasons
        if name is None:
            return ()
        if name not in self._cues:
            self._cues.update(cues_of(self._session, [name]))
        return programme_of(self._cues[name], reasons)

    def shrink(self, village_id: int, fixed_until: datetime, allowed: Callable[[Row], Collection[object]]) -> None:
        """Take what is no longer allowed out of the occurrences that are settled and not over."""
        for row in list(self.rows_of(village_id)):
            if not (row.starts_at <= fixed_until and self._now < row.ends_at):
                continue
            programme = self.programme(row)
            kept = shrink(programme, allowed(row), (self._now - row.starts_at) // timedelta(milliseconds=1))
            if kept != programme:
                self._let_hold(row, kept, _lost(programme, kept))

    def take_in(self, village: Node, slot: Slot, opening: Opening, programme: Programme, to: str) -> None:
        """Let a settled occurrence, or an opening that had none, hold an emergency; what gave way says to which."""
        key = key_of(opening)
        row = self.row(village.id, key)
        if row is None:
            self._add(village, slot, key, self._page(opening.starts_at, opening.ends_at, programme, []))
            return
        self._let_hold(row, programme, _lost(self.programme(row), programme, WhyNot.GAVE_WAY, to=to))

    def pages(self, plan: Plan) -> Pages:
        """The plan as it is to be written for each village that shares it."""
        return {
            key_of(it.opening): self._page(
                it.opening.starts_at, it.opening.ends_at, it.programme, [_document(each) for each in it.not_placed]
            )
            for it in plan.planned
            if it.programme or it.not_placed
        }

    def write(
        self, village: Node, fixed_until: datetime, first_on: date, pages: Pages, slots: Mapping[UUID, Slot]
    ) -> None:
        """Make the village's rows after that instant, from that local date on, say what the plan says."""
        rows = self._rows.setdefault(village.id, {})
        ahead = [key for key, row in rows.items() if row.starts_at > fixed_until and row.local_on >= first_on]
        for key in ahead:
            if key not in pages:
                self._remove(rows[key])
        for key, page in pages.items():
            if key in rows:
                self._update(rows[key], page)
            else:
                self._add(village, slots[key[0]], key, page)

    def finish(self) -> None:
        """Store all that was written, each playlist before what names it."""
        names = [row.page.playlist for row in self._written.values() if row.page.playlist]
        ids = playlist_ids(self._session, names)
        new = {name: self._new[name] for name in names if name not in ids}
        for data, _ in new.values():
            self._save(data)
        ids |= add_playlists(self._session, new)
        remove_rows(self._session, self._removed)
        write_rows(self._session, self._written.values(), ids, self._now)
        for held in self._session:  # whatever the session has as an object must not tell what was
            if isinstance(held, Occurrence):
                self._session.expire(held)

    def _let_hold(self, row: Row, programme: Programme, lost: Sequence[Document]) -> None:
        self._update(row, self._page(row.starts_at, row.ends_at, programme, [*row.page.not_placed, *lost]))

    def _add(self, village: Node, slot: Slot, key: Key, page: Page) -> None:
        self._put(Row(None, village, slot, key[1], key[2], None, page))
        self.changes.added += 1

    def _update(self, row: Row, page: Page) -> None:
        if page == row.page:
            return
        self._put(row._replace(page=page, published_at=row.published_at if page.sounds_like(row.page) else None))
        self.changes.changed += 1

    def _put(self, row: Row) -> None:
        self._rows.setdefault(row.village.id, {})[row.key] = self._written[row.village.id, row.key] = row

    def _remove(self, row: Row) -> None:
        del self._rows[row.village.id][row.key]
        self._written.pop((row.village.id, row.key), None)
        if row.id is not None:
            self._removed.append(row.id)
        self.changes.removed += 1

    def _page(
        self, starts_at: datetime, ends_at: datetime, programme: Programme, not_placed: Sequence[Document]
    ) -> Page:
        reasons: dict[str, Document] = {
            cue.key: {"because": str(cue.because), "facts": dict(cue.facts)} for cue in programme
        }
        return Page(starts_at, ends_at, self._name(programme), _lowest(programme), reasons, not_placed)

    def _name(self, programme: Programme) -> Sha256 | None:
        if programme not in self._names:
            data = playlist_bytes(programme)
            name = Sha256(hashlib.sha256(data).hexdigest())
            self._names[programme], self._new[name] = name, (data, programme)
            self._cues.setdefault(name, programme)
        return self._names[programme]


def key_of(opening: Opening) -> Key:
    """What names the opening within a village."""
    return opening.slot_uuid, opening.local_on, opening.ordinal


def _lowest(programme: Programme) -> Priority:
    """Players raise each cue to the level of its occurrence, so that must not be above any cue's own."""
    present = {cue.priority for cue in programme}
    return next((priority for priority in _LOWEST_FIRST if priority in present), Priority.ROUTINE)


def _document(it: NotPlaced) -> Document:
    return {
        "announcement_uuid": str(it.announcement_uuid),
        "title": it.title,
        "why": str(it.why),
        "facts": dict(it.facts),
    }


def _lost(before: Programme, after: Programme, why: WhyNot = WhyNot.TAKEN_OUT, **facts: str) -> list[Document]:
    """What left a settled programme, part by part; chimes go unsaid."""
    return [
        _document(NotPlaced(cue.announcement_uuid, cue.title, why, (("key", cue.key), *facts.items())))
        for cue in before
        if cue not in after and cue.announcement_uuid is not None
    ]


def programme_of(cues: Sequence[CueRow | PlannedCue], reasons: Mapping[str, Document]) -> Programme:
    """These cues, each with its reason, as they were planned."""
    return tuple(_cue(cue, reasons[cue.key]) for cue in cues)


def _cue(row: CueRow | PlannedCue, reason: Mapping[str, object]) -> PlannedCue:
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
