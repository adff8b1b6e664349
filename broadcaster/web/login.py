"""Logging in and out, and the choice of language."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from broadcaster.accounts import service as accounts
from broadcaster.accounts.errors import WrongLogin
from broadcaster.deps import LANGUAGE_COOKIE, LOGIN_COOKIE, LOGIN_LASTS_S, Reads, TheStation, TheTongue, login_cookie
from broadcaster.i18n import LANGUAGES
from broadcaster.web.forms import problem_of
from broadcaster.web.render import page

router = APIRouter()
_YEAR_S = 365 * 24 * 3600


@router.get("/login")
def ask(tongue: TheTongue, next: str = "/") -> Response:  # noqa: A002  (the address people see)
    """The login form."""
    return page(tongue, "login.html", login="", next=_local(next), problems=[])


@router.post("/login")
def log_in(
    session: Reads,
    station: TheStation,
    tongue: TheTongue,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Check, then go where one wanted to."""
    try:
        user = accounts.log_in(session, login, password)
    except WrongLogin as error:
        return page(tongue, "login.html", 422, login=login, next=_local(next), problems=[problem_of(error)])
    answer = RedirectResponse(_local(next), 303)
    _keep(answer, LOGIN_COOKIE, login_cookie(station, user), LOGIN_LASTS_S, secure=station.settings.secure_cookies)
    return answer


@router.post("/logout")
def log_out() -> Response:
    """Forget who this was."""
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(LOGIN_COOKIE)
    return answer


@router.post("/language")
def choose_language(request: Request, station: TheStation, language: Annotated[str, Form()] = "") -> Response:
    """Remember the language of the pages, and stay on the page."""
    came_from = urlsplit(request.headers.get("referer", "/"))
    answer = RedirectResponse(_local(came_from._replace(scheme="", netloc="").geturl()), 303)
    if language in LANGUAGES:
        _keep(answer, LANGUAGE_COOKIE, language, _YEAR_S, secure=station.settings.secure_cookies)
    return answer


def _local(target: str) -> str:
    """A path of this site; anything that a browser could take for another site becomes the start."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if inside else "/"


def _keep(answer: Response, name: str, value: str, seconds: int, *, secure: bool) -> None:
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)
