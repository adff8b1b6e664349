"""Coming in and going out: login in one or two steps, and the choice of language."""

from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from broadcaster.accounts import door, logins
from broadcaster.accounts.errors import LockedOut
from broadcaster.accounts.models import User
from broadcaster.deps import (
    LANGUAGE_COOKIE,
    LoginNeeded,
    Reads,
    TheStation,
    TheTongue,
    Writes,
    cookie_name,
    login_of,
    signed,
    travels_by_tls,
)
from broadcaster.i18n import LANGUAGES
from broadcaster.station import Station
from broadcaster.web.render import page
from broadcaster.web.writing.entering import (
    CODE_COOKIE,
    CODE_WITHIN_S,
    address_of,
    device,
    forget,
    keep,
    let_in,
    local,
    logged_in,
    refusal,
    to_login,
)
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid

router = APIRouter()
_YEAR_S = 365 * 24 * 3600


@router.get("/login")
def ask(tongue: TheTongue, next: str = "/") -> Response:  # noqa: A002  (the address people see)
    """The login form."""
    return page(tongue, "login.html", login="", next=local(next), problems=[])


@router.post("/login")
def log_in(
    request: Request,
    station: TheStation,
    tongue: TheTongue,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Check, then go where one wanted to, or on to the code."""
    try:
        user = door.prove(station.sessions, login, password, address_of(request), station.clock.now())
    except (Invalid, LockedOut) as error:
        status, problems = refusal(station, tongue, error)
        return page(tongue, "login.html", status, login=login, next=local(next), problems=problems)
    return let_in(request, station, user, local(next))


@router.get("/login/code")
def ask_code(
    request: Request,
    session: Reads,
    station: TheStation,
    tongue: TheTongue,
    next: str = "/",  # noqa: A002
) -> Response:
    """The form for the second step. Raises LoginNeeded after five minutes."""
    _waiting(request, session, station)
    return page(tongue, "account/code.html", next=local(next), problems=[])


@router.post("/login/code")
def check_code(
    request: Request,
    station: TheStation,
    tongue: TheTongue,
    code: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Check the code, then go where one wanted to. Raises LoginNeeded after five minutes."""
    with unit_of_work(station.sessions, writes=False) as session:
        user = _waiting(request, session, station)
    now, key = station.clock.now(), station.signer.secret_for("totp")
    try:
        login = door.enter_by_code(station.sessions, key, user, code, address_of(request), device(request), now)
    except (Invalid, LockedOut) as error:
        status, problems = refusal(station, tongue, error)
        return page(tongue, "account/code.html", status, next=local(next), problems=problems)
    answer = logged_in(request, station, login, local(next))
    forget(answer, request, station, CODE_COOKIE)
    return answer


@router.post("/logout")
def log_out(request: Request, session: Writes, station: TheStation) -> Response:
    """End this login."""
    uuid = login_of(request, station)
    if uuid:
        logins.leave(session, uuid, station.clock.now())
    return to_login(request, station)


@router.post("/language")
def choose_language(request: Request, station: TheStation, language: Annotated[str, Form()] = "") -> Response:
    """Remember the language of the pages, and stay on the page."""
    came_from = urlsplit(request.headers.get("referer", "/"))
    answer = RedirectResponse(local(came_from._replace(scheme="", netloc="").geturl()), 303)
    if language in LANGUAGES:
        keep(answer, request, station, LANGUAGE_COOKIE, language, _YEAR_S)
    return answer


def _waiting(request: Request, session: Session, station: Station) -> User:
    cookie = request.cookies.get(cookie_name(CODE_COOKIE, secure=travels_by_tls(request, station)), "")
    try:
        uuid, password_epoch = signed(station, CODE_COOKIE).loads(cookie, max_age=CODE_WITHIN_S)
    except BadSignature:
        raise LoginNeeded from None
    user = door.waiting(session, UUID(uuid), password_epoch)
    if user is None:
        raise LoginNeeded
    return user
