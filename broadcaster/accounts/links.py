"""One-time links by which somebody chooses a password: for a new account, and where one was forgotten.

So the admin who makes it never learns the password. Only the token's hash is kept; a newer link ends the older ones.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.accounts import service
from broadcaster.accounts.errors import DeadLink
from broadcaster.accounts.models import PasswordLink, Role, User
from content.kernel import audit
from content.kernel.nodes import Node

LIVES = timedelta(hours=24)
_TOKEN_BYTES = 24


def invite(
    session: Session,
    node: Node,
    login: str,
    name: str,
    role: Role,
    villages: Collection[Node],
    actor: UUID,
    now: datetime,
) -> User:
    """A new account with a password that nobody knows: only a link opens it. Raises as `service.add_user`."""
    user = service.add_user(session, node, login, name, role, None, now, actor=actor)
    service.change(session, user, name, role, villages, actor, now)
    return user


def make(session: Session, user: User, actor: UUID | None, now: datetime) -> str:
    """The token of a new link for this person: shown once, valid once, for a day."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    _end_all(session, user, now)
    session.add(PasswordLink(user_id=user.id, token_sha256=_hash(token), expires_at=now + LIVES))
    session.flush()
    audit.record(session, user.node_id, now, actor, "account.link_made", f"user:{user.uuid}")
    return token


def whose(session: Session, token: str, now: datetime) -> User:
    """Whom a link is for. Raises DeadLink; a closed account's links are dead."""
    user = session.scalars(
        select(User)
        .join(PasswordLink, PasswordLink.user_id == User.id)
        .where(
            PasswordLink.token_sha256 == _hash(token),
            PasswordLink.ended_at.is_(None),
            PasswordLink.expires_at > now,
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if user is None:
        raise DeadLink
    return user


def use(session: Session, token: str, password_hash: str, now: datetime) -> User:
    """Take the password that the person chose; the link is used up. Raises DeadLink."""
    user = whose(session, token, now)
    audit.record(session, user.node_id, now, user.uuid, "account.link_used", f"user:{user.uuid}")
    service.set_password(session, user, password_hash, user.uuid, now, chosen=True)
    return user


def _end_all(session: Session, user: User, now: datetime) -> None:
    session.execute(
        update(PasswordLink)
        .where(PasswordLink.user_id == user.id, PasswordLink.ended_at.is_(None))
        .values(ended_at=now)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
