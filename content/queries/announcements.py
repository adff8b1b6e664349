"""Announcements and their revisions, each loaded whole."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

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
    """An announcement's newest revision, whole; a discarded draft only where there is nothing else.

    Raises NoSuchAnnouncement.
    """
    newest_first = (Revision.state == State.DISCARDED, Revision.number.desc())
    query = of_node(node).where(Announcement.uuid == announcement).order_by(*newest_first).limit(1)
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


def highest_number(session: Session, announcement: Announcement) -> int:
    """The number of an announcement's last revision, discarded or not."""
    query = select(func.max(Revision.number)).where(Revision.announcement_id == announcement.id)
    return session.scalars(query).one() or 0


def versions(session: Session, node: Node, announcement: UUID) -> list[Revision]:
    """All revisions of an announcement, whole, the first one first."""
    return list(session.scalars(of_node(node).where(Announcement.uuid == announcement).order_by(Revision.number)))


def in_force(session: Session, node: Node, announcement: UUID) -> Revision | None:
    """What airs: the newest revision that was decided on, if it is not withdrawn. None if nothing does."""
    decided = Revision.state.in_((State.APPROVED, State.WITHDRAWN))
    query = of_node(node).where(Announcement.uuid == announcement, decided).order_by(Revision.number.desc()).limit(1)
    newest = session.scalars(query).one_or_none()
    return newest if newest is not None and newest.state == State.APPROVED else None


def all_latest(session: Session, node: Node, *, states: tuple[State, ...] = (), limit: int = 200) -> list[Revision]:
    """The newest revision of each announcement, newest edit first; `states` narrows.

    Discarded drafts are left out unless they are asked for.
    """
    query = of_node(node).where(~has_newer()).order_by(Revision.edited_at.desc()).limit(limit)
    wanted = Revision.state.in_(states) if states else Revision.state != State.DISCARDED
    return list(session.scalars(query.where(wanted)))


def has_newer_decision() -> ColumnElement[bool]:
    """Whether a later revision of the announcement was approved, be it withdrawn since."""
    newer = aliased(Revision)
    return (
        select(newer.id)
        .where(newer.announcement_id == Revision.announcement_id, newer.number > Revision.number)
        .where(newer.state.in_((State.APPROVED, State.WITHDRAWN)))
        .exists()
    )


def has_newer() -> ColumnElement[bool]:
    """Whether `latest` would choose another revision of the announcement."""
    newer = aliased(Revision)
    return (
        select(newer.id)
        .where(newer.announcement_id == Revision.announcement_id, newer.id != Revision.id)
        .where(
            case(
                (
                    Revision.state == State.DISCARDED,
                    or_(newer.state != State.DISCARDED, newer.number > Revision.number),
                ),
                else_=and_(newer.state != State.DISCARDED, newer.number > Revision.number),
            )
        )
        .exists()
    )


def airable(session: Session, node: Node, on: date) -> list[Revision]:
    """Approved revisions whose last day is not over, whole: what the planner may place."""
    return list(session.scalars(of_node(node).where(Revision.state == State.APPROVED, Revision.until_on >= on)))


def of_node(node: Node) -> Select[Revision]:
    """Whole revisions of a commune, joined to their announcements, for other queries to narrow."""
    return _whole().join(Revision.announcement).where(Announcement.node_id == node.id)
