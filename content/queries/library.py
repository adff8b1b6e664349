"""What a commune brings to its writing: the lexicon, and templates of recurring announcements."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from content import reading
from content.errors import NoSuchEntry, NoSuchTemplate
from content.kernel.folding import searchable
from content.kernel.nodes import Node
from content.models import LexiconRow, Part, Revision, Template
from content.queries.announcements import airable
from content.reading import LexiconEntry
from content.workflow import Step


@dataclass(frozen=True, slots=True)
class ReadOtherwise:
    """An approved revision that a later change of the lexicon would alter, and the words that were changed."""

    revision: Revision
    words: tuple[str, ...]


def lexicon(session: Session, node: Node) -> list[LexiconEntry]:
    """The commune's own way of reading words, as `content.reading` takes it."""
    return [LexiconEntry(row.written, row.spoken, row.case_sensitive) for row in lexicon_rows(session, node)]


def lexicon_rows(session: Session, node: Node, words: str = "") -> list[LexiconRow]:
    """The entries in order of entry; only those with these words in them, with or without diacritics."""
    query = select(LexiconRow).where(LexiconRow.node_id == node.id, LexiconRow.removed_at.is_(None))
    rows = session.scalars(query.order_by(LexiconRow.id))
    wanted = words.casefold().strip()
    return [row for row in rows if wanted in searchable(row.written, row.spoken)]


def lexicon_row(session: Session, node: Node, uuid: UUID) -> LexiconRow:
    """One entry, removed or not. Raises NoSuchEntry."""
    found = session.scalars(
        select(LexiconRow).where(LexiconRow.node_id == node.id, LexiconRow.uuid == uuid)
    ).one_or_none()
    if found is None:
        raise NoSuchEntry
    return found


def read_otherwise(session: Session, node: Node, on: date) -> list[ReadOtherwise]:
    """Revisions in force and not over on this date that the lexicon of today reads otherwise than when approved.

    Only words whose entry was changed since a revision was sent count: what better rules would alter is not told.
    """
    changes = list(session.scalars(select(LexiconRow).where(LexiconRow.node_id == node.id)))
    entries = lexicon(session, node)
    in_force = {
        revision.announcement_id: revision
        for revision in sorted(airable(session, node, on), key=lambda revision: revision.number)
    }
    found = []
    for revision in in_force.values():
        sent_at = max(event.at for event in revision.events if event.step == Step.SUBMIT)
        altered = [word for part in revision.parts for word in _altered(part, changes, entries, sent_at)]
        if altered:
            found.append(ReadOtherwise(revision, tuple(dict.fromkeys(altered))))
    return found


def templates(session: Session, node: Node) -> list[Template]:
    """The commune's templates by name."""
    query = select(Template).where(Template.node_id == node.id, Template.removed_at.is_(None))
    return list(session.scalars(query.order_by(Template.name, Template.id)))


def template(session: Session, node: Node, uuid: UUID) -> Template:
    """One template, removed or not. Raises NoSuchTemplate."""
    found = session.scalars(select(Template).where(Template.node_id == node.id, Template.uuid == uuid)).one_or_none()
    if found is None:
        raise NoSuchTemplate
    return found


def _altered(part: Part, changes: list[LexiconRow], entries: list[LexiconEntry], sent_at: datetime) -> tuple[str, ...]:
    """The changed words of a part, if they make its reading another one."""
    text = part.text.casefold()
    # Reading is the slow part: only texts that hold a changed word are read again.
    words = [row.written for row in changes if row.changed_at > sent_at and row.written.casefold() in text]
    if not words or part.recording is not None or reading.read(part.text, entries).spoken == part.reading:
        return ()
    return tuple(words)
