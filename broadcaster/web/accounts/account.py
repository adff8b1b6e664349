"""One's own account: the password, the second step of the login, and where one is logged in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature

from broadcaster.accounts import door, logins, passwords, second_factor
from broadcaster.accounts.errors import LockedOut, WrongCode
from broadcaster.deps import Acting, EarlyActing, EarlyLooking, Looking, Reads, TheStation, Visit, Writes, signed
from broadcaster.station import Station
from broadcaster.web import qr
from broadcaster.web.forms import Problem, problem_of
from broadcaster.web.render import render
from broadcaster.web.words import mark
from broadcaster.web.writing.entering import address_of, local, refusal, to_login
from content.kernel.errors import Invalid

router = APIRouter(prefix="/account")
SECRET_WITHIN_S = 3600
_NEW_SECRET = "new-totp-secret"  # noqa: S105  (what the signature is for)
SCAN_AGAIN = mark("The page was open for too long. Here is a new picture: scan it again.")


@router.get("")
def show(visit: Looking, session: Reads, did: str = "") -> Response:
    """Who one is here, and what can be changed about it."""
    return _page(visit, session, did=did)


@router.get("/password")
def ask_password(visit: EarlyLooking, next: str = "/") -> Response:  # noqa: A002  (the address people see)
    """The form for another password."""
    return _password_page(visit, local(next))


@router.post("/password")
def change_password(
    request: Request,
    visit: EarlyLooking,
    station: TheStation,
    present: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Take another password; other devices are logged out. A first one leads on to where one wanted to go."""
    target = local(next) if visit.user.must_change_password else "/account?did=password-changed"
    change = door.Change(present, password, again)
    try:
        door.choose_password(station.sessions, visit.user, change, visit.login, address_of(request), visit.now)
    except (Invalid, LockedOut) as error:
        status, problems = refusal(station, visit.tongue, error)
        return _password_page(visit, local(next), status, problems)
    return RedirectResponse(target, 303)


@router.get("/second-factor")
def offer_second_factor(visit: EarlyLooking, station: TheStation, next: str = "/account") -> Response:  # noqa: A002
    """A new secret as a picture, and the form for its first code."""
    if visit.user.totp_sealed is not None:
        return RedirectResponse("/account", 303)
    return _second_factor_page(visit, station, second_factor.new_secret(), local(next))


@router.post("/second-factor")
def switch_on_second_factor(
    visit: EarlyActing,
    session: Writes,
    station: TheStation,
    secret: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/account",  # noqa: A002
) -> Response:
    """Switch it on once the first code is right, and show the recovery codes on this answer only.

    One that is on is never replaced: it is switched off first, with the password.
    """
    if visit.user.totp_sealed is not None:
        return RedirectResponse("/account", 303)
    try:
        signed_for, secret = signed(station, _NEW_SECRET).loads(secret, max_age=SECRET_WITHIN_S)
    except BadSignature:
        signed_for = ""
    if signed_for != str(visit.user.uuid):
        problems = [Problem("", SCAN_AGAIN)]
        return _second_factor_page(visit, station, second_factor.new_secret(), local(next), problems)
    try:
        key = station.signer.secret_for("totp")
        codes = second_factor.switch_on(session, key, visit.user, secret, code, visit.now)
    except WrongCode as error:
        return _second_factor_page(visit, station, secret, local(next), [problem_of(error)])
    return render(visit, "account/codes.html", codes=codes, next=local(next))


@router.post("/second-factor/off")
def switch_off_second_factor(
    request: Request, visit: Looking, session: Reads, station: TheStation, present: Annotated[str, Form()] = ""
) -> Response:
    """Ask for no codes any more; the password proves that it is oneself."""
    try:
        door.drop_second_factor(station.sessions, visit.user, present, address_of(request), visit.now)
    except (Invalid, LockedOut) as error:
        status, problems = refusal(station, visit.tongue, error)
        return _page(visit, session, status, problems)
    return RedirectResponse("/account?did=second-factor-off", 303)


@router.post("/logins/end")
def end_all_logins(request: Request, visit: Acting, session: Writes, station: TheStation) -> Response:
    """Log out everywhere, here too."""
    logins.end_all(session, visit.user, visit.now)
    return to_login(request, station)


@router.post("/logins/{uuid}/end")
def end_login(request: Request, visit: Acting, session: Writes, station: TheStation, uuid: UUID) -> Response:
    """Log out one device."""
    logins.end(session, visit.user, uuid, visit.now)
    if uuid == visit.login.uuid:
        return to_login(request, station)
    return RedirectResponse("/account?did=login-ended", 303)


def _page(
    visit: Visit, session: Reads, status: int = 200, problems: list[Problem] | None = None, did: str = ""
) -> Response:
    return render(
        visit,
        "account/show.html",
        status,
        did=did,
        problems=problems or [],
        logins=logins.of(session, visit.user, visit.now),
        codes_left=second_factor.codes_left(session, visit.user),
    )


def _password_page(visit: Visit, target: str, status: int = 200, problems: list[Problem] | None = None) -> Response:
    context = {"next": target, "least": passwords.LEAST, "problems": problems or []}
    return render(visit, "account/password.html", status, **context)


def _second_factor_page(
    visit: Visit, station: Station, secret: str, target: str, problems: list[Problem] | None = None
) -> Response:
    return render(
        visit,
        "account/second_factor.html",
        422 if problems else 200,
        picture=qr.drawn(second_factor.address_of(visit.user, secret, visit.commune.name)),
        secret=secret,
        signed_secret=signed(station, _NEW_SECRET).dumps([str(visit.user.uuid), secret]),
        next=target,
        problems=problems or [],
    )
