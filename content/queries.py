"""Reading announcements: what a page or a step needs, loaded at once. Nothing here changes a row."""

from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from content.errors import NoSuchAnnouncement
from content.kernel.nodes import Node
from content.models import Announcement, Revision
from content.workflow import State


def _whole() -> Select[Revision]:
    return select(Revision).options(
        selectinload(Revision.announcement),
        selectinload(Revision.parts),
        selectinload(Revision.villages),
        selectinload(Revision.events),
    )


def latest(session: Session, node: Node, announcement: UUID) -> Revision:
    """An announcement's newest revision, whole. Raises NoSuchAnnouncement."""
    query = _of(node).where(Announcement.uuid == announcement).order_by(Revision.number.desc()).limit(1)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NoSuchAnnouncement
    return found


def revision(session: Session, revision_id: int) -> Revision:
    """One revision by its row, whole. Raises NoSuchAnnouncement."""
    found = session.scalars(_whole().where(Revision.id == revision_id)).one_or_none()
    if found is None:
        raise NoSuchAnnouncement
    return found


def in_force(session: Session, node: Node, announcement: UUID) -> Revision | None:
    """The approved revision with the highest number: what airs. None if nothing does."""
    query = _of(node).where(Announcement.uuid == announcement, Revision.state == State.APPROVED)
    return session.scalars(query.order_by(Revision.number.desc()).limit(1)).one_or_none()


def all_latest(session: Session, node: Node, *, states: tuple[State, ...] = (), limit: int = 200) -> list[Revision]:
    """The newest revision of each announcement, newest edit first; `states` narrows."""
    newer = select(Revision.announcement_id, Revision.number).subquery()
    query = (
        _of(node)
        .where(
            ~select(newer.c.number)
            .where(newer.c.announcement_id == Revision.announcement_id, newer.c.number > Revision.number)
            .exists()
        )
        .order_by(Revision.edited_at.desc())
        .limit(limit)
    )
    return list(session.scalars(query.where(Revision.state.in_(states)) if states else query))


def airable(session: Session, node: Node, on: date) -> list[Revision]:
    """Approved revisions whose last day is not over, whole: what the planner may place."""
    return list(session.scalars(_of(node).where(Revision.state == State.APPROVED, Revision.until_on >= on)))


def _of(node: Node) -> Select[Revision]:
    return _whole().join(Revision.announcement).where(Announcement.node_id == node.id)
