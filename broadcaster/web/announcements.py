"""Announcements: the list, writing, and the page of one."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Header, Query, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out import service as rendering
from audio_out.voices import VOICES
from broadcaster import pipeline
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.web.forms import LANGUAGE, AnnouncementForm, Problem, problem_of
from broadcaster.web.preview import Preview, preview
from broadcaster.web.render import render
from broadcaster.web.words import CATEGORIES, mark
from content import queries, service
from content.kernel.errors import Conflict, Invalid, NotAllowed
from content.kernel.folding import plain
from content.kernel.nodes import villages_of
from content.models import Revision
from content.workflow import State, Step
from schedules import queries as schedules

router = APIRouter(prefix="/announcements")
PAGE = 40
MOST_SEARCHED = 2000
_JSON = "application/json"
NOT_SAVED = mark("Not saved: somebody else has changed this draft. Press “Save draft” to compare; your text is kept.")
Wants = Annotated[str, Header(alias="accept")]


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


@router.get("/new")
def ask_new(visit: Looking, session: Reads, station: TheStation) -> Response:
    """An empty form."""
    accounts.require(visit.user, Role.SECRETARY)
    return _form_page(visit, session, AnnouncementForm.blank(visit.today, station.settings.voice))


@router.post("/new")
def create(visit: Acting, session: Writes, form: Annotated[AnnouncementForm, Form()], accept: Wants = "") -> Response:
    """Begin an announcement with what was typed; nothing is refused but to send it."""
    accounts.require(visit.user, Role.SECRETARY)
    wording, problems = form.wording(villages_of(session, visit.commune), visit.today)
    if form.do == "preview":
        return _form_page(visit, session, form)
    draft = service.start_draft(session, visit.commune, wording, visit.user.uuid, visit.now)
    return _saved(visit, session, draft, form, problems, accept)


@router.post("/reading")
def read_aloud(visit: Looking, text: Annotated[str, Form()] = "") -> Response:
    """A piece of page: how a text will be read."""
    return render(visit, "announcements/_reading.html", reading=_preview(text, visit))


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
        readings=readings(revision, visit),
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


@router.get("/{uuid}/edit")
def ask_edit(visit: Looking, session: Reads, uuid: UUID, did: str = "") -> Response:
    """The form of a draft; what is no draft is shown instead."""
    accounts.require(visit.user, Role.SECRETARY)
    draft = queries.latest(session, visit.commune, uuid)
    if draft.state != State.DRAFT:
        return RedirectResponse(f"/announcements/{uuid}", 303)
    form = AnnouncementForm.of(draft, villages_of(session, visit.commune))
    return _form_page(visit, session, form, draft, did=did)


@router.post("/{uuid}/edit")
def save(
    visit: Acting, session: Writes, uuid: UUID, form: Annotated[AnnouncementForm, Form()], accept: Wants = ""
) -> Response:
    """Save a draft, and send it if that was asked for."""
    accounts.require(visit.user, Role.SECRETARY)
    draft = queries.latest(session, visit.commune, uuid)
    wording, problems = form.wording(villages_of(session, visit.commune), visit.today)
    if form.do == "preview":
        return _form_page(visit, session, form, draft)
    try:
        service.save_draft(session, draft, wording, visit.user.uuid, visit.now, edits=form.edits)
    except Conflict as error:
        return _not_saved(visit, session, draft, form, error, accept)
    return _saved(visit, session, draft, form, problems, accept)


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


def readings(revision: Revision, visit: Visit) -> dict[str, Preview]:
    """By language: each part as it will be heard, from submission on as it was frozen."""
    submitted = [event.at for event in revision.events if event.step == Step.SUBMIT]
    on = submitted[-1].astimezone(visit.zone).date() if submitted and revision.state != State.DRAFT else visit.today
    return {part.language: preview(part.text, on, part.reading) for part in revision.parts}


def is_too_long(session: Session, visit: Visit, revision: Revision, sounds: Mapping[str, audio.Sound]) -> bool:
    """Whether it lasts longer than every slot of its villages, so that it can never air."""
    room_ms = schedules.longest_opening_ms(session, visit.commune, revision.villages)
    length_ms = sum(sound.deliverable.duration_ms for sound in sounds.values())
    return room_ms is not None and length_ms > room_ms


def _may_restore(visit: Visit, revision: Revision) -> bool:
    withdrawals = [event for event in revision.events if event.step == Step.WITHDRAW]
    return visit.may(Role.CADRE) or (bool(withdrawals) and withdrawals[-1].actor == visit.user.uuid)


def _preview(text: str, visit: Visit) -> Preview | None:
    return preview(text, visit.today) if text.strip() else None


def _saved(
    visit: Visit, session: Session, draft: Revision, form: AnnouncementForm, problems: list[Problem], accept: str
) -> Response:
    """The answer to a save that was kept: onwards, or the form again with what is still wrong."""
    address = f"/announcements/{draft.announcement.uuid}"
    if form.do == "send" and not problems:
        try:
            with session.begin_nested():
                pipeline.submit(session, draft, visit.user.uuid, visit.now)
        except Invalid:
            problems.extend(map(problem_of, pipeline.problems(session, draft, visit.now)))
        else:
            return RedirectResponse(f"{address}?did=submitted", 303)
    if accept == _JSON:
        return JSONResponse({"address": f"{address}/edit", "edits": draft.edits})
    if problems:
        return _form_page(visit, session, form.model_copy(update={"edits": draft.edits}), draft, problems)
    return RedirectResponse(f"{address}/edit?did=saved", 303)


def _not_saved(
    visit: Visit, session: Session, saved: Revision, form: AnnouncementForm, error: Conflict, accept: str
) -> Response:
    """The answer to a save that came too late: both texts, and the next press overwrites knowingly."""
    if accept == _JSON:
        return JSONResponse({"conflict": visit.tongue.say(NOT_SAVED)}, 409)
    problem = problem_of(error)
    mine = form.model_copy(update={"edits": saved.edits})
    return _form_page(visit, session, mine, saved, [problem], theirs=saved, status=409)


def _form_page(
    visit: Visit,
    session: Session,
    form: AnnouncementForm,
    draft: Revision | None = None,
    problems: Sequence[Problem] = (),
    *,
    theirs: Revision | None = None,
    status: int | None = None,
    did: str = "",
) -> Response:
    returned = [event for event in draft.events if event.step == Step.RETURN] if draft else []
    return render(
        visit,
        "announcements/form.html",
        status or (422 if problems else 200),
        did=did,
        form=form,
        draft=draft,
        problems=problems,
        theirs=theirs,
        returned=returned[-1] if returned else None,
        names=accounts.names(session, visit.commune),
        villages=villages_of(session, visit.commune),
        slots=[(str(slot.uuid), slot.name) for slot in schedules.slots(session, visit.commune)],
        categories=[(key, visit.tongue.say(word)) for key, word in CATEGORIES.items()],
        voices=[voice for voice in VOICES if voice.language == LANGUAGE],
        most_times=service.MOST_TIMES_PER_DAY,
        reading=_preview(form.text, visit),
    )
