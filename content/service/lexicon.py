"""Changing a commune's lexicon: entries added, changed, removed and back, each audited.

What was approved stays as it is. An entry is a `reading.LexiconEntry`;
within a commune and a rule of case, a word has one reading.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from content import queries, reading
from content.errors import (
    EntryExists,
    SpokenMissing,
    SpokenTooLong,
    SpokenUnreadable,
    WrittenMissing,
    WrittenTooLong,
)
from content.kernel import audit
from content.kernel.nodes import Node
from content.models import LexiconRow
from content.reading import LexiconEntry, WarningKind

LONGEST_WRITTEN = 120
LONGEST_SPOKEN = 400
_CONTROL_OR_SPACE = re.compile(r"[\x00-\x20\x7f\u00a0]+")

Key = tuple[bool, str]
"""What makes two entries the same: the rule of case, and the word under it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What putting entries into a lexicon would do."""

    new: tuple[LexiconEntry, ...]
    changed: tuple[LexiconEntry, ...]
    same: tuple[LexiconEntry, ...]


def add(session: Session, node: Node, entry: LexiconEntry, actor: UUID, now: datetime) -> LexiconRow:
    """A new entry. Raises what `checked` does, and EntryExists."""
    entry = checked(entry)
    _check_free(_rows_by_key(session, node), entry)
    return _add(session, node, entry, actor, now)


def change(session: Session, node: Node, row: LexiconRow, entry: LexiconEntry, actor: UUID, now: datetime) -> None:
    """Another reading, word or rule of case. Raises what `checked` does, and EntryExists.

    Another word takes the place of the old one, which stays as a removed entry: so one can still tell which approved
    announcements it was read in.
    """
    entry = checked(entry)
    if key_of(entry) == key_of(_entry(row)):
        _set_spoken(session, row, entry, actor, now)
        return
    _check_free(_rows_by_key(session, node), entry)
    remove(session, row, actor, now)
    _add(session, node, entry, actor, now)


def remove(session: Session, row: LexiconRow, actor: UUID, now: datetime) -> None:
    """Out of the lexicon; `restore` undoes it."""
    if row.removed_at is not None:
        return
    row.removed_at, row.changed_by, row.changed_at = now, actor, now
    _record(session, row, actor, now, "lexicon.removed")


def restore(session: Session, node: Node, row: LexiconRow, actor: UUID, now: datetime) -> None:
    """Back into the lexicon. Raises EntryExists: the word has another reading by now."""
    if row.removed_at is None:
        return
    _check_free(_rows_by_key(session, node), _entry(row))
    row.removed_at, row.changed_by, row.changed_at = None, actor, now
    _record(session, row, actor, now, "lexicon.restored")


def compare(session: Session, node: Node, entries: Iterable[LexiconEntry]) -> Comparison:
    """What of these (checked, each word once) is new, read otherwise, or already there."""
    rows = _rows_by_key(session, node)
    new: list[LexiconEntry] = []
    changed: list[LexiconEntry] = []
    same: list[LexiconEntry] = []
    for entry in entries:
        row = rows.get(key_of(entry))
        (new if row is None else same if _entry(row) == entry else changed).append(entry)
    return Comparison(tuple(new), tuple(changed), tuple(same))


def put_all(session: Session, node: Node, entries: Sequence[LexiconEntry], actor: UUID, now: datetime) -> Comparison:
    """Add what is new and change what is read otherwise, as one act; what is not named stays."""
    rows = _rows_by_key(session, node)
    told = compare(session, node, entries)
    session.add_all(_row(node, entry, actor, now) for entry in told.new)
    for entry in told.changed:
        row = rows[key_of(entry)]
        row.written, row.spoken, row.changed_by, row.changed_at = entry.written, entry.spoken, actor, now
    session.flush()
    facts = {"new": _said(told.new), "changed": _said(told.changed)}
    audit.record(session, node.id, now, actor, "lexicon.imported", f"lexicon:{node.uuid}", **facts)
    return told


def checked(entry: LexiconEntry) -> LexiconEntry:
    """The entry as it is kept: NFC, on one line.

    Raises:
        WrittenMissing, WrittenTooLong, SpokenMissing, SpokenTooLong: as they say.
        SpokenUnreadable: a sign in the reading has no words.
    """
    written, spoken = _one_line(entry.written), _one_line(entry.spoken)
    if not written:
        raise WrittenMissing
    if len(written) > LONGEST_WRITTEN:
        raise WrittenTooLong(limit=LONGEST_WRITTEN)
    if not any(char.isalnum() for char in spoken):
        raise SpokenMissing
    if len(spoken) > LONGEST_SPOKEN:
        raise SpokenTooLong(limit=LONGEST_SPOKEN)
    for warning in reading.read(spoken).warnings:
        if warning.kind == WarningKind.UNREADABLE_SYMBOL:
            raise SpokenUnreadable(sample=warning.written)
    return LexiconEntry(written, spoken, entry.case_sensitive)


def key_of(entry: LexiconEntry) -> Key:
    """What makes two entries the same."""
    return entry.case_sensitive, entry.written if entry.case_sensitive else entry.written.casefold()


def _one_line(text: str) -> str:
    return _CONTROL_OR_SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _entry(row: LexiconRow) -> LexiconEntry:
    return LexiconEntry(row.written, row.spoken, row.case_sensitive)


def _rows_by_key(session: Session, node: Node) -> dict[Key, LexiconRow]:
    return {key_of(_entry(row)): row for row in queries.lexicon_rows(session, node)}


def _check_free(rows: Mapping[Key, LexiconRow], entry: LexiconEntry) -> None:
    other = rows.get(key_of(entry))
    if other is not None:
        raise EntryExists(written=other.written, spoken=other.spoken, uuid=other.uuid)


def _add(session: Session, node: Node, entry: LexiconEntry, actor: UUID, now: datetime) -> LexiconRow:
    row = _row(node, entry, actor, now)
    session.add(row)
    session.flush()
    _record(session, row, actor, now, "lexicon.added")
    return row


def _row(node: Node, entry: LexiconEntry, actor: UUID, now: datetime) -> LexiconRow:
    return LexiconRow(
        node_id=node.id,
        written=entry.written,
        spoken=entry.spoken,
        case_sensitive=entry.case_sensitive,
        changed_by=actor,
        changed_at=now,
    )


def _said(entries: Iterable[LexiconEntry]) -> dict[str, str]:
    return {entry.written: entry.spoken for entry in entries}


def _set_spoken(session: Session, row: LexiconRow, entry: LexiconEntry, actor: UUID, now: datetime) -> None:
    before = row.spoken
    if _entry(row) == entry:
        return
    row.written, row.spoken, row.changed_by, row.changed_at = entry.written, entry.spoken, actor, now
    _record(session, row, actor, now, "lexicon.changed", before=before)


def _record(session: Session, row: LexiconRow, actor: UUID, now: datetime, act: str, **facts: object) -> None:
    session.flush()
    said: dict[str, object] = {"written": row.written, "spoken": row.spoken, "case_sensitive": row.case_sensitive}
    audit.record(session, row.node_id, now, actor, act, f"lexicon:{row.uuid}", **said, **facts)
