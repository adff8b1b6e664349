"""What cadres and secretaries say of a day, of one village's day, or of one announcement."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role, User
from broadcaster.asrun.errors import CommentMissing, CommentTooLong, NoSuchComment, NotYours
from broadcaster.asrun.models import LogComment
from content.kernel import audit
from content.kernel.nodes import Node

LONGEST = 1000


def add(
    session: Session,
    commune: Node,
    author: User,
    text: str,
    on: date,
    now: datetime,
    *,
    village: Node | None = None,
    announcement_uuid: UUID | None = None,
) -> LogComment:
    """Say something. Raises CommentMissing, CommentTooLong."""
    text = text.strip().replace("\x00", "")
    if not text:
        raise CommentMissing
    if len(text) > LONGEST:
        raise CommentTooLong(most=LONGEST)
    comment = LogComment(
        node_id=commune.id,
        village_id=village.id if village else None,
        announcement_uuid=announcement_uuid,
        local_on=on,
        text=text,
        author=author.uuid,
        at=now,
    )
    session.add(comment)
    session.flush()
    facts = {"on": on.isoformat(), "village": village.slug if village else "", "text": text}
    audit.record(session, commune.id, now, author.uuid, "log.commented", _subject(comment), **facts)
    return comment


def set_removed(
    session: Session, commune: Node, uuid: UUID, actor: User, now: datetime, *, removed: bool
) -> LogComment:
    """Take a comment away, or bring it back. Raises NoSuchComment, NotYours."""
    comment = session.scalars(
        select(LogComment).where(LogComment.node_id == commune.id, LogComment.uuid == uuid)
    ).one_or_none()
    if comment is None:
        raise NoSuchComment
    if comment.author != actor.uuid and not accounts.reaches(actor, Role.ADMIN):
        raise NotYours
    comment.removed_at = now if removed else None
    session.flush()
    act = "log.comment_removed" if removed else "log.comment_restored"
    audit.record(session, commune.id, now, actor.uuid, act, _subject(comment), text=comment.text)
    return comment


def of_day(session: Session, commune: Node, on: date, village: Node | None = None) -> list[LogComment]:
    """What was said of a day, oldest first; of one village's day if it is named."""
    query = _living(commune).where(LogComment.local_on == on)
    if village is not None:
        query = query.where(LogComment.village_id == village.id)
    return list(session.scalars(query))


def of_announcement(session: Session, commune: Node, announcement_uuid: UUID) -> list[LogComment]:
    """What was said of an announcement's airing, oldest first."""
    return list(session.scalars(_living(commune).where(LogComment.announcement_uuid == announcement_uuid)))


def between(session: Session, commune: Node, from_on: date, until_on: date) -> list[LogComment]:
    """What was said of days, both included, oldest first."""
    return list(session.scalars(_living(commune).where(LogComment.local_on.between(from_on, until_on))))


def _living(commune: Node) -> Select[LogComment]:
    return (
        select(LogComment)
        .where(LogComment.node_id == commune.id, LogComment.removed_at.is_(None))
        .order_by(LogComment.local_on, LogComment.id)
    )


def _subject(comment: LogComment) -> str:
    if comment.announcement_uuid:
        return f"announcement:{comment.announcement_uuid}"
    return f"log:{comment.local_on.isoformat()}"
