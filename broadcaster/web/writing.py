"""Writing: the form of an announcement, its autosave, and the reading beside the text."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Header, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.orm import Session

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
from content.kernel.errors import Conflict, Invalid
from content.kernel.nodes import villages_of
from content.models import Revision
from content.workflow import State, Step
from schedules import queries as schedules

router = APIRouter(prefix="/announcements")
_JSON = "application/json"
NOT_SAVED = mark("Not saved: somebody else has changed this draft. Press “Save draft” to compare; your text is kept.")
Wants = Annotated[str, Header(alias="accept")]


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
def read_aloud(visit: Looking, session: Reads, text: Annotated[str, Form()] = "") -> Response:
    """A piece of page: how a text will be read."""
    return render(visit, "announcements/_reading.html", reading=_preview(session, visit, text))


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
        reading=_preview(session, visit, form.text),
    )


def _preview(session: Session, visit: Visit, text: str) -> Preview | None:
    return preview(text, visit.today, lexicon=queries.lexicon(session, visit.commune)) if text.strip() else None
