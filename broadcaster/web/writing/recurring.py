"""Templates of recurring announcements: choose one, fill it in, and go on with it as a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.station import Station
from broadcaster.web.forms import LANGUAGE, NO_DATE, NO_TIME, USUAL_SPAN, Problem, problem_of
from broadcaster.web.render import render
from broadcaster.web.words import CATEGORIES, mark
from broadcaster.web.writing.preview import preview
from broadcaster.web.writing.uploading import Sender
from content import queries, service
from content.errors import TemplateNameMissing, TemplateTextMissing
from content.kernel.nodes import villages_of
from content.models import Template
from content.service import Wording, templates
from content.service.fields import Field, FieldKind, fields, filled, said
from content.service.templates import Pattern

router = APIRouter(prefix="/templates")
NOT_FILLED = mark("Fill in “{name}”.")
NOT_A_NUMBER = mark("Write a number here, in figures.")
_NOT_SAID = {FieldKind.DATE: NO_DATE, FieldKind.TIME: NO_TIME, FieldKind.NUMBER: NOT_A_NUMBER}
_LONGEST_VALUE = 5000


class TemplateForm(BaseModel):
    """A template as typed."""

    name: str = ""
    title: str = ""
    category: str = "khac"
    text: str = ""

    @property
    def pattern(self) -> Pattern:
        """What it means; a subject that is not offered becomes “other”."""
        return Pattern(self.name, self.title, self.text, self.category if self.category in CATEGORIES else "khac")


@dataclass(frozen=True, slots=True)
class Blank:
    """One input of the page that fills a template in: `key` is its name and id."""

    key: str
    field: Field
    typed: str


async def typed_values(request: Request, person: Sender) -> Mapping[str, str]:
    """All inputs as typed, by people who write: their names come from the template."""
    del person  # asked for, so that nobody else's form is read
    async with request.form(max_files=0) as sent:
        return {name: value for name, value in sent.items() if isinstance(value, str)}


Values = Annotated[Mapping[str, str], Depends(typed_values)]


@router.get("")
def show_list(visit: Looking, session: Reads, did: str = "", template: UUID | None = None) -> Response:
    """The commune's templates."""
    accounts.require(visit.user, Role.SECRETARY)
    removed = queries.template(session, visit.commune, template) if did == "template-removed" and template else None
    return render(
        visit,
        "recurring/list.html",
        did=did,
        templates=queries.templates(session, visit.commune),
        removed=removed if removed and removed.removed_at else None,
    )


@router.post("/shipped")
def add_shipped(visit: Acting, session: Writes) -> Response:
    """Add the templates that come along."""
    accounts.require(visit.user, Role.SECRETARY)
    templates.seed(session, visit.commune, visit.now, visit.user.uuid)
    return RedirectResponse("/templates?did=templates-added", 303)


@router.get("/new")
def ask_new(visit: Looking, session: Reads, of: UUID | None = None, did: str = "") -> Response:
    """The form of a template, begun with the words of an announcement."""
    accounts.require(visit.user, Role.SECRETARY)
    return _form_page(visit, _form_of(session, visit, of) if of else TemplateForm(), did=did)


@router.post("/new")
def add(visit: Acting, session: Writes, form: Annotated[TemplateForm, Form()]) -> Response:
    """Keep a new template."""
    accounts.require(visit.user, Role.SECRETARY)
    try:
        templates.add(session, visit.commune, form.pattern, visit.user.uuid, visit.now)
    except (TemplateNameMissing, TemplateTextMissing) as error:
        return _form_page(visit, form, problems=[problem_of(error)])
    return RedirectResponse("/templates?did=template-kept", 303)


@router.get("/{uuid}/edit")
def ask_edit(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """The form of a template."""
    accounts.require(visit.user, Role.SECRETARY)
    template = queries.template(session, visit.commune, uuid)
    form = TemplateForm(name=template.name, title=template.title, category=template.category, text=template.text)
    return _form_page(visit, form, template)


@router.post("/{uuid}/edit")
def change(visit: Acting, session: Writes, uuid: UUID, form: Annotated[TemplateForm, Form()]) -> Response:
    """Keep a template's new wording."""
    accounts.require(visit.user, Role.SECRETARY)
    template = queries.template(session, visit.commune, uuid)
    try:
        templates.change(session, template, form.pattern, visit.user.uuid, visit.now)
    except (TemplateNameMissing, TemplateTextMissing) as error:
        return _form_page(visit, form, template, problems=[problem_of(error)])
    return RedirectResponse("/templates?did=template-kept", 303)


@router.post("/{uuid}/remove")
def remove(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Take a template out of the list, undoably."""
    accounts.require(visit.user, Role.SECRETARY)
    templates.remove(session, queries.template(session, visit.commune, uuid), visit.user.uuid, visit.now)
    return RedirectResponse(f"/templates?did=template-removed&template={uuid}", 303)


@router.post("/{uuid}/restore")
def restore(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Undo a removal."""
    accounts.require(visit.user, Role.SECRETARY)
    templates.restore(session, queries.template(session, visit.commune, uuid), visit.user.uuid, visit.now)
    return RedirectResponse("/templates?did=template-restored", 303)


@router.get("/{uuid}/fill")
def ask_fill(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """One input for each field of a template."""
    accounts.require(visit.user, Role.SECRETARY)
    template = queries.template(session, visit.commune, uuid)
    return _fill_page(visit, session, template, _blanks(template, {}))


@router.post("/{uuid}/fill")
def fill(visit: Acting, session: Writes, station: TheStation, uuid: UUID, values: Values) -> Response:
    """Begin a draft with the template filled in, or show first how it would be read."""
    accounts.require(visit.user, Role.SECRETARY)
    template = queries.template(session, visit.commune, uuid)
    blanks = _blanks(template, values)
    words, problems = _said(blanks)
    if problems or values.get("do") == "preview":
        return _fill_page(visit, session, template, blanks, problems, words)
    wording = _wording(visit, session, station, template, blanks, words)
    draft = service.start_draft(session, visit.commune, wording, visit.user.uuid, visit.now)
    return RedirectResponse(f"/announcements/{draft.announcement.uuid}/edit?did=saved", 303)


def _blanks(template: Template, values: Mapping[str, str]) -> list[Blank]:
    found = enumerate(fields(template.title, template.text), start=1)
    return [
        Blank(f"field-{number}", field, values.get(f"field-{number}", "")[:_LONGEST_VALUE]) for number, field in found
    ]


def _said(blanks: Sequence[Blank]) -> tuple[dict[str, str], list[Problem]]:
    """By field: what stands in the text; and what could not be understood."""
    words, problems = {}, []
    for blank in blanks:
        try:
            words[blank.field.name] = said(blank.field.kind, blank.typed)
        except ValueError:
            sentence = _NOT_SAID.get(blank.field.kind, NOT_FILLED) if blank.typed.strip() else NOT_FILLED
            problems.append(Problem(blank.key, sentence, {"name": blank.field.name}))
    return words, problems


def _wording(
    visit: Visit,
    session: Session,
    station: Station,
    template: Template,
    blanks: Sequence[Blank],
    words: Mapping[str, str],
) -> Wording:
    """Heard by all of the writer's villages from today to the last day that was filled in, or for the usual span."""
    days = [date.fromisoformat(blank.typed.strip()) for blank in blanks if blank.field.kind is FieldKind.DATE]
    last = max(days, default=visit.today)
    return Wording(
        title=filled(template.title, words),
        texts={LANGUAGE: filled(template.text, words)},
        villages=accounts.villages_for(session, visit.user, villages_of(session, visit.commune)),
        from_on=visit.today,
        until_on=last if last > visit.today else visit.today + USUAL_SPAN,
        category=template.category,
        voice=station.settings.voice,
    )


def _fill_page(
    visit: Visit,
    session: Session,
    template: Template,
    blanks: Sequence[Blank],
    problems: Sequence[Problem] = (),
    words: Mapping[str, str] | None = None,
) -> Response:
    text = filled(template.text, words or {})
    lexicon = queries.lexicon(session, visit.commune)
    return render(
        visit,
        "recurring/fill.html",
        422 if problems else 200,
        pattern=template,
        blanks=blanks,
        problems=problems,
        title=filled(template.title, words or {}),
        text=text,
        reading=preview(text, visit.today, lexicon=lexicon) if words is not None and not problems else None,
    )


def _form_page(
    visit: Visit,
    form: TemplateForm,
    template: Template | None = None,
    *,
    problems: Sequence[Problem] = (),
    did: str = "",
) -> Response:
    return render(
        visit,
        "recurring/form.html",
        422 if problems else 200,
        form=form,
        pattern=template,
        problems=problems,
        did=did,
        categories=[(key, visit.tongue.say(word)) for key, word in CATEGORIES.items()],
        kinds=list(FieldKind),
        longest_name=templates.LONGEST_NAME,
        longest_title=templates.LONGEST_TITLE,
    )


def _form_of(session: Session, visit: Visit, announcement: UUID) -> TemplateForm:
    revision = queries.latest(session, visit.commune, announcement)
    text = next((part.text for part in revision.parts if part.language == LANGUAGE), "")
    return TemplateForm(
        name=revision.title[: templates.LONGEST_NAME], title=revision.title, category=revision.category, text=text
    )
