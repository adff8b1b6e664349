"""The people of the commune, for its admins: who may log in, as what, for which villages."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from broadcaster.accounts import links, logins, second_factor
from broadcaster.accounts import service as accounts
from broadcaster.accounts.errors import LastAdmin
from broadcaster.accounts.models import Role, User
from broadcaster.deps import Acting, Looking, Reads, Visit, Writes
from broadcaster.web import qr
from broadcaster.web.forms import Problem, chosen, problem_of
from broadcaster.web.render import render
from broadcaster.web.words import mark
from content.kernel.errors import BroadcastError, Conflict, Invalid
from content.kernel.nodes import Node, villages_of

router = APIRouter(prefix="/people")
NO_VILLAGE = mark("Choose at least one village, or all of them.")


class PersonForm(BaseModel):
    """An account, as typed."""

    login: str = ""
    name: str = ""
    role: str = Role.SECRETARY
    where: str = "all"
    villages: list[str] = []

    @classmethod
    def of(cls, user: User) -> "PersonForm":
        """The form that would have made this account."""
        return cls(
            login=user.login,
            name=user.name,
            role=user.role,
            where="some" if user.villages else "all",
            villages=[village.slug for village in user.villages],
        )

    @property
    def chosen_role(self) -> Role:
        """The role, the least one where none of ours was sent."""
        return Role(self.role) if self.role in set(Role) else Role.VIEWER

    def own(self, villages: Sequence[Node]) -> tuple[list[Node], list[Problem]]:
        """The villages that the person writes for (none: the whole commune), and what is wrong with the choice."""
        own = chosen(villages, "some", self.villages) if self.where == "some" else []
        wrong = self.where == "some" and not own
        return own, [Problem("villages", NO_VILLAGE)] if wrong else []


@router.get("")
def show_all(visit: Looking, session: Reads, did: str = "") -> Response:
    """Everybody, a line each."""
    accounts.require(visit.user, Role.ADMIN)
    return _list_page(visit, session, did=did)


@router.get("/new")
def ask_new(visit: Looking, session: Reads) -> Response:
    """The form for another account."""
    accounts.require(visit.user, Role.ADMIN)
    return _form_page(visit, session, None, PersonForm())


@router.post("/new")
def add(request: Request, visit: Acting, session: Writes, form: Annotated[PersonForm, Form()]) -> Response:
    """Another account, and at once the link by which its person chooses a password."""
    accounts.require(visit.user, Role.ADMIN)
    own, problems = form.own(villages_of(session, visit.commune))
    if not problems:
        login, actor = form.login.strip().lower(), visit.user.uuid
        try:
            user = links.invite(session, visit.commune, login, form.name, form.chosen_role, own, actor, visit.now)
        except (Invalid, Conflict) as error:
            problems = [problem_of(error)]
    if problems:
        return _form_page(visit, session, None, form, problems)
    return _link_page(request, visit, session, user)


@router.get("/{uuid}")
def show(visit: Looking, session: Reads, uuid: UUID, did: str = "") -> Response:
    """One account."""
    accounts.require(visit.user, Role.ADMIN)
    user = accounts.person(session, visit.commune, uuid)
    return _form_page(visit, session, user, PersonForm.of(user), did=did)


@router.post("/{uuid}")
def change(visit: Acting, session: Writes, uuid: UUID, form: Annotated[PersonForm, Form()]) -> Response:
    """Another name, role or villages."""
    accounts.require(visit.user, Role.ADMIN)
    user = accounts.person(session, visit.commune, uuid)
    own, problems = form.own(villages_of(session, visit.commune))
    if not problems:
        try:
            accounts.change(session, user, form.name, form.chosen_role, own, visit.user.uuid, visit.now)
        except (Invalid, LastAdmin) as error:
            problems = [problem_of(error)]
    if problems:
        return _form_page(visit, session, user, form, problems)
    return RedirectResponse("/people?did=person-saved", 303)


@router.post("/{uuid}/link")
def make_link(request: Request, visit: Acting, session: Writes, uuid: UUID) -> Response:
    """A new one-time link, shown on this answer only."""
    accounts.require(visit.user, Role.ADMIN)
    return _link_page(request, visit, session, accounts.person(session, visit.commune, uuid))


@router.post("/{uuid}/close")
def close(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """End an account, until it is opened again."""
    accounts.require(visit.user, Role.ADMIN)
    try:
        accounts.close(session, accounts.person(session, visit.commune, uuid), visit.user.uuid, visit.now)
    except LastAdmin as error:
        return _list_page(visit, session, error)
    return RedirectResponse("/people?did=person-closed", 303)


@router.post("/{uuid}/reopen")
def reopen(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """Undo the closing."""
    accounts.require(visit.user, Role.ADMIN)
    accounts.reopen(session, accounts.person(session, visit.commune, uuid), visit.user.uuid, visit.now)
    return RedirectResponse("/people?did=person-reopened", 303)


@router.post("/{uuid}/second-factor/off")
def switch_off_second_factor(visit: Acting, session: Writes, uuid: UUID) -> Response:
    """For who lost the phone and the recovery codes."""
    accounts.require(visit.user, Role.ADMIN)
    user = accounts.person(session, visit.commune, uuid)
    second_factor.switch_off(session, user, visit.user.uuid, visit.now)
    return RedirectResponse(f"/people/{uuid}?did=second-factor-off", 303)


def _list_page(visit: Visit, session: Session, error: BroadcastError | None = None, did: str = "") -> Response:
    return render(
        visit,
        "people/list.html",
        422 if error else 200,
        did=did,
        people=accounts.people(session, visit.commune),
        last_seen=logins.last_seen(session, visit.commune),
        problems=[Problem("", error.sentence, error.facts)] if error else [],
    )


def _form_page(
    visit: Visit,
    session: Session,
    user: User | None,
    form: PersonForm,
    problems: Sequence[Problem] = (),
    did: str = "",
) -> Response:
    return render(
        visit,
        "people/person.html",
        422 if problems else 200,
        did=did,
        person=user,
        form=form,
        roles=list(Role),
        villages=villages_of(session, visit.commune),
        problems=problems,
    )


def _link_page(request: Request, visit: Visit, session: Session, user: User) -> Response:
    token = links.make(session, user, visit.user.uuid, visit.now)
    address = f"{request.base_url}link/{token}"
    return render(
        visit,
        "people/link.html",
        person=user,
        address=address,
        picture=qr.drawn(address),
        until=visit.now + links.LIVES,
        works_elsewhere=qr.works_elsewhere(request),
    )
