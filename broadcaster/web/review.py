"""Approving: hear it, see what changed, decide. Four eyes are the rule of `content.workflow`."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out import queries as audio
from broadcaster import pipeline
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role, User
from broadcaster.deps import Acting, Looking, Reads, Visit, Writes
from broadcaster.web import compare, words
from broadcaster.web.announcements import is_too_long, readings
from broadcaster.web.forms import LANGUAGE, Problem, problem_of
from broadcaster.web.render import render
from broadcaster.web.words import mark
from content import queries, service
from content.errors import NotRendered, ReasonMissing, Stale
from content.kernel.nodes import villages_of
from content.kernel.units import Sha256
from content.models import Revision
from content.workflow import State
from schedules import queries as schedules

router = APIRouter(prefix="/announcements/{uuid}/review")
NOT_HEARD = mark("Listen to the end first, then tick this box.")


@router.get("")
def ask(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """Everything an approver must know; what is not in review any more is only shown."""
    revision = queries.latest(session, visit.commune, uuid)
    if revision.state != State.IN_REVIEW:
        return RedirectResponse(f"/announcements/{uuid}", 303)
    return _page(visit, session, revision)


@router.post("")
def decide(
    visit: Acting,
    session: Writes,
    uuid: UUID,
    do: Annotated[str, Form()],
    shown: Annotated[str, Form()] = "",
    heard: Annotated[bool, Form()] = False,  # noqa: FBT002  (a tick box)
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Approve what was shown and heard, or return it with a reason."""
    accounts.require(visit.user, Role.CADRE)
    revision = queries.latest(session, visit.commune, uuid)
    if do == "approve" and not heard:
        return _page(visit, session, revision, Problem("heard", NOT_HEARD), reason)
    try:
        if do == "approve":
            pipeline.approve(session, visit.commune, revision, Sha256(shown), visit.user.uuid, visit.now)
        else:
            service.send_back(session, revision, visit.user.uuid, visit.now, reason)
    except (Stale, NotRendered, ReasonMissing) as error:
        return _page(visit, session, revision, problem_of(error), reason)
    return RedirectResponse(f"/announcements/{uuid}?did={'approved' if do == 'approve' else 'returned'}", 303)


def _page(
    visit: Visit, session: Session, revision: Revision, problem: Problem | None = None, reason: str = ""
) -> Response:
    villages = villages_of(session, visit.commune)
    before = compare.submitted_before(revision) or _in_force(visit, session, revision)
    present = compare.content_of(revision)
    names = {village.slug: village.name for village in villages} | {
        stored: visit.tongue.say(word) for stored, word in words.PRIORITIES.items()
    }
    sounds = audio.sounds(session, [revision]).get(revision.id, {})
    return render(
        visit,
        "announcements/review.html",
        422 if problem else 200,
        revision=revision,
        problems=[problem] if problem else [],
        reason=reason,
        readings=readings(session, visit, revision),
        sounds=sounds,
        progress=audio.progress(session, [revision]).get(revision.id),
        shown=_shown(session, revision),
        names=accounts.names(session, visit.commune),
        too_long=is_too_long(session, visit, revision, sounds),
        approvers=_approvers(session, revision),
        fact_changes=compare.fact_changes(before, present, names) if before else [],
        pieces=compare.word_diff(compare.text_of(before, LANGUAGE), compare.text_of(present, LANGUAGE))
        if before
        else [],
        slot=schedules.slot_name(session, visit.commune, revision.slot),
        every_village=len(villages),
    )


def _shown(session: Session, revision: Revision) -> str:
    try:
        return pipeline.shown_digest(session, revision)
    except NotRendered:
        return ""


def _in_force(visit: Visit, session: Session, revision: Revision) -> Mapping[str, object] | None:
    airing = queries.in_force(session, visit.commune, revision.announcement.uuid)
    return compare.content_of(airing) if airing and airing is not revision else None


def _approvers(session: Session, revision: Revision) -> list[User]:
    """Who can approve this: everybody whose role reaches that far, except those who wrote it."""
    users = session.scalars(
        select(User).where(User.node_id == revision.announcement.node_id, User.disabled_at.is_(None)).order_by(User.id)
    )
    writers = {revision.announcement.author, revision.edited_by}
    return [user for user in users if accounts.reaches(user, Role.CADRE) and user.uuid not in writers]
