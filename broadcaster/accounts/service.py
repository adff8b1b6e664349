"""Accounts: made, changed, closed, given a password, asked what they may. Knows neither cookies nor pages.

Functions take the session first, flush and never commit. Whatever ends somebody's trust (a new password, another
role, closing) ends their logins.
"""

import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from broadcaster.accounts import logins, passwords
from broadcaster.accounts.errors import (
    BadLogin,
    LastAdmin,
    LoginTaken,
    NameMissing,
    NameTooLong,
    NoSuchUser,
    NotYourVillage,
    RoleMissing,
    WrongLogin,
)
from broadcaster.accounts.models import PasswordLink, Role, User, UserVillage
from broadcaster.accounts.passwords import new_password
from content.kernel import audit
from content.kernel.nodes import Node

__all__ = [
    "Role",
    "add_user",
    "by_login",
    "change",
    "close",
    "has_hand",
    "has_share",
    "log_in",
    "names",
    "new_password",
    "people",
    "person",
    "reaches",
    "reopen",
    "require",
    "set_password",
    "villages_for",
]
LONGEST_NAME = 120
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
NO_PASSWORD = "-"  # noqa: S105  (no hash: nothing matches it)
"""The hash of no password whatever."""
_RANK = {Role.VIEWER: 0, Role.SECRETARY: 1, Role.CADRE: 2, Role.ADMIN: 3}


def add_user(
    session: Session,
    node: Node,
    login: str,
    name: str,
    role: Role,
    password: str | None,
    now: datetime,
    *,
    actor: UUID | None = None,
) -> User:
    """A new account, whose first password must be changed at the first login; None: only a link opens it.

    Raises BadLogin, NameMissing, NameTooLong, LoginTaken.
    """
    if not _LOGIN.fullmatch(login):
        raise BadLogin(login=login)
    if session.scalars(select(User).where(User.node_id == node.id, User.login == login)).first():
        raise LoginTaken(login=login)
    user = User(
        node_id=node.id,
        login=login,
        name=_checked_name(name),
        role=role,
        password_hash=NO_PASSWORD if password is None else passwords.hashed(password),
        must_change_password=True,
        created_at=now,
        villages=[],
    )
    session.add(user)
    session.flush()
    _record(session, user, actor, "account.added", now, login=login, role=role)
    return user


def change(
    session: Session, user: User, name: str, role: Role, villages: Collection[Node], actor: UUID | None, now: datetime
) -> None:
    """Another name, role or villages; `user` as from `person`. Raises NameMissing, NameTooLong, LastAdmin."""
    before = {"name": user.name, "role": user.role, "villages": _slugs(user.villages)}
    after = {"name": _checked_name(name), "role": role, "villages": _slugs(villages)}
    changes = {fact: value for fact, value in after.items() if value != before[fact]}
    if not changes:
        return
    if "role" in changes:
        _keep_an_admin(session, user)
        logins.end_all(session, user, now)
    user.name, user.role, user.villages = str(after["name"]), role, list(villages)
    session.flush()
    _record(session, user, actor, "account.changed", now, **changes)


def close(session: Session, user: User, actor: UUID | None, now: datetime) -> None:
    """End an account and its logins; all that the person did keeps their name. Raises LastAdmin."""
    if user.disabled_at is None:
        _keep_an_admin(session, user)
        user.disabled_at = now
        logins.end_all(session, user, now)
        _record(session, user, actor, "account.closed", now)


def reopen(session: Session, user: User, actor: UUID | None, now: datetime) -> None:
    """Undo a closing: the person logs in as before."""
    if user.disabled_at is not None:
        user.disabled_at = None
        session.flush()
        _record(session, user, actor, "account.reopened", now)


def set_password(
    session: Session,
    user: User,
    password_hash: str,
    actor: UUID | None,
    now: datetime,
    *,
    chosen: bool,
    stays: UUID | None = None,
) -> None:
    """A new password; all the user's logins end.

    Args:
        session: the unit of work.
        user: whose.
        password_hash: of `passwords.hashed`, made outside the unit of work.
        actor: who does it, None for the command line.
        now: aware instant.
        chosen: by the person; otherwise somebody else knows it, and it must be changed at the next login.
        stays: the one login that does not end, where the person is just now.
    """
    user.password_hash = password_hash
    user.password_epoch += 1
    user.must_change_password = not chosen
    logins.end_all(session, user, now, but=stays)
    # A link that was made for a forgotten password opens nothing once there is a new one.
    live_links = (PasswordLink.user_id == user.id, PasswordLink.ended_at.is_(None))
    session.execute(update(PasswordLink).where(*live_links).values(ended_at=now))
    _record(session, user, actor, "account.password_set", now)


def log_in(session: Session, login: str, password: str) -> User:
    """Who this is. Raises WrongLogin, the same for an unknown login and a wrong password."""
    user = session.scalars(select(User).where(User.login == login.strip().lower(), User.disabled_at.is_(None))).first()
    if not passwords.is_right(user, password) or user is None:
        raise WrongLogin
    return user


def by_login(session: Session, node: Node, login: str) -> User:
    """The account of this login. Raises NoSuchUser."""
    user = session.scalars(select(User).where(User.node_id == node.id, User.login == login)).one_or_none()
    if user is None:
        raise NoSuchUser(login=login)
    return user


def person(session: Session, node: Node, uuid: UUID) -> User:
    """The account of this uuid, with its villages. Raises NoSuchUser."""
    user = session.scalars(
        select(User).where(User.node_id == node.id, User.uuid == uuid).options(selectinload(User.villages))
    ).one_or_none()
    if user is None:
        raise NoSuchUser(login=uuid)
    return user


def people(session: Session, node: Node) -> list[User]:
    """All accounts of a commune with their villages, the open ones first, by login."""
    return list(
        session.scalars(
            select(User)
            .where(User.node_id == node.id)
            .options(selectinload(User.villages))
            .order_by(User.disabled_at.is_not(None), User.login)
        )
    )


def names(session: Session, node: Node) -> dict[UUID, str]:
    """The names of all people of a commune, to be shown beside what they did."""
    return {user.uuid: user.name for user in session.scalars(select(User).where(User.node_id == node.id))}


def villages_for(session: Session, user: User, villages: list[Node]) -> list[Node]:
    """Those of the villages that the user writes for: a secretary's own, where some are named; else all."""
    if reaches(user, Role.CADRE):
        return villages
    own = set(session.scalars(select(UserVillage.village_id).where(UserVillage.user_id == user.id)))
    return [village for village in villages if not own or village.id in own]


def require_villages(session: Session, user: User, wanted: Collection[Node]) -> None:
    """Raises NotYourVillage unless the user writes for all of these villages."""
    own = villages_for(session, user, list(wanted))
    foreign = [village.name for village in wanted if village not in own]
    if foreign:
        raise NotYourVillage(villages=", ".join(foreign))


def require_hand(session: Session, user: User, author: UUID, wanted: Collection[Node]) -> None:
    """Raises NotYourVillage unless the user writes for all of these villages, or is the author of what is for them."""
    if user.uuid != author:
        require_villages(session, user, wanted)


def has_hand(session: Session, user: User, author: UUID, wanted: list[Node]) -> bool:
    """Whether `require_hand` lets the user pass, so that no button is shown that would be refused."""
    return user.uuid == author or villages_for(session, user, wanted) == wanted


def has_share(session: Session, user: User, author: UUID, villages: list[Node]) -> bool:
    """Whether the user is the author or writes for one of these villages; for none of them anybody does."""
    return not villages or user.uuid == author or bool(villages_for(session, user, villages))


def require_share(session: Session, user: User, author: UUID, villages: list[Node]) -> None:
    """Raises NotYourVillage unless `has_share`."""
    if not has_share(session, user, author, villages):
        raise NotYourVillage(villages=", ".join(village.name for village in villages))


def reaches(user: User, role: Role) -> bool:
    """Whether the user's role is `role` or a wider one."""
    return _RANK[Role(user.role)] >= _RANK[role]


def require(user: User, role: Role) -> None:
    """Raises RoleMissing unless the user's role reaches `role`."""
    if not reaches(user, role):
        raise RoleMissing(role=role)


def _checked_name(name: str) -> str:
    stripped = name.strip()
    if not stripped:
        raise NameMissing
    if len(stripped) > LONGEST_NAME:
        raise NameTooLong(limit=LONGEST_NAME)
    return stripped


def _keep_an_admin(session: Session, user: User) -> None:
    """Raises LastAdmin if this is the only open admin account. The rows are locked against a second such change."""
    admins = session.scalars(
        select(User)
        .where(User.node_id == user.node_id, User.role == Role.ADMIN, User.disabled_at.is_(None))
        .with_for_update()
    ).all()
    if [admin.id for admin in admins] == [user.id]:
        raise LastAdmin(name=user.name)


def _slugs(villages: Collection[Node]) -> list[str]:
    return sorted(village.slug for village in villages)


def _record(session: Session, user: User, actor: UUID | None, act: str, now: datetime, **facts: object) -> None:
    audit.record(session, user.node_id, now, actor, act, f"user:{user.uuid}", **facts)
