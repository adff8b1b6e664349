"""What the pages share by which one comes in: cookies as they are set, refusals, and the step after a proof."""

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from broadcaster.accounts import door, logins
from broadcaster.accounts.devices import device_of
from broadcaster.accounts.errors import LockedOut
from broadcaster.accounts.models import LoginSession, User
from broadcaster.deps import (
    LOGIN_COOKIE,
    LOGIN_COOKIE_LASTS_S,
    cookie_name,
    login_cookie,
    login_of,
    signed,
    travels_by_tls,
)
from broadcaster.i18n import Tongue
from broadcaster.station import Station
from broadcaster.web import forms
from broadcaster.web.forms import Problem, problem_of
from content.kernel.db import unit_of_work
from content.kernel.errors import Invalid
from content.kernel.nodes import the_commune

CODE_COOKIE = "login-code"
"""Names who has proved the password and owes the code."""
CODE_WITHIN_S = 300
TOO_MANY = 429


def keep(answer: Response, request: Request, station: Station, name: str, value: str, seconds: int) -> None:
    """Have the visitor's browser keep a value: no script reads it, no other site's form carries it along."""
    secure = travels_by_tls(request, station)
    wire_name = cookie_name(name, secure=secure)
    answer.set_cookie(wire_name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def forget(answer: Response, request: Request, station: Station, name: str) -> None:
    """Have the visitor's browser drop it."""
    secure = travels_by_tls(request, station)
    answer.delete_cookie(cookie_name(name, secure=secure), httponly=True, samesite="lax", secure=secure)


def local(target: str) -> str:
    """A path of this site; what a browser could take for another site, and the login itself, becomes the start."""
    return "/" if target.startswith("/login") else forms.local(target, "/")


def address_of(request: Request) -> str:
    """The network address of the visitor; behind a proxy on this machine, what the proxy says."""
    return request.client.host if request.client else ""


def to_login(request: Request, station: Station) -> Response:
    """The way out: the login form, and a browser that remembers nobody."""
    answer = RedirectResponse("/login", 303)
    forget(answer, request, station, LOGIN_COOKIE)
    return answer


def refusal(station: Station, tongue: Tongue, error: Invalid | LockedOut) -> tuple[int, list[Problem]]:
    """Status and sentence for a proof that failed; who is locked out is told until when, by the commune's clock."""
    if isinstance(error, Invalid):
        return 422, [problem_of(error)]
    with unit_of_work(station.sessions, writes=False) as session:
        commune = the_commune(session)
    until = tongue.clock(error.until, commune.zone if commune else None)
    return TOO_MANY, [Problem("", error.sentence, {"time": until})]


def let_in(request: Request, station: Station, user: User, target: str) -> Response:
    """On to the code where there is a second factor, else in."""
    if user.totp_sealed is None:
        now = station.clock.now()
        login = door.enter(station.sessions, user, address_of(request), device(request), now)
        return logged_in(request, station, login, target)
    answer = RedirectResponse(f"/login/code?next={quote(target, safe='/')}", 303)
    owed = signed(station, CODE_COOKIE).dumps([str(user.uuid), user.password_epoch])
    keep(answer, request, station, CODE_COOKIE, str(owed), CODE_WITHIN_S)
    return answer


def logged_in(request: Request, station: Station, login: LoginSession, target: str) -> Response:
    """In, and to where one wanted to go; this browser's login of before, if there was one, has ended."""
    before = login_of(request, station)
    if before:
        with unit_of_work(station.sessions) as session:
            logins.leave(session, before, station.clock.now())
    answer = RedirectResponse(target, 303)
    keep(answer, request, station, LOGIN_COOKIE, login_cookie(station, login), LOGIN_COOKIE_LASTS_S)
    return answer


def device(request: Request) -> str:
    """The visitor's device in a few words."""
    return device_of(request.headers.get("user-agent", ""))
