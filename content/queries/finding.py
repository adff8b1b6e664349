"""Finding announcements: by their words, with and without diacritics, and by state, place, subject, days and author."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from content.kernel.folding import marked, plain
from content.kernel.nodes import Node
from content.models import Announcement, Part, Revision
from content.queries.announcements import has_newer, has_newer_decision, of_node
from content.workflow import State

EXPIRED: Final = "expired"
"""A computed state: approved, and its last day is over."""
_DECIDED = frozenset({State.APPROVED.value, EXPIRED})
_AROUND = 60
"""Characters of an excerpt on either side of what was found."""


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for; what is empty narrows nothing.

    `state` is one of `State` or EXPIRED. The days are those on which it may air: from `from_on` to `until_on`.
    `only` are rows of revisions, for what a query cannot know.
    """

    words: str = ""
    state: str = ""
    village: str = ""
    category: str = ""
    author: UUID | None = None
    from_on: date | None = None
    until_on: date | None = None
    only: Collection[int] | None = None


class Found(NamedTuple):
    """A page of what was found, and how much there is in all."""

    revisions: list[Revision]
    total: int


class Excerpt(NamedTuple):
    """A piece of text around what was found in it."""

    before: str
    hit: str
    after: str


def find(session: Session, node: Node, search: Search, today: date, *, limit: int, offset: int = 0) -> Found:
    """The newest revision of each announcement that fits, whole, newest edit first.

    Of what is approved or expired it is the newest decided one, although somebody may be writing its successor.

    Every word must occur: one with diacritics as it is written, one without any in either way.
    """
    superseded = has_newer_decision() if search.state in _DECIDED else has_newer()
    fitting = of_node(node).where(~superseded, *_conditions(search, today))
    newest_first = fitting.order_by(Revision.edited_at.desc(), Revision.id.desc())
    total = session.scalars(select(func.count()).select_from(fitting.with_only_columns(Revision.id).subquery())).one()
    return Found(list(session.scalars(newest_first.limit(limit).offset(offset))), total)


def titles(session: Session, node: Node, announcements: Collection[UUID]) -> dict[UUID, str]:
    """By announcement: what its newest revision is called."""
    query = (
        select(Announcement.uuid, Revision.title)
        .join(Announcement.revisions)
        .where(Announcement.node_id == node.id, Announcement.uuid.in_(announcements))
        .order_by(Revision.number)
    )
    return {row.uuid: row.title for row in session.execute(query)}


def languages(session: Session, revisions: Collection[UUID]) -> dict[UUID, set[str]]:
    """By revision: the languages of its parts."""
    query = select(Revision.uuid, Part.language).join(Revision.parts).where(Revision.uuid.in_(revisions))
    found: dict[UUID, set[str]] = {}
    for row in session.execute(query):
        found.setdefault(row.uuid, set()).add(row.language)
    return found


def excerpt(revision: Revision, words: str) -> Excerpt | None:
    """Where the words stand in the texts, if not all of them stand in the title."""
    sought = [word for word in marked(words).split() if _place(revision.title, word) is None]
    for part in revision.parts:
        for word in sought:
            if place := _place(part.text, word):
                return _around(part.text, *place)
    return None


def _conditions(search: Search, today: date) -> Iterator[ColumnElement[bool]]:
    yield from (Revision.search.contains(word, autoescape=True) for word in marked(search.words).split())
    yield from _in_state(search.state, today)
    if search.village:
        yield Revision.villages.any(Node.slug == search.village)
    if search.category:
        yield Revision.category == search.category
    if search.author:
        yield Announcement.author == search.author
    if search.from_on:
        yield Revision.until_on >= search.from_on
    if search.until_on:
        yield Revision.from_on <= search.until_on
    if search.only is not None:
        yield Revision.id.in_(search.only)


def _in_state(state: str, today: date) -> Iterator[ColumnElement[bool]]:
    if not state:
        yield Revision.state != State.DISCARDED
        return
    yield Revision.state == (State.APPROVED if state == EXPIRED else state)
    if state == EXPIRED:
        yield Revision.until_on < today
    elif state == State.APPROVED:
        yield Revision.until_on >= today


def _place(text: str, word: str) -> tuple[int, int] | None:
    """Where a folded word stands in a text as written: start and end."""
    fold = plain if plain(word) == word else marked
    folded, origin = "", []
    for index, char in enumerate(text):
        said = char if char.isspace() else fold(char)
        folded += said
        origin += [index] * len(said)
    at = folded.find(word)
    return (origin[at], origin[at + len(word) - 1] + 1) if at >= 0 else None


def _around(text: str, start: int, end: int) -> Excerpt:
    """The text around a place, cut between words."""
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if start > _AROUND:
        before = "… " + before.partition(" ")[2]
    if end + _AROUND < len(text):
        after = after.rpartition(" ")[0] + " …"
    return Excerpt(before, text[start:end], after)
