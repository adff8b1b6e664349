"""The approver's side: return, approve, withdraw, restore. Four eyes, and one digest of all that was heard."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from content.errors import NotHeard, NotRendered, ReasonMissing, Stale, UntilIsPast
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from content.models import Revision
from content.service import _steps
from content.service.writing import writers_of
from content.workflow import Approvable, Heard, Step, after, check_four_eyes, digest


def send_back(session: Session, revision: Revision, actor: UUID, now: datetime, reason: str) -> None:
    """Return a revision to its writer, with a reason: it becomes a draft again; its submission stays in the events."""
    state = after(revision.state, Step.RETURN)
    if not reason.strip():
        raise ReasonMissing
    for part in revision.parts:
        part.reading = None
    _steps.take(session, revision, state, Step.RETURN, actor, now, reason=reason.strip())


def approvable(revision: Revision, masters: dict[str, Sha256]) -> Approvable:
    """What an approval of this revision is bound to; `masters` are the masters' sha256 by language.

    Raises NotRendered while a part has no master.
    """
    if any(part.language not in masters for part in revision.parts):
        raise NotRendered
    return Approvable(
        title=revision.title,
        texts={part.language: part.text for part in revision.parts},
        readings={part.language: part.reading or "" for part in revision.parts},
        masters=masters,
        priority=Priority(revision.priority),
        villages=tuple(sorted(str(node.uuid) for node in revision.villages)),
        from_on=revision.from_on,
        until_on=revision.until_on,
        times_per_day=revision.times_per_day,
        slots=tuple(sorted(revision.slots)),
        every_slot=revision.every_slot,
    )


def approve(
    session: Session,
    revision: Revision,
    masters: dict[str, Sha256],
    shown: Sha256,
    actor: UUID,
    now: datetime,
    *,
    heard: Heard = Heard.DECLARED,
    why_unheard: str = "",
) -> None:
    """Approve exactly what was shown.

    Args:
        session: unit of work.
        revision: a whole revision in review.
        masters: the masters' sha256 by language, as stored now.
        shown: the digest of the page on which the approver decided.
        actor: who approves; never the author, nor anybody who changed it.
        now: when.
        heard: what the approver says of the listening; kept with the step.
        why_unheard: the reason, where they did not listen.

    Raises:
        WrongState, FourEyes, NotRendered: as they say.
        Stale: the digest of today is not the one that was shown.
        UntilIsPast: its last day is over; return it instead.
        NotHeard: not listened to, and no reason given.
    """
    state = after(revision.state, Step.APPROVE)
    check_four_eyes(actor, *writers_of(revision))
    if revision.until_on < now.astimezone(session.get_one(Node, revision.announcement.node_id).zone).date():
        raise UntilIsPast(until_on=revision.until_on)
    now_bound = digest(approvable(revision, masters))
    if now_bound != shown:
        raise Stale
    reason = why_unheard.strip() if heard == Heard.NOT else ""
    if heard == Heard.NOT and not reason:
        raise NotHeard
    revision.digest, revision.masters = now_bound, dict(masters)
    revision.decided_by, revision.decided_at = actor, now
    said: dict[str, object] = {"heard": heard}
    _steps.take(
        session, revision, state, Step.APPROVE, actor, now, reason=reason, content=said, digest=now_bound, heard=heard
    )


def withdraw(session: Session, revision: Revision, actor: UUID, now: datetime, reason: str = "") -> None:
    """Take an approved revision off the air. `restore` undoes it."""
    state = after(revision.state, Step.WITHDRAW)
    _steps.take(session, revision, state, Step.WITHDRAW, actor, now, reason=reason.strip())


def restore(session: Session, revision: Revision, actor: UUID, now: datetime) -> None:
    """Undo a withdrawal (the approval stands, since nothing it was bound to has changed) or a discarded draft."""
    _steps.take(session, revision, after(revision.state, Step.RESTORE), Step.RESTORE, actor, now)
