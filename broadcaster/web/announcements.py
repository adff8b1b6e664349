"""Announcements: the list, and the page of one with what can be done."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out import service as rendering
from broadcaster import pipeline
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, Visit, Writes
from broadcaster.web.preview import Preview, preview
from broadcaster.web.render import render
from content import queries, service
from content.kernel.errors import NotAllowed
from content.kernel.folding import plain
from content.kernel.nodes import villages_of
from content.models import Revision
from content.workflow import State, Step
from schedules import queries as schedules

router = APIRouter(prefix="/announcements")
PAGE = 40
MOST_SEARCHED = 2000


class NotYours(NotAllowed):
    """Who took an announcement off the air decided that; only they, or somebody who approves, put it back."""

    sentence = "Somebody else withdrew this announcement, so they or an approving cadre must restore it."


@router.get("")
def show_list(
    visit: Looking, session: Reads, state: str = "", q: str = "", page: Annotated[int, Query(ge=1)] = 1
) -> Response:
    """All announcements, newest edit first; one state of them, or those whose title holds the words."""
    states = (State(state),) if state in set(State) else ()
    limit = MOST_SEARCHED if q else page * PAGE + 1
    found = queries.all_latest(session, visit.commune, states=states, limit=limit)
    fitting = [revision for revision in found if plain(q) in plain(revision.title)]
    revisions = fitting[(page - 1) * PAGE : page * PAGE]
    return render(
        visit,
        "announcements/list.html",
        revisions=revisions,
        progress=audio.progress(session, revisions),
        next_airings=schedules.next_airings(session, visit.commune, visit.now),
        state=state,
        q=q,
        page=page,
        has_more=len(fitting) > page * PAGE,
        every_village=len(villages_of(session, visit.commune)),
    )


@router.get("/{uuid}")
def show(visit: Looking, session: Reads, uuid: UUID, did: str = "") -> Response:
    """One announcement: what it says, how it sounds, where it stands, what can be done."""
    revision = queries.latest(session, visit.commune, uuid)
    in_force = queries.in_force(session, visit.commune, uuid)
    sounds = audio.sounds(session, [revision]).get(revision.id, {})
    return render(
        visit,
        "announcements/show.html",
        did=did,
        revision=revision,
        readings=readings(session, visit, revision),
        sounds=sounds,
        progress=audio.progress(session, [revision]).get(revision.id),
        too_long=is_too_long(session, visit, revision, sounds),
        names=accounts.names(session, visit.commune),
        airings=schedules.airings_of(session, visit.commune, visit.now, uuid),
        airs_meanwhile=in_force if in_force is not revision else None,
        slot=schedules.slot_name(session, visit.commune, revision.slot),
        is_mine=visit.user.uuid in {revision.announcement.author, revision.edited_by},
        may_restore=_may_restore(visit, revision),
        every_village=len(villages_of(session, visit.commune)),
    )


@router.get("/{uuid}/progress")
def show_progress(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """A piece of page: how far the rendering is."""
    revision = queries.latest(session, visit.commune, uuid)
    progress = audio.progress(session, [revision]).get(revision.id)
    return render(visit, "announcements/_progress.html", revision=revision, progress=progress)


@router.post("/{uuid}/retry")
def retry(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Make the audio again."""
    accounts.require(visit.user, Role.SECRETARY)
    rendering.enqueue(session, queries.latest(session, visit.commune, uuid), visit.now)
    return RedirectResponse(f"/announcements/{uuid}?did=retried", 303)


@router.post("/{uuid}/revise")
def revise(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Begin a new version; the approved one airs on."""
    accounts.require(visit.user, Role.SECRETARY)
    service.revise(session, queries.latest(session, visit.commune, uuid), visit.user.uuid, visit.now)
    return RedirectResponse(f"/announcements/{uuid}/edit", 303)


@router.post("/{uuid}/withdraw")
def withdraw(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Take an announcement off the air, at once and undoably."""
    accounts.require(visit.user, Role.SECRETARY)
    revision = queries.latest(session, visit.commune, uuid)
    pipeline.withdraw(session, visit.commune, revision, visit.user.uuid, visit.now)
    return RedirectResponse(f"/announcements/{uuid}?did=withdrawn", 303)


@router.post("/{uuid}/restore")
def restore(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Undo a withdrawal."""
    revision = queries.latest(session, visit.commune, uuid)
    if not _may_restore(visit, revision):
        raise NotYours
    pipeline.restore(session, visit.commune, revision, visit.user.uuid, visit.now)
    return RedirectResponse(f"/announcements/{uuid}?did=restored", 303)


def readings(session: Session, visit: Visit, revision: Revision) -> dict[str, Preview]:
    """By language: each part as it will be heard, from submission on as it was frozen."""
    submitted = [event.at for event in revision.events if event.step == Step.SUBMIT]
    on = submitted[-1].astimezone(visit.zone).date() if submitted and revision.state != State.DRAFT else visit.today
    lexicon = queries.lexicon(session, visit.commune)
    return {part.language: preview(part.text, on, part.reading, lexicon) for part in revision.parts}


def is_too_long(session: Session, visit: Visit, revision: Revision, sounds: Mapping[str, audio.Sound]) -> bool:
    """Whether it lasts longer than every slot of its villages, so that it can never air."""
    room_ms = schedules.longest_opening_ms(session, visit.commune, revision.villages)
    length_ms = sum(sound.deliverable.duration_ms for sound in sounds.values())
    return room_ms is not None and length_ms > room_ms


def _may_restore(visit: Visit, revision: Revision) -> bool:
    withdrawals = [event for event in revision.events if event.step == Step.WITHDRAW]
    return visit.may(Role.CADRE) or (bool(withdrawals) and withdrawals[-1].actor == visit.user.uuid)
