"""Coming in: the steps of a login, each in a short unit of work of its own.

This is the one place here that opens units of work: a try must be counted even when it fails, and Argon2's 50 ms must
not hold the one lock of the writers.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts import links, logins, passwords, second_factor, service, tries
from broadcaster.accounts.errors import DeadLink, WrongCode, WrongLogin, WrongPassword
from broadcaster.accounts.models import LoginSession, User
from content.kernel import audit
from content.kernel.db import SessionFactory, unit_of_work


def prove(sessions: SessionFactory, login: str, password: str, address: str, now: datetime) -> User:
    """Whose login and password these are; they are not logged in yet. Raises LockedOut, WrongLogin."""
    login = login.strip().lower()
    with unit_of_work(sessions) as session:
        is_last = tries.count(session, login, address, now)
    try:
        with unit_of_work(sessions, writes=False) as session:
            return service.log_in(session, login, password)
    except WrongLogin:
        if is_last:
            with unit_of_work(sessions) as session:
                _record_lock(session, login, address, now)
        raise


def prove_again(sessions: SessionFactory, user: User, password: str, address: str, now: datetime) -> None:
    """Who is logged in says the password again. Raises LockedOut, WrongPassword."""
    try:
        prove(sessions, user.login, password, address, now)
    except WrongLogin:
        raise WrongPassword from None
    with unit_of_work(sessions) as session:
        tries.forget(session, user.login)


def enter(sessions: SessionFactory, user: User, address: str, device: str, now: datetime) -> LoginSession:
    """Log in who has proved all that was asked."""
    with unit_of_work(sessions) as session:
        tries.forget(session, user.login)
        return logins.begin(session, user, address, device, now)


def enter_by_code(
    sessions: SessionFactory, key: bytes, user: User, code: str, address: str, device: str, now: datetime
) -> LoginSession:
    """Log in who has proved the password and now types a code. Raises LockedOut, WrongCode."""
    with unit_of_work(sessions) as session:
        user = session.get_one(User, user.id)
        is_last = tries.count(session, user.login, address, now)
        if second_factor.is_right(session, key, user, code, now):
            tries.forget(session, user.login)
            return logins.begin(session, user, address, device, now)
        if is_last:
            _record_lock(session, user.login, address, now)
    raise WrongCode


def waiting(session: Session, uuid: UUID, password_epoch: int) -> User | None:
    """Who has proved the password and owes the code; None if the account was closed or given a password meanwhile."""
    return session.scalars(
        select(User).where(
            User.uuid == uuid,
            User.password_epoch == password_epoch,
            User.totp_sealed.is_not(None),
            User.disabled_at.is_(None),
        )
    ).one_or_none()


def open_link(sessions: SessionFactory, token: str, address: str, now: datetime) -> User:
    """Whom a one-time link is for; a dead one counts as a wrong try of the address. Raises LockedOut, DeadLink."""
    try:
        with unit_of_work(sessions, writes=False) as session:
            return links.whose(session, token, now)
    except DeadLink:
        with unit_of_work(sessions) as session:
            tries.count(session, "", address, now)
        raise


def use_link(sessions: SessionFactory, token: str, password: str, again: str, address: str, now: datetime) -> User:
    """Take the password that the person of a link chose. Raises LockedOut, DeadLink and as `passwords.check`."""
    user = open_link(sessions, token, address, now)
    passwords.check(user, password, again)
    password_hash = passwords.hashed(password)
    with unit_of_work(sessions) as session:
        user = links.use(session, token, password_hash, now)
        tries.forget(session, user.login)
        return user


@dataclass(frozen=True, slots=True)
class Change:
    """The form for another password, as typed."""

    present: str
    password: str
    again: str


def choose_password(
    sessions: SessionFactory, user: User, change: Change, login: LoginSession, address: str, now: datetime
) -> None:
    """Take another password from who is logged in; their other logins end.

    A password that somebody else gave is not asked for once more: they have just come in by it.
    Raises LockedOut, WrongPassword and as `passwords.check`.
    """
    if not user.must_change_password:
        prove_again(sessions, user, change.present, address, now)
    passwords.check(user, change.password, change.again)
    password_hash = passwords.hashed(change.password)
    with unit_of_work(sessions) as session:
        mine = session.get_one(User, user.id)
        service.set_password(session, mine, password_hash, user.uuid, now, chosen=True, stays=login.uuid)


def drop_second_factor(sessions: SessionFactory, user: User, present: str, address: str, now: datetime) -> None:
    """Switch off one's own second factor. Raises LockedOut, WrongPassword."""
    prove_again(sessions, user, present, address, now)
    with unit_of_work(sessions) as session:
        second_factor.switch_off(session, session.get_one(User, user.id), user.uuid, now)


def _record_lock(session: Session, login: str, address: str, now: datetime) -> None:
    """In the chain of the account that was tried; tries at logins that nobody has are not told."""
    user = session.scalars(select(User).where(User.login == login)).first()
    if user is not None:
        subject = f"user:{user.uuid}"
        audit.record(session, user.node_id, now, None, "account.locked_out", subject, address=address)
