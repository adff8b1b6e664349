"""Where people are logged in: begun, seen, listed, ended. A row per device; the cookie carries only its uuid."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from broadcaster.accounts.errors import NoSuchLogin
from broadcaster.accounts.models import LoginSession, User
from content.kernel import audit
from content.kernel.nodes import Node

IDLE_ENDS = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=10)
"""How exactly it is kept when somebody was last here: a page that only reads must not write each time."""


def begin(session: Session, user: User, address: str, device: str, now: datetime) -> LoginSession:
    """Somebody has proved who they are, on this device."""
    login = LoginSession(user_id=user.id, begun_at=now, last_seen_at=now, address=address[:64], device=device[:64])
    session.add(login)
    session.flush()
    audit.record(session, user.node_id, now, user.uuid, "account.logged_in", f"user:{user.uuid}", device=device)
    return login


def living(session: Session, uuid: UUID, now: datetime) -> tuple[LoginSession, User] | None:
    """A login and whose it is; None once it has ended, was left for `IDLE_ENDS`, or the account is closed."""
    found = session.execute(
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.uuid == uuid, *_lives(now), User.disabled_at.is_(None))
    ).one_or_none()
    return (found[0], found[1]) if found else None


def is_to_be_seen(login: LoginSession, now: datetime) -> bool:
    """Whether it is time to keep again that somebody is here."""
    return now - login.last_seen_at >= SEEN_EVERY


def seen(session: Session, uuid: UUID, now: datetime) -> None:
    """Keep that somebody is here."""
    session.execute(update(LoginSession).where(LoginSession.uuid == uuid).values(last_seen_at=now))


def of(session: Session, user: User, now: datetime) -> list[LoginSession]:
    """The living logins of somebody, the one seen last first."""
    return list(
        session.scalars(
            select(LoginSession)
            .where(LoginSession.user_id == user.id, *_lives(now))
            .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
        )
    )


def last_seen(session: Session, node: Node) -> dict[int, datetime]:
    """When each person of a commune was last here, by the user's id; who never was is missing."""
    rows = session.execute(
        select(LoginSession.user_id, func.max(LoginSession.last_seen_at))
        .join(User, User.id == LoginSession.user_id)
        .where(User.node_id == node.id)
        .group_by(LoginSession.user_id)
    )
    return {row[0]: row[1] for row in rows}


def end(session: Session, user: User, uuid: UUID, now: datetime) -> None:
    """Log out one device of this user. Raises NoSuchLogin."""
    login = next((one for one in of(session, user, now) if one.uuid == uuid), None)
    if login is None:
        raise NoSuchLogin
    login.ended_at = now
    session.flush()


def leave(session: Session, uuid: UUID, now: datetime) -> None:
    """Log out this device, whoever it is; one that has left stays as it is."""
    found = living(session, uuid, now)
    if found:
        found[0].ended_at = now
        session.flush()


def end_all(session: Session, user: User, now: datetime, *, but: UUID | None = None) -> None:
    """Log out all devices of this user, but perhaps the one they are using."""
    for login in of(session, user, now):
        if login.uuid != but:
            login.ended_at = now
    session.flush()


def _lives(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return LoginSession.ended_at.is_(None), LoginSession.last_seen_at > now - IDLE_ENDS
