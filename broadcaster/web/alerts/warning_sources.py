"""For admins: who may send us warnings, and where our villages are."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.alerts.incoming import places, sources
from broadcaster.alerts.incoming.models import Source
from broadcaster.deps import Acting, Looking, Reads, Visit, Writes
from broadcaster.web.alerts.incoming_words import trouble
from broadcaster.web.forms import Problem, problem_of, typed_number
from broadcaster.web.render import render
from content.kernel.errors import Invalid
from content.kernel.nodes import villages_of

router = APIRouter(prefix="/settings/warnings")


class SourceForm(BaseModel):
    """A source, as typed."""

    name: str = ""
    url: str = ""
    poll_seconds: str = "60"
    certificate: str = ""
    airs_itself: bool = False

    @classmethod
    def of(cls, source: Source) -> "SourceForm":
        """The form that would have made this source."""
        return cls(
            name=source.name,
            url=source.url,
            poll_seconds=str(source.poll_seconds),
            certificate=source.certificate,
            airs_itself=source.airs_itself,
        )

    def wanted(self) -> tuple[sources.Wanted, list[Problem]]:
        """What is meant, and what could not be understood."""
        problems: list[Problem] = []
        seconds = typed_number(self.poll_seconds, "poll_seconds", problems)
        return sources.Wanted(self.name, self.url, seconds, self.certificate, self.airs_itself), problems


class PlacesForm(BaseModel):
    """What was typed of each place, in the order of `slugs`."""

    slugs: list[str] = []
    positions: list[str] = []
    codes: list[str] = []
    names: list[str] = []

    def of(self, slug: str) -> places.Typed | None:
        """What was typed of one place; None where it was not asked."""
        if slug not in self.slugs:
            return None
        at = self.slugs.index(slug)
        columns = (self.positions, self.codes, self.names)
        return places.Typed(*(column[at] if at < len(column) else "" for column in columns))


@router.get("")
def show_all(visit: Looking, session: Reads, removed: UUID | None = None, did: str = "") -> Response:
    """All sources, and the way to places and to our own feed."""
    accounts.require(visit.user, Role.ADMIN)
    gone = sources.source(session, visit.commune, removed) if removed else None
    return render(
        visit,
        "incoming/sources.html",
        sources=sources.all_of(session, visit.commune),
        trouble=partial(trouble, visit.tongue),
        removed=gone,
        did=did,
    )


@router.get("/new")
def ask_new(visit: Looking) -> Response:
    """The form of another source."""
    accounts.require(visit.user, Role.ADMIN)
    return _page(visit, None, SourceForm())


@router.post("/new")
def add(visit: Acting, session: Writes, form: Annotated[SourceForm, Form()]) -> Response:
    """Another source."""
    accounts.require(visit.user, Role.ADMIN)
    wanted, problems = form.wanted()
    if not problems:
        try:
            source = sources.add(session, visit.commune, wanted, visit.user.uuid, visit.now)
        except Invalid as error:
            problems = [problem_of(error)]
    if problems:
        return _page(visit, None, form, problems)
    return RedirectResponse(f"/settings/warnings/{source.uuid}?did=source-saved", 303)


@router.get("/places")
def show_places(visit: Looking, session: Reads, did: str = "") -> Response:
    """Where the villages are: position, codes, other names."""
    accounts.require(visit.user, Role.ADMIN)
    return _places_page(visit, session, did=did)


@router.post("/places")
def enter_places(visit: Acting, session: Writes, form: Annotated[PlacesForm, Form()]) -> Response:
    """Keep what was typed, of the commune and all villages at once."""
    accounts.require(visit.user, Role.ADMIN)
    nodes = [visit.commune, *villages_of(session, visit.commune)]
    typed = {node.id: one for node in nodes if (one := form.of(node.slug))}
    wrong = places.enter(session, visit.commune, typed, visit.user.uuid, visit.now)
    if wrong:
        slugs = {node.id: node.slug for node in nodes}
        problems = [Problem(f"position-{slugs[at]}", error.sentence, error.facts) for at, error in wrong.items()]
        return _places_page(visit, session, typed, problems)
    return RedirectResponse("/settings/warnings/places?did=places-saved", 303)


@router.get("/{uuid}")
def show(visit: Looking, session: Reads, uuid: UUID, did: str = "") -> Response:
    """One source."""
    accounts.require(visit.user, Role.ADMIN)
    source = sources.source(session, visit.commune, uuid)
    return _page(visit, source, SourceForm.of(source), did=did)


@router.post("/{uuid}")
def change(visit: Acting, session: Writes, uuid: UUID, form: Annotated[SourceForm, Form()]) -> Response:
    """Another name, address, certificate or rule."""
    accounts.require(visit.user, Role.ADMIN)
    source = sources.source(session, visit.commune, uuid)
    wanted, problems = form.wanted()
    if not problems:
        try:
            sources.change(session, source, wanted, visit.user.uuid, visit.now)
        except Invalid as error:
            problems = [problem_of(error)]
    if problems:
        return _page(visit, source, form, problems)
    return RedirectResponse(f"/settings/warnings/{uuid}?did=source-saved", 303)


@router.post("/{uuid}/token")
def make_token(request: Request, visit: Acting, session: Writes, uuid: UUID) -> Response:
    """A token for the API, shown on this answer only."""
    accounts.require(visit.user, Role.ADMIN)
    source = sources.source(session, visit.commune, uuid)
    token = sources.make_token(session, source, visit.user.uuid, visit.now)
    address = f"{request.base_url}api/v1/cap"
    return render(visit, "incoming/token.html", source=source, token=token, address=address)


@router.post("/{uuid}/token/revoke")
def revoke_token(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """End the token."""
    accounts.require(visit.user, Role.ADMIN)
    sources.revoke_token(session, sources.source(session, visit.commune, uuid), visit.user.uuid, visit.now)
    return RedirectResponse(f"/settings/warnings/{uuid}?did=token-revoked", 303)


@router.post("/{uuid}/remove")
def remove(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Hear no more of a source."""
    accounts.require(visit.user, Role.ADMIN)
    source = sources.source(session, visit.commune, uuid)
    sources.set_removed(session, source, visit.user.uuid, visit.now, removed=True)
    return RedirectResponse(f"/settings/warnings?removed={uuid}", 303)


@router.post("/{uuid}/restore")
def restore(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Hear of a source again."""
    accounts.require(visit.user, Role.ADMIN)
    source = sources.source(session, visit.commune, uuid)
    sources.set_removed(session, source, visit.user.uuid, visit.now, removed=False)
    return RedirectResponse(f"/settings/warnings/{uuid}?did=source-saved", 303)


def _page(
    visit: Visit, source: Source | None, form: SourceForm, problems: Sequence[Problem] = (), *, did: str = ""
) -> Response:
    status = 422 if problems else 200
    return render(visit, "incoming/source.html", status, source=source, form=form, problems=problems, did=did)


def _places_page(
    visit: Visit,
    session: Session,
    typed: Mapping[int, places.Typed] | None = None,
    problems: Sequence[Problem] = (),
    *,
    did: str = "",
) -> Response:
    nodes = [visit.commune, *villages_of(session, visit.commune)]
    known = places.as_typed(session, nodes)
    rows = [(node, (typed or {}).get(node.id, known[node.id])) for node in nodes]
    return render(visit, "incoming/places.html", 422 if problems else 200, rows=rows, problems=problems, did=did)
