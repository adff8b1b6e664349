"""How a step is kept: the state, the event and the audit entry, together."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from content.errors import WrongState
from content.kernel import audit
from content.models import Revision, RevisionEvent
from content.workflow import State, Step


def take(
    session: Session,
    revision: Revision,
    state: State,
    step: Step,
    actor: UUID,
    now: datetime,
    *,
    reason: str = "",
    content: dict[str, object] | None = None,
    **facts: object,
) -> None:
    """Bring a revision into a state; `content` is kept in the event, `facts` in the audit entry.

    Raises WrongState: somebody else has brought it into another one meanwhile.
    """
    session.flush()
    here = update(Revision).where(Revision.id == revision.id, Revision.state == revision.state)
    if not session.execute(here.values(state=state)).rowcount:  # type: ignore[attr-defined]
        raise WrongState(state=revision.state, step=step)
    revision.state = state
    revision.events.append(RevisionEvent(step=step, at=now, actor=actor, reason=reason, content=content))
    session.flush()
    record(session, revision, now, actor, f"announcement.{step}", reason=reason, **facts)


def record(session: Session, revision: Revision, now: datetime, actor: UUID, act: str, **facts: object) -> None:
    """An audit entry about a revision."""
    announcement = revision.announcement
    audit.record(
        session,
        announcement.node_id,
        now,
        actor,
        act,
        f"announcement:{announcement.uuid}",
        revision=revision.number,
        **facts,
    )
