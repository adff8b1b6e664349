"""The one-time link: whoever gets it from an admin chooses a password of their own, and is in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from broadcaster.accounts import door, passwords
from broadcaster.accounts.errors import DeadLink, LockedOut
from broadcaster.accounts.models import User
from broadcaster.deps import TheStation, TheTongue
from broadcaster.i18n import Tongue
from broadcaster.station import Station
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import page
from broadcaster.web.words import said
from broadcaster.web.writing.entering import address_of, let_in, refusal
from content.kernel.errors import Invalid

router = APIRouter(prefix="/link")


@router.get("/{token}")
def ask_password(request: Request, station: TheStation, tongue: TheTongue, token: str) -> Response:
    """Where a one-time link leads: the form for a password of one's own. Looking at it does not use it up."""
    try:
        user = door.open_link(station.sessions, token, address_of(request), station.clock.now())
    except (DeadLink, LockedOut) as error:
        return _no_link(station, tongue, error)
    return _link_page(tongue, user, [])


@router.post("/{token}")
def choose_password(
    request: Request,
    station: TheStation,
    tongue: TheTongue,
    token: str,
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Take the password, then come in by it; a second step is asked for all the same."""
    address, now = address_of(request), station.clock.now()
    try:
        user = door.use_link(station.sessions, token, password, again, address, now)
    except (DeadLink, LockedOut) as error:
        return _no_link(station, tongue, error)
    except Invalid as error:
        user = door.open_link(station.sessions, token, address, now)
        return _link_page(tongue, user, [problem_of(error)])
    return let_in(request, station, user, "/")


def _link_page(tongue: Tongue, user: User, problems: list[Problem]) -> Response:
    status = 422 if problems else 200
    return page(tongue, "account/link.html", status, user=user, least=passwords.LEAST, problems=problems)


def _no_link(station: Station, tongue: Tongue, error: DeadLink | LockedOut) -> Response:
    if isinstance(error, LockedOut):
        status, problems = refusal(station, tongue, error)
        return page(tongue, "error.html", status, sentence=tongue.say(problems[0].sentence, problems[0].facts))
    return page(tongue, "error.html", 404, sentence=said(tongue, error))
