"""Approving: hear it, see what changed, decide. Four eyes are the rule of `content.workflow`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out.voices import VOICES
from broadcaster import pipeline
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role, User
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.station import Station
from broadcaster.web import words
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import render
from broadcaster.web.words import mark
from broadcaster.web.writing import compare
from broadcaster.web.writing.announcements import attested, history, is_mine, is_too_long, readings
from broadcaster.web.writing.compare import IN_EVERY_SLOT, Changes, Seen
from broadcaster.web.writing.reserve import reserves
from content import queries, service
from content.errors import NotHeard, NotRendered, ReasonMissing, Stale, UntilIsPast, WrongState
from content.kernel.nodes import villages_of
from content.kernel.units import Sha256
from content.models import Revision
from content.service.submitting import EVERY_SLOT
from content.workflow import Heard, State
from schedules import queries as schedules

router = APIRouter(prefix="/announcements/{uuid}/review")
NOTHING_TYPED = mark("Write why you approve without having listened to the end.")
BEST_VOICE = mark("The best one available")
ANY_SLOT = mark("Any slot with room")


class Decision(BaseModel):
    """The form of the review: what was shown, what was heard of it, and what shall become of it.

    `heard` is `true` where a person ticked it, `to_the_end` where the page saw it.
    """

    do: str
    shown: str = ""
    seen: str = ""
    heard: str = ""
    why_unheard: str = ""
    reason: str = ""

    @property
    def listening(self) -> Heard:
        """What the approver says of the listening."""
        if self.do == UNHEARD:
            return Heard.NOT
        return {"true": Heard.DECLARED, Heard.TO_THE_END: Heard.TO_THE_END}.get(self.heard, Heard.NOT)


APPROVE, UNHEARD = "approve", "approve_unheard"
BLANK = Decision(do="")


@router.get("")
def ask(visit: Looking, session: Reads, station: TheStation, uuid: UUID, did: str = "") -> Response:
    """Everything an approver must know; what is not in review any more is only shown."""
    revision = queries.latest(session, visit.commune, uuid)
    if revision.state != State.IN_REVIEW:
        return RedirectResponse(f"/announcements/{uuid}", 303)
    return _page(visit, session, station, revision, did=did)


@router.post("")
def decide(
    visit: Acting, session: Writes, station: TheStation, uuid: UUID, form: Annotated[Decision, Form()]
) -> Response:
    """Approve what was shown and heard, or return it with a reason."""
    accounts.require(visit.user, Role.CADRE)
    revision = queries.latest(session, visit.commune, uuid)
    try:
        if form.do in {APPROVE, UNHEARD}:
            _approve(visit, session, revision, form)
        else:
            service.send_back(session, revision, visit.user.uuid, visit.now, form.reason)
    except WrongState:
        return RedirectResponse(f"/announcements/{uuid}?did=decided-meanwhile", 303)
    except (Stale, NotRendered, NotHeard, ReasonMissing, UntilIsPast) as error:
        problem = problem_of(error)
        if form.do == UNHEARD and isinstance(error, NotHeard):
            problem = replace(problem, field="why_unheard", sentence=NOTHING_TYPED)
        return _page(visit, session, station, revision, form, problem)
    done = "approved" if form.do in {APPROVE, UNHEARD} else "returned"
    return RedirectResponse(f"/announcements/{uuid}?did={done}", 303)


def _approve(visit: Visit, session: Session, revision: Revision, form: Decision) -> None:
    why = form.why_unheard if form.do == UNHEARD else ""
    shown, actor = Sha256(form.shown), visit.user.uuid
    pipeline.approve(session, visit.commune, revision, shown, actor, visit.now, heard=form.listening, why_unheard=why)


def _page(
    visit: Visit,
    session: Session,
    station: Station,
    revision: Revision,
    form: Decision = BLANK,
    problem: Problem | None = None,
    did: str = "",
) -> Response:
    sounds = audio.sounds(session, [revision]).get(revision.id, {})
    masters = {language: sound.rendition.sha256 for language, sound in sounds.items()}
    names = _names(visit, session)
    return render(
        visit,
        "announcements/review.html",
        422 if problem else 200,
        did=did,
        revision=revision,
        history=history(queries.versions(session, visit.commune, revision.announcement.uuid)),
        problems=[problem] if problem else [],
        form=form,
        readings=readings(session, visit, revision),
        sounds=sounds,
        reserves=reserves(session, station, sounds),
        attested=attested(revision, sounds),
        progress=audio.progress(session, [revision]).get(revision.id),
        shown=_shown(session, revision),
        seen=Seen.of(revision, masters).model_dump_json(),
        names=accounts.names(session, visit.commune),
        too_long=is_too_long(session, visit, revision, sounds),
        approvers=_approvers(session, revision),
        is_mine=is_mine(visit, revision),
        since_seen=_since_seen(revision, form, masters, names) if form.seen else None,
        since_last=_since_last(visit, session, revision, names),
        slots=schedules.slot_names(session, visit.commune, revision.slots),
        every_village=len(villages_of(session, visit.commune)),
    )


def _since_seen(revision: Revision, form: Decision, masters: Mapping[str, str], names: compare.Names) -> Changes | None:
    """What changed while the page that was sent stood open; None where that cannot be told."""
    seen, now = Seen.read(form.seen), compare.submissions(revision)
    before = seen.content(revision) if seen else None
    if seen is None or before is None:
        return None
    return compare.changes(before, now[-1], names, seen.masters, masters)


def _since_last(visit: Visit, session: Session, revision: Revision, names: compare.Names) -> Changes | None:
    """What changed since it was submitted before, or else against the version that airs; None on a first one."""
    *earlier, now = compare.submissions(revision)
    airing = queries.in_force(session, visit.commune, revision.announcement.uuid)
    if not earlier and airing and airing is not revision:
        earlier = compare.submissions(airing)
    return compare.changes(earlier[-1], now, names) if earlier else None


def _names(visit: Visit, session: Session) -> compare.Names:
    say = visit.tongue.say
    slots = schedules.slots(session, visit.commune, cancelled=True)
    return {
        "villages": {village.slug: village.name for village in villages_of(session, visit.commune)},
        "slots": {str(slot.uuid): slot.name for slot in slots} | {"": say(ANY_SLOT)},
        "category": {key: say(word) for key, word in words.CATEGORIES.items()},
        "priority": {key: say(word) for key, word in words.PRIORITIES.items()},
        "voice": {voice.id: say(voice.label) for voice in VOICES} | {"auto": say(BEST_VOICE)},
        "times_per_day": {EVERY_SLOT: say(IN_EVERY_SLOT)},
        "pace": {key: say(word) for key, word in words.PACES.items()},
    }


def _shown(session: Session, revision: Revision) -> str:
    try:
        return pipeline.shown_digest(session, revision)
    except NotRendered:
        return ""


def _approvers(session: Session, revision: Revision) -> list[User]:
    """Who can approve this: everybody whose role reaches that far, except those who wrote it."""
    users = session.scalars(
        select(User).where(User.node_id == revision.announcement.node_id, User.disabled_at.is_(None)).order_by(User.id)
    )
    writers = service.writers_of(revision)
    return [user for user in users if accounts.reaches(user, Role.CADRE) and user.uuid not in writers]
