"""Writing: the form of an announcement, its autosave, and the reading beside the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Header, Query, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.orm import Session

from broadcaster import pipeline
from broadcaster.accounts import service as accounts
from broadcaster.accounts.errors import NotYourVillage
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.station import Station
from broadcaster.web.forms import LANGUAGE, AnnouncementForm, Offered, Problem, chosen, problem_of
from broadcaster.web.render import render
from broadcaster.web.words import CATEGORIES, LEFT_OUT, PACES, mark
from broadcaster.web.writing.carrying import LARGEST_FILE, TheTyped, Typed
from broadcaster.web.writing.parts import tongues
from broadcaster.web.writing.preview import Preview, preview
from content import importing, queries, service
from content.errors import UnknownLanguage
from content.importing.errors import FileTooBig
from content.kernel.errors import Conflict, Invalid
from content.kernel.nodes import Node, villages_of
from content.languages import LANGUAGES
from content.models import Revision
from content.service import Wording
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
    form = AnnouncementForm.blank(visit.today, station.settings.voice)
    return _page(visit, session, station, _Sheet(form, held=True))


@router.post("/new")
def create(typed: TheTyped, visit: Acting, session: Writes, station: TheStation, accept: Wants = "") -> Response:
    """Begin an announcement with what was typed; nothing is refused but to send it."""
    accounts.require(visit.user, Role.SECRETARY)
    if typed.form.do in _ONLY_SHOWN:
        return _shown(visit, session, station, typed.form)
    if typed.problem and not (typed.form.title.strip() or typed.form.text.strip()):
        return _page(visit, session, station, _Sheet(typed.form, problems=[typed.problem]), 422)
    wording, problems = _wording(visit, session, station, typed.form)
    draft = service.start_draft(session, visit.commune, wording, visit.user.uuid, visit.now)
    return _saved(visit, session, station, draft, typed, problems, accept)


@router.post("/reading")
def read_aloud(
    visit: Looking, session: Reads, text: Annotated[str, Form()] = "", title: Annotated[str, Form()] = ""
) -> Response:
    """A piece of page: how a text will be read, or that it and its title are in an old font."""
    encoding = importing.legacy_encoding(f"{title}\n{text}")
    return render(visit, "announcements/_reading.html", reading=_preview(session, visit, text), encoding=encoding)


@router.post("/languages")
def tell_languages(
    visit: Looking, session: Reads, form: Annotated[AnnouncementForm, Form()], of: UUID | None = None
) -> Response:
    """A piece of page: the languages of the villages that are ticked now."""
    accounts.require(visit.user, Role.SECRETARY)
    draft = queries.latest(session, visit.commune, of) if of else None
    heard_in = chosen(_villages(visit, session, draft), form.where, form.villages)
    found = tongues(session, visit.commune, heard_in, draft)
    return render(visit, "announcements/_parts.html", form=form, tongues=found, problems=[])


@router.get("/{uuid}/edit")
def ask_edit(
    visit: Looking,
    session: Reads,
    station: TheStation,
    uuid: UUID,
    did: str = "",
    left_out: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The form of a draft; what is no draft is shown instead."""
    accounts.require(visit.user, Role.SECRETARY)
    draft = queries.latest(session, visit.commune, uuid)
    if draft.state != State.DRAFT:
        return RedirectResponse(f"/announcements/{uuid}", 303)
    accounts.require_share(session, visit.user, draft.announcement.author, draft.villages)
    form = AnnouncementForm.of(draft, _villages(visit, session, draft))
    told = [part for part in left_out or () if part in LEFT_OUT]
    return _page(visit, session, station, _Sheet(form, draft, held=True, did=did, left_out=told))


@router.post("/{uuid}/edit")
def save(
    typed: TheTyped, visit: Acting, session: Writes, station: TheStation, uuid: UUID, accept: Wants = ""
) -> Response:
    """Save a draft, and do with it what was pressed."""
    accounts.require(visit.user, Role.SECRETARY)
    draft, form = queries.latest(session, visit.commune, uuid), typed.form
    accounts.require_share(session, visit.user, draft.announcement.author, draft.villages)
    if form.do in _ONLY_SHOWN:
        return _shown(visit, session, station, form, draft)
    wording, problems = _wording(visit, session, station, form, draft)
    try:
        service.save_draft(session, draft, wording, visit.user.uuid, visit.now, edits=form.edits)
    except Conflict as error:
        return _not_saved(visit, session, station, draft, form, error, accept)
    return _saved(visit, session, station, draft, typed, problems, accept)


_ONLY_SHOWN = {"preview", "convert"}
"""Presses that change what is shown and save nothing."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the page shows; `held`: the server holds it so, `theirs`: what somebody else has saved meanwhile."""

    form: AnnouncementForm
    draft: Revision | None = None
    problems: Sequence[Problem] = ()
    theirs: Revision | None = None
    held: bool = False
    did: str = ""
    left_out: Sequence[str] = ()


def _shown(
    visit: Visit, session: Session, station: Station, form: AnnouncementForm, draft: Revision | None = None
) -> Response:
    shown = form.in_unicode() if form.do == "convert" else form
    return _page(visit, session, station, _Sheet(shown, draft))


def _saved(
    visit: Visit,
    session: Session,
    station: Station,
    draft: Revision,
    typed: Typed,
    problems: list[Problem],
    accept: str,
) -> Response:
    """The answer to a save that was kept: onwards, or the form again with what is still wrong."""
    if accept == _JSON:
        return JSONResponse({"address": f"{_address(draft)}/edit", "edits": draft.edits})
    form = typed.form
    if form.do == "discard":
        service.discard(session, draft, visit.user.uuid, visit.now)
        return RedirectResponse(f"{_address(draft)}?did=discarded", 303)
    problems += [typed.problem] if typed.problem else []
    if form.do == "send" and not problems:
        problems += _unsendable(visit, session, draft)
    if form.do == "record" and form.language not in LANGUAGES:
        problems.append(problem_of(UnknownLanguage(language=form.language)))
    if problems:
        return _page(
            visit, session, station, _Sheet(form.model_copy(update={"edits": draft.edits}), draft, problems), 422
        )
    return RedirectResponse(_onwards(draft, typed), 303)


def _onwards(draft: Revision, typed: Typed) -> str:
    """Where a kept save leads to, by what was pressed."""
    what, _, about = typed.form.do.partition(":")
    match what:
        case "send":
            return f"{_address(draft)}?did=submitted"
        case "record":
            language = quote(about or typed.form.language, safe="")
            return f"{_address(draft)}/parts/{language}?did=saved"
        case "lexicon":
            written, _, spoken = about.partition("→")
            query = {"written": written, "spoken": spoken, "back": f"{_address(draft)}/edit", "did": "saved"}
            return f"/lexicon/new?{urlencode(query)}"
        case "template":
            return f"/templates/new?{urlencode({'of': draft.announcement.uuid, 'did': 'saved'})}"
        case "import":
            return f"{_address(draft)}/edit?{urlencode({'did': 'imported', 'left_out': typed.left_out}, doseq=True)}"
    return f"{_address(draft)}/edit?did=saved"


def _unsendable(visit: Visit, session: Session, draft: Revision) -> list[Problem]:
    """Send a draft; what keeps it back, nothing if it was sent."""
    try:
        with session.begin_nested():
            pipeline.submit(session, draft, visit.user.uuid, visit.now)
    except Invalid:
        return [problem_of(error) for error in pipeline.problems(session, draft, visit.now)]
    return []


def _not_saved(
    visit: Visit,
    session: Session,
    station: Station,
    saved: Revision,
    form: AnnouncementForm,
    error: Conflict,
    accept: str,
) -> Response:
    """The answer to a save that came too late: both texts, and the next press overwrites knowingly."""
    if accept == _JSON:
        return JSONResponse({"conflict": visit.tongue.say(NOT_SAVED)}, 409)
    mine = form.model_copy(update={"edits": saved.edits})
    return _page(visit, session, station, _Sheet(mine, saved, [problem_of(error)], theirs=saved), 409)


def _page(visit: Visit, session: Session, station: Station, sheet: _Sheet, status: int = 200) -> Response:
    returned = [event for event in sheet.draft.events if event.step == Step.RETURN] if sheet.draft else []
    villages = _villages(visit, session, sheet.draft)
    heard_in = chosen(villages, sheet.form.where, sheet.form.villages)
    return render(
        visit,
        "announcements/form.html",
        status,
        did=sheet.did,
        left_out=sheet.left_out,
        form=sheet.form,
        held=sheet.held,
        draft=sheet.draft,
        problems=sheet.problems,
        theirs=sheet.theirs,
        returned=returned[-1] if returned else None,
        names=accounts.names(session, visit.commune),
        villages=villages,
        tongues=tongues(session, visit.commune, heard_in, sheet.draft),
        slots=schedules.slots(session, visit.commune),
        categories=[(key, visit.tongue.say(word)) for key, word in CATEGORIES.items()],
        paces=[(key, visit.tongue.say(word)) for key, word in PACES.items()],
        voices=station.voices(LANGUAGE),
        most_times=service.MOST_TIMES_PER_DAY,
        too_big=FileTooBig.sentence,
        largest_file=LARGEST_FILE,
        reading=_preview(session, visit, sheet.form.text),
        encoding=importing.legacy_encoding(f"{sheet.form.title}\n{sheet.form.text}"),
    )


def _address(draft: Revision) -> str:
    return f"/announcements/{draft.announcement.uuid}"


def _wording(
    visit: Visit, session: Session, station: Station, form: AnnouncementForm, draft: Revision | None = None
) -> tuple[Wording, list[Problem]]:
    """What can be saved of a form. Raises NotYourVillage for a village that it did not offer."""
    offered = Offered(
        villages=_villages(visit, session, draft),
        slots=[slot.uuid for slot in schedules.slots(session, visit.commune)],
        voices=[voice.id for voice in station.voices(LANGUAGE)],
    )
    ours = {village.slug: village.name for village in villages_of(session, visit.commune)}
    foreign = set(form.villages) & set(ours) - {village.slug for village in offered.villages}
    if foreign and form.where != "all":
        raise NotYourVillage(villages=", ".join(ours[slug] for slug in sorted(foreign)))
    return form.wording(offered, visit.today)


def _villages(visit: Visit, session: Session, draft: Revision | None) -> list[Node]:
    """The villages that this person writes for; those that a draft has already stay with it."""
    every = villages_of(session, visit.commune)
    own = accounts.villages_for(session, visit.user, every)
    return [village for village in every if village in own or (draft and village in draft.villages)]


def _preview(session: Session, visit: Visit, text: str) -> Preview | None:
    return preview(text, visit.today, lexicon=queries.lexicon(session, visit.commune)) if text.strip() else None
