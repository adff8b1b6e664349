"""The steps that cross areas: submitted -> rendered -> approved -> planned -> published.

Each step of a person is one function that takes the unit of work of its request; an upward need of an area is met
here by a value. What takes long (rendering, planning) is only asked for: the worker does it.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out import service as rendering
from broadcaster.publishing import confirmations
from broadcaster.publishing import service as publishing
from content import queries as contents
from content import service as content
from content.kernel.errors import Invalid
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from content.models import Revision
from content.workflow import Heard, State, digest
from schedules import queries as airing
from schedules import service as schedules


def problems(session: Session, draft: Revision, now: datetime) -> list[Invalid]:
    """Everything that keeps a draft from being sent for approval."""
    today = now.astimezone(session.get_one(Node, draft.announcement.node_id).zone).date()
    found = content.problems(draft, today, airing.required_languages(session, draft.villages))
    return [*found, *_slot_problems(session, draft)]


def _slot_problems(session: Session, draft: Revision) -> Iterator[Invalid]:
    """A village that hears none of the chosen slots would be told to the approver, who cannot mend it."""
    commune = session.get_one(Node, draft.announcement.node_id)
    try:
        schedules.check_slots(session, commune, [UUID(slot) for slot in draft.slots], draft.villages)
    except Invalid as error:
        yield error


def submit(session: Session, draft: Revision, actor: UUID, now: datetime) -> None:
    """Freeze a draft for review and ask for its audio. Raises the first of its `problems`."""
    node = session.get_one(Node, draft.announcement.node_id)
    required = airing.required_languages(session, draft.villages)
    for problem in _slot_problems(session, draft):
        raise problem
    content.submit(session, draft, actor, now, contents.lexicon(session, node), required)
    rendering.enqueue(session, draft, now)


def recall(session: Session, revision: Revision, actor: UUID, now: datetime) -> None:
    """Take back what was sent for approval; audio that is still being made is not finished."""
    content.recall(session, revision, actor, now)
    rendering.cancel(session, revision, now)


def shown_digest(session: Session, revision: Revision) -> Sha256:
    """What an approval of this revision would be bound to now. Raises NotRendered while audio is missing."""
    return digest(content.approvable(revision, audio.masters(session, revision)))


def approve(
    session: Session,
    commune: Node,
    revision: Revision,
    shown: Sha256,
    actor: UUID,
    now: datetime,
    *,
    heard: Heard = Heard.DECLARED,
    why_unheard: str = "",
) -> None:
    """Approve what was shown, book it as its writer wished, and have it planned; raises as `content.approve` does.

    An older approved revision of the announcement leaves the plan: its successor takes its place.
    """
    masters = audio.masters(session, revision)
    content.approve(session, revision, masters, shown, actor, now, heard=heard, why_unheard=why_unheard)
    schedules.withdraw_bookings(session, commune, revision.announcement.uuid, now, actor)
    _book(session, commune, revision, actor, now)
    publishing.want_plan(session, commune, revision.announcement.uuid)


def withdraw(session: Session, commune: Node, revision: Revision, actor: UUID, now: datetime, reason: str = "") -> None:
    """Take an announcement off all future playlists, and expect each player to confirm that."""
    content.withdraw(session, revision, actor, now, reason)
    schedules.withdraw_bookings(session, commune, revision.announcement.uuid, now, actor)
    publishing.want_plan(session, commune, revision.announcement.uuid)
    confirmations.expect(session, commune, revision, now)


def restore(session: Session, commune: Node, revision: Revision, actor: UUID, now: datetime) -> None:
    """Undo a withdrawal, or bring back a discarded draft."""
    content.restore(session, revision, actor, now)
    if revision.state == State.DRAFT:
        return
    _book(session, commune, revision, actor, now)
    publishing.want_plan(session, commune, revision.announcement.uuid)


def _book(session: Session, commune: Node, revision: Revision, actor: UUID, now: datetime) -> None:
    schedules.book(
        session,
        commune,
        announcement_uuid=revision.announcement.uuid,
        revision_uuid=revision.uuid,
        villages=revision.villages,
        from_on=revision.from_on,
        until_on=revision.until_on,
        times_per_day=revision.times_per_day,
        slot_uuids=[UUID(slot) for slot in revision.slots],
        every_slot=revision.every_slot,
        priority=Priority(revision.priority),
        actor=actor,
        now=now,
    )
