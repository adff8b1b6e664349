"""Accounts: made, proved, given a new password. Passwords are Argon2id; nothing here knows cookies."""

import re
import secrets
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.errors import BadLogin, LoginTaken, NameMissing, NoSuchUser, RoleMissing, WrongLogin
from broadcaster.accounts.models import Role, User
from content.kernel import audit
from content.kernel.nodes import Node

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_RANK = {Role.VIEWER: 0, Role.SECRETARY: 1, Role.CADRE: 2, Role.ADMIN: 3}
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe())
"""Checked when the login is unknown, so that the answer takes as long as for a known one."""

# Easily read aloud and typed on a phone: no capitals, no l/1/o/0.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """A first password of 60 bits, in three groups of four: `k7wm-x3pa-ehr9`."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def add_user(session: Session, node: Node, login: str, name: str, role: Role, password: str, now: datetime) -> User:
    """A new account. Raises BadLogin, NameMissing, LoginTaken."""
    if not _LOGIN.fullmatch(login):
        raise BadLogin(login=login)
    if not name.strip():
        raise NameMissing
    if session.scalars(select(User).where(User.node_id == node.id, User.login == login)).first():
        raise LoginTaken(login=login)
    user = User(
        node_id=node.id, login=login, name=name, role=role, password_hash=_hasher.hash(password), created_at=now
    )
    session.add(user)
    session.flush()
    audit.record(session, node.id, now, None, "account.added", f"user:{user.uuid}", login=login, role=role)
    return user


def log_in(session: Session, login: str, password: str) -> User:
    """Who this is. Raises WrongLogin, the same for an unknown login and a wrong password."""
    user = session.scalars(select(User).where(User.login == login.strip().lower(), User.disabled_at.is_(None))).first()
    try:
        _hasher.verify(user.password_hash if user else _NOBODY, password)
    except (Argon2Error, InvalidHashError):
        raise WrongLogin from None
    if user is None:
        raise WrongLogin
    return user


def set_password(session: Session, node: Node, login: str, password: str, now: datetime) -> User:
    """A new password for an account; all its logins end. Raises NoSuchUser."""
    user = session.scalars(select(User).where(User.node_id == node.id, User.login == login)).one_or_none()
    if user is None:
        raise NoSuchUser(login=login)
    user.password_hash = _hasher.hash(password)
    user.password_epoch += 1
    session.flush()
    audit.record(session, node.id, now, None, "account.password_set", f"user:{user.uuid}")
    return user


def by_uuid(session: Session, uuid: UUID, password_epoch: int) -> User | None:
    """Who a signed cookie names, None once the account is closed or its password has changed."""
    return session.scalars(
        select(User).where(User.uuid == uuid, User.password_epoch == password_epoch, User.disabled_at.is_(None))
    ).one_or_none()


def names(session: Session, node: Node) -> dict[UUID, str]:
    """The names of all people of a commune, to be shown beside what they did."""
    return {user.uuid: user.name for user in session.scalars(select(User).where(User.node_id == node.id))}


def reaches(user: User, role: Role) -> bool:
    """Whether the user's role is `role` or a wider one."""
    return _RANK[Role(user.role)] >= _RANK[role]


def require(user: User, role: Role) -> None:
    """Raises RoleMissing unless the user's role reaches `role`."""
    if not reaches(user, role):
        raise RoleMissing(role=role)
