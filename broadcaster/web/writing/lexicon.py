"""The lexicon: how the commune says its words. Everybody sees and hears it, who writes changes it."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Header, Query, Response, UploadFile
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.web import sounding
from broadcaster.web.forms import Problem, local, problem_of
from broadcaster.web.render import render
from content import queries
from content.errors import LexiconFileUnreadable, NoSuchEntry
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
from content.kernel.folding import plain
from content.models import LexiconRow
from content.reading import LexiconEntry
from content.service import lexicon
from content.service.lexicon_file import LARGEST_FILE, Sheet, from_csv, to_csv

router = APIRouter(prefix="/lexicon")
PAGE = 60
Wanted = Annotated[str, Header(alias="range")]


class EntryForm(BaseModel):
    """One entry as typed; `back` is where its writer came from."""

    written: str = ""
    spoken: str = ""
    case_sensitive: bool = False
    back: str = ""
    do: str = "save"

    @property
    def entry(self) -> LexiconEntry:
        """The entry that it means."""
        return LexiconEntry(self.written, self.spoken, self.case_sensitive)


@router.get("")
def show_list(
    visit: Looking,
    session: Reads,
    q: str = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    did: str = "",
    entry: UUID | None = None,
) -> Response:
    """All entries by their words, or those that hold some words; what of the approved they would alter."""
    rows = sorted(queries.lexicon_rows(session, visit.commune, q), key=lambda row: (plain(row.written), row.id))
    removed = queries.lexicon_row(session, visit.commune, entry) if did == "entry-removed" and entry else None
    return render(
        visit,
        "lexicon/list.html",
        did=did,
        rows=rows[(page - 1) * PAGE : page * PAGE],
        has_more=len(rows) > page * PAGE,
        page=page,
        q=q,
        removed=removed if removed and removed.removed_at else None,
        altered=queries.read_otherwise(session, visit.commune, visit.today),
        names=accounts.names(session, visit.commune),
    )


@router.get("/new")
def ask_new(visit: Looking, written: str = "", spoken: str = "", back: str = "", did: str = "") -> Response:
    """The form of an entry, begun with a word that somebody pressed in a text."""
    accounts.require(visit.user, Role.SECRETARY)
    form = EntryForm(written=written, spoken=spoken, case_sensitive=True, back=local(back, ""))
    return _form_page(visit, form, did=did)


@router.post("/new")
def add(visit: Acting, session: Writes, form: Annotated[EntryForm, Form()]) -> Response:
    """Put an entry in, and go back to where its writer came from."""
    accounts.require(visit.user, Role.SECRETARY)
    return _kept(visit, session, form, None)


@router.get("/export")
def export(visit: Looking, session: Reads) -> Response:
    """The whole lexicon as a table for Excel."""
    headers = {
        "Content-Disposition": 'attachment; filename="tu-dien-cach-doc.csv"',
        "Cache-Control": "private, no-cache",
    }
    return Response(to_csv(queries.lexicon(session, visit.commune)), media_type="text/csv", headers=headers)


@router.get("/import")
def ask_import(visit: Looking) -> Response:
    """Choose a table."""
    accounts.require(visit.user, Role.SECRETARY)
    return _import_page(visit)


@router.post("/import")
def import_(
    visit: Looking,
    session: Reads,
    station: TheStation,
    file: UploadFile | None = None,
    table: Annotated[str, Form()] = "",
) -> Response:
    """Show what a table would change; the second press, with the table that was shown, changes it.

    Reading thousands of entries takes seconds, in which no other writer waits.
    """
    accounts.require(visit.user, Role.SECRETARY)
    try:
        sheet = from_csv(table.encode() if table else file.file.read(LARGEST_FILE + 1) if file else b"")
    except LexiconFileUnreadable as error:
        return _import_page(visit, problem_of(error))
    if table:
        with unit_of_work(station.sessions) as writing:
            lexicon.put_all(writing, visit.commune, sheet.entries, visit.user.uuid, visit.now)
        return RedirectResponse("/lexicon?did=lexicon-imported", 303)
    comparison = lexicon.compare(session, visit.commune, sheet.entries)
    before = {lexicon.key_of(entry): entry.spoken for entry in queries.lexicon(session, visit.commune)}
    changed = [(before[lexicon.key_of(entry)], entry) for entry in comparison.changed]
    return _import_page(visit, sheet=sheet, comparison=comparison, changed=changed)


@router.get("/sound")
def listen_first(
    visit: Looking, station: TheStation, form: Annotated[EntryForm, Query()], wanted: Wanted = ""
) -> Response:
    """How an entry that is being written would sound. Raises what `lexicon.checked` does."""
    accounts.require(visit.user, Role.SECRETARY)
    return sounding.answer(sounding.spoken(station, lexicon.checked(form.entry)), wanted)


@router.get("/{uuid}/sound")
def listen(visit: Looking, session: Reads, station: TheStation, uuid: UUID, wanted: Wanted = "") -> Response:
    """How an entry sounds, spoken by the embedded voice."""
    return sounding.answer(sounding.spoken(station, _entry(_live(visit, session, uuid))), wanted)


@router.get("/{uuid}/edit")
def ask_edit(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """The form of an entry."""
    accounts.require(visit.user, Role.SECRETARY)
    row = _live(visit, session, uuid)
    form = EntryForm(written=row.written, spoken=row.spoken, case_sensitive=row.case_sensitive)
    return _form_page(visit, form, row)


@router.post("/{uuid}/edit")
def change(visit: Acting, session: Writes, uuid: UUID, form: Annotated[EntryForm, Form()]) -> Response:
    """Change an entry; what was approved with it stays as it is."""
    accounts.require(visit.user, Role.SECRETARY)
    return _kept(visit, session, form, _live(visit, session, uuid))


@router.post("/{uuid}/remove")
def remove(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Take an entry out, undoably."""
    accounts.require(visit.user, Role.SECRETARY)
    lexicon.remove(session, queries.lexicon_row(session, visit.commune, uuid), visit.user.uuid, visit.now)
    return RedirectResponse(f"/lexicon?did=entry-removed&entry={uuid}", 303)


@router.post("/{uuid}/restore")
def restore(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Undo a removal. Raises EntryExists."""
    accounts.require(visit.user, Role.SECRETARY)
    row = queries.lexicon_row(session, visit.commune, uuid)
    lexicon.restore(session, visit.commune, row, visit.user.uuid, visit.now)
    return RedirectResponse("/lexicon?did=entry-restored", 303)


def _kept(visit: Visit, session: Session, form: EntryForm, row: LexiconRow | None) -> Response:
    """Save the form, or show it again with what is wrong, or with how it sounds."""
    try:
        if form.do == "listen":
            lexicon.checked(form.entry)
            return _form_page(visit, form, row, heard=True)
        if row is None:
            lexicon.add(session, visit.commune, form.entry, visit.user.uuid, visit.now)
        else:
            lexicon.change(session, visit.commune, row, form.entry, visit.user.uuid, visit.now)
    except Invalid as error:
        return _form_page(visit, form, row, [problem_of(error)])
    did = "entry-changed" if row else "entry-added"
    back = local(form.back, "/lexicon")
    return RedirectResponse(f"{back}{'&' if '?' in back else '?'}did={did}", 303)


def _form_page(
    visit: Visit,
    form: EntryForm,
    row: LexiconRow | None = None,
    problems: Sequence[Problem] = (),
    *,
    heard: bool = False,
    did: str = "",
) -> Response:
    return render(
        visit,
        "lexicon/form.html",
        422 if problems else 200,
        form=form,
        row=row,
        problems=problems,
        heard=heard,
        did=did,
        back=local(form.back, "/lexicon"),
        most_written=lexicon.LONGEST_WRITTEN,
        most_spoken=lexicon.LONGEST_SPOKEN,
    )


def _import_page(
    visit: Visit,
    problem: Problem | None = None,
    sheet: Sheet | None = None,
    comparison: lexicon.Comparison | None = None,
    changed: Sequence[tuple[str, LexiconEntry]] = (),
) -> Response:
    return render(
        visit,
        "lexicon/import.html",
        422 if problem else 200,
        problems=[problem] if problem else [],
        sheet=sheet,
        comparison=comparison,
        changed=changed,
        table=to_csv(sheet.entries).decode("utf-8-sig") if sheet else "",
    )


def _live(visit: Visit, session: Session, uuid: UUID) -> LexiconRow:
    """An entry that is in the lexicon now. Raises NoSuchEntry."""
    row = queries.lexicon_row(session, visit.commune, uuid)
    if row.removed_at is not None:
        raise NoSuchEntry
    return row


def _entry(row: LexiconRow) -> LexiconEntry:
    return LexiconEntry(row.written, row.spoken, row.case_sensitive)
