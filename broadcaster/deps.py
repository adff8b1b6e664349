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

from fastapi import Depends, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role, User
from broadcaster.fleet import service as fleet
from broadcaster.fleet.errors import UnknownToken
from broadcaster.fleet.models import Player
from broadcaster.i18n import LANGUAGES, Tongue
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.errors import NotAllowed
from content.kernel.nodes import Node

LOGIN_COOKIE = "login"
LANGUAGE_COOKIE = "language"
LOGIN_LASTS_S = 14 * 24 * 3600


class LoginNeeded(NotAllowed):
    """Nobody is logged in; pages answer with the login form and come back afterwards."""

    sentence = "Log in first."


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at a page, of which commune, in which language, and when."""

    user: User
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
    chosen = request.cookies.get(LANGUAGE_COOKIE, station.settings.language)
    tongues: dict[str, Tongue] = request.app.state.tongues
    return tongues[chosen if chosen in LANGUAGES else station.settings.language]


TheTongue = Annotated[Tongue, Depends(tongue)]


def login_cookie(station: Station, user: User) -> str:
    """The signed value that names a logged-in person until their password changes."""
    return _serializer(station).dumps([str(user.uuid), user.password_epoch])


def _visit(request: Request, session: Session, station: Station, tongue: Tongue) -> Visit:
    try:
        cookie = request.cookies.get(LOGIN_COOKIE, "")
        uuid, password_epoch = _serializer(station).loads(cookie, max_age=LOGIN_LASTS_S)
    except BadSignature:
        raise LoginNeeded from None
    user = accounts.by_uuid(session, UUID(uuid), password_epoch)
    if user is None:
        raise LoginNeeded
    return Visit(user, session.get_one(Node, user.node_id), tongue, station.clock.now())


def reading_visit(request: Request, session: Reads, station: TheStation, tongue: TheTongue) -> Visit:
    """Who looks. Raises LoginNeeded."""
    return _visit(request, session, station, tongue)


def writing_visit(request: Request, session: Writes, station: TheStation, tongue: TheTongue) -> Visit:
    """Who acts, read in the act's own unit of work. Raises LoginNeeded."""
    return _visit(request, session, station, tongue)


Looking = Annotated[Visit, Depends(reading_visit)]
Acting = Annotated[Visit, Depends(writing_visit)]


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise UnknownToken
    return token


def reading_player(request: Request, session: Reads) -> Player:
    """The player that asks. Raises UnknownToken."""
    return fleet.player_by_token(session, _token(request))


def writing_player(request: Request, session: Writes) -> Player:
    """The player that reports, read in the report's own unit of work. Raises UnknownToken."""
    return fleet.player_by_token(session, _token(request))


ReportingPlayer = Annotated[Player, Depends(writing_player)]


def _serializer(station: Station) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(station.signer.secret_for("login-cookie"), salt="login")
