"""The steps that cross areas: submitted -> rendered -> approved -> planned -> published.

Each step of a person is one function that takes the unit of work of its request; an upward need of an area is met
here by a value. What takes long (rendering, planning) is only asked for: the worker does it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out import service as rendering
from broadcaster.publishing import service as publishing
from content import service as content
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from content.models import Revision
from content.workflow import digest
from schedules import service as schedules


def submit(session: Session, draft: Revision, actor: UUID, now: datetime) -> None:
    """Freeze a draft for review and ask for its audio."""
    content.submit(session, draft, actor, now)
    rendering.enqueue(session, draft, now)


def shown_digest(session: Session, revision: Revision) -> Sha256:
    """What an approval of this revision would be bound to now. Raises NotRendered while audio is missing."""
    return digest(content.approvable(revision, audio.masters(session, revision)))


def approve(session: Session, commune: Node, revision: Revision, shown: Sha256, actor: UUID, now: datetime) -> None:
    """Approve what was shown, book it as its writer wished, and have it planned.

    An older approved revision of the announcement leaves the plan: its successor takes its place.
    """
    content.approve(session, revision, audio.masters(session, revision), shown, actor, now)
    schedules.withdraw_bookings(session, commune, revision.announcement.uuid, now)
    _book(session, commune, revision, now)
    publishing.want_plan(session, commune)


def withdraw(session: Session, commune: Node, revision: Revision, actor: UUID, now: datetime, reason: str = "") -> None:
    """Take an announcement off all future playlists."""
    content.withdraw(session, revision, actor, now, reason)
    schedules.withdraw_bookings(session, commune, revision.announcement.uuid, now)
    publishing.want_plan(session, commune)


def restore(session: Session, commune: Node, revision: Revision, actor: UUID, now: datetime) -> None:
    """Undo a withdrawal."""
    content.restore(session, revision, actor, now)
    _book(session, commune, revision, now)
    publishing.want_plan(session, commune)


def _book(session: Session, commune: Node, revision: Revision, now: datetime) -> None:
    schedules.book(
        session,
        commune,
        announcement_uuid=revision.announcement.uuid,
        revision_uuid=revision.uuid,
        villages=revision.villages,
        from_on=revision.from_on,
        until_on=revision.until_on,
        times_per_day=revision.times_per_day,
        slot_uuid=revision.slot,
        priority=Priority(revision.priority),
        now=now,
    )
