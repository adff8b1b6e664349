"""What routes ask for: the station, a unit of work, who is visiting. Joins FastAPI to the areas, decides nothing.

`scope="function"`: with the default scope the commit runs after the answer has left, so that a failed commit was
seen to answer 200.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import BackgroundTasks, Depends, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from broadcaster.accounts import logins
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import LoginSession, Role, User
from broadcaster.fleet import service as fleet
from broadcaster.fleet.errors import UnknownToken
from broadcaster.fleet.models import Player
from broadcaster.i18n import LANGUAGES, Tongue
from broadcaster.settings import Settings
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.errors import NotAllowed
from content.kernel.nodes import Node

LOGIN_COOKIE = "login"
LANGUAGE_COOKIE = "language"
LOGIN_COOKIE_LASTS_S = 365 * 24 * 3600
"""The row of the login says sooner when it has ended (`logins.IDLE_ENDS`)."""


class LoginNeeded(NotAllowed):
    """Nobody is logged in; pages answer with the login form and come back afterwards."""

    sentence = "Log in first."


class SettleFirst(NotAllowed):
    """Something of one's own login comes before all pages; they lead to the fact `address` until it is done."""

    sentence = "Settle your own password and the second step of your login first."


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at a page, by which login, of which commune, in which language, and when."""

    user: User
    login: LoginSession
    commune: Node
    tongue: Tongue
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The commune's time zone."""
        return self.commune.zone

    @property
    def today(self) -> date:
        """The commune's date."""
        return self.now.astimezone(self.zone).date()

    def may(self, role: str) -> bool:
        """Whether the visitor's role reaches `role`; templates hide what it does not reach."""
        return accounts.reaches(self.user, Role(role))


def station(request: Request) -> Station:
    """The process's open resources."""
    return cast("Station", request.app.state.station)


def reading_session(station: Annotated[Station, Depends(station)]) -> Iterator[Session]:
    """A unit of work that only reads: it never waits for a writer."""
    with unit_of_work(station.sessions, writes=False) as session:
        yield session


def writing_session(station: Annotated[Station, Depends(station)]) -> Iterator[Session]:
    """A unit of work that writes: committed before the answer leaves, or not answered with success."""
    with unit_of_work(station.sessions) as session:
        yield session


TheStation = Annotated[Station, Depends(station)]
Reads = Annotated[Session, Depends(reading_session, scope="function")]
Writes = Annotated[Session, Depends(writing_session, scope="function")]


def tongue(request: Request, station: TheStation) -> Tongue:
    """The visitor's language: their choice, else the installation's."""
    name = cookie_name(LANGUAGE_COOKIE, secure=travels_by_tls(request, station))
    chosen = request.cookies.get(name, station.settings.language)
    tongues: dict[str, Tongue] = request.app.state.tongues
    return tongues[chosen if chosen in LANGUAGES else station.settings.language]


TheTongue = Annotated[Tongue, Depends(tongue)]


def travels_by_tls(request: Request, station: Station) -> bool:
    """Whether this visit is encrypted, by its own scheme (a proxy on this machine says it) or by the settings."""
    return station.settings.secure_cookies or request.url.scheme == "https"


def cookie_name(name: str, *, secure: bool) -> str:
    """The name on the wire. `__Host-`: browsers take it by TLS only, and from no neighbouring site."""
    return f"__Host-{name}" if secure else name


def signed(station: Station, purpose: str) -> URLSafeTimedSerializer:
    """What signs a cookie of this purpose, and reads it again."""
    return URLSafeTimedSerializer(station.signer.secret_for("login-cookie"), salt=purpose)


def login_cookie(station: Station, login: LoginSession) -> str:
    """The signed value that names a login."""
    return str(signed(station, LOGIN_COOKIE).dumps(str(login.uuid)))


def login_of(request: Request, station: Station) -> UUID | None:
    """The login that the visitor's cookie names, if we signed it; whether it lives is another question."""
    cookie = request.cookies.get(cookie_name(LOGIN_COOKIE, secure=travels_by_tls(request, station)), "")
    try:
        return UUID(signed(station, LOGIN_COOKIE).loads(cookie, max_age=LOGIN_COOKIE_LASTS_S))
    except (BadSignature, ValueError, AttributeError, TypeError):
        return None


def early_looking(request: Request, session: Reads, station: TheStation, tongue: TheTongue) -> Visit:
    """Who looks at what comes before all else: their own password and second factor. Raises LoginNeeded."""
    uuid, now = login_of(request, station), station.clock.now()
    found = logins.living(session, uuid, now) if uuid else None
    if found is None:
        raise LoginNeeded
    login, user = found
    return Visit(user, login, session.get_one(Node, user.node_id), tongue, now)


def early_acting(request: Request, session: Writes, station: TheStation, tongue: TheTongue) -> Visit:
    """Who settles their own password and second factor, in the act's own unit of work. Raises LoginNeeded."""
    return early_looking(request, session, station, tongue)


EarlyLooking = Annotated[Visit, Depends(early_looking)]
EarlyActing = Annotated[Visit, Depends(early_acting)]


def reading_visit(visit: EarlyLooking, station: TheStation, after: BackgroundTasks) -> Visit:
    """Who looks. Raises LoginNeeded, SettleFirst.

    That they were here is kept now and then, after the answer has left: reading never waits for a writer.
    """
    if logins.is_to_be_seen(visit.login, visit.now):
        after.add_task(_keep_seen, station, visit.login.uuid, visit.now)
    return _settled(visit, station)


def writing_visit(visit: EarlyActing, session: Writes, station: TheStation) -> Visit:
    """Who acts, read in the act's own unit of work. Raises LoginNeeded, SettleFirst."""
    if logins.is_to_be_seen(visit.login, visit.now):
        logins.seen(session, visit.login.uuid, visit.now)
    return _settled(visit, station)


Looking = Annotated[Visit, Depends(reading_visit)]
Acting = Annotated[Visit, Depends(writing_visit)]


def owes_second_factor(user: User, settings: Settings) -> bool:
    """Whether the installation asks for a second factor that this person does not have yet."""
    return settings.require_totp and user.totp_sealed is None and accounts.reaches(user, Role.CADRE)


def _settled(visit: Visit, station: Station) -> Visit:
    if visit.user.must_change_password:
        raise SettleFirst(address="/account/password")
    if owes_second_factor(visit.user, station.settings):
        raise SettleFirst(address="/account/second-factor")
    return visit


def _keep_seen(station: Station, login: UUID, now: datetime) -> None:
    with unit_of_work(station.sessions) as session:
        logins.seen(session, login, now)


def bearer(request: Request) -> str:
    """The token that a program brings. Raises UnknownToken where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise UnknownToken
    return token


def reading_player(request: Request, session: Reads) -> Player:
    """The player that asks. Raises UnknownToken."""
    return fleet.player_by_token(session, bearer(request))


def writing_player(request: Request, session: Writes) -> Player:
    """The player that reports, read in the report's own unit of work. Raises UnknownToken."""
    return fleet.player_by_token(session, bearer(request))


ReportingPlayer = Annotated[Player, Depends(writing_player)]
