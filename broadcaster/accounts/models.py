"""The tables of people.

    user_account 1--n login_session      where somebody is or was logged in
                 1--n password_link      one-time links to choose a password
                 1--n recovery_code      for who lost the device of the second factor
                 1--n user_village       a secretary's own villages; none: the whole commune
    login_try                            wrong tries of the last minutes, by login and address

Secrets are kept as hashes, but for the second factor's, which must be used and is sealed.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from content.kernel.db import Base
from content.kernel.nodes import Node


class Role(StrEnum):
    """What somebody may do: a viewer reads, a secretary writes, a cadre also approves, an admin also sets up."""

    VIEWER = "viewer"
    SECRETARY = "secretary"
    CADRE = "cadre"
    ADMIN = "admin"


class User(Base):
    """One person of one commune.

    `must_change_password`: the password was given by somebody else. `password_epoch` grows with each new password, so
    that a login between its two steps ends with it. `totp_sealed` is the second factor's secret, sealed
    (`second_factor`), None without one; `totp_step` is the 30-second step of the last code, so that none counts twice.
    """

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("node_id", "login"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    login: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(200))
    password_epoch: Mapped[int] = mapped_column(default=1)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    totp_sealed: Mapped[bytes | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    villages: Mapped[list[Node]] = relationship(lazy="raise", secondary="user_village", order_by=Node.id)


class UserVillage(Base):
    """A village that a secretary writes for."""

    __tablename__ = "user_village"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)


class LoginSession(Base):
    """Somebody logged in on one device. `device` is a few words (`Chrome · Android`), `address` the network address."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    begun_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]


class LoginTry(Base):
    """A try at a login that has not proved right; `login` is as typed, empty where an address tried dead links."""

    __tablename__ = "login_try"
    __table_args__ = (Index("ix_login_try_login_at", "login", "at"), Index("ix_login_try_address_at", "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class PasswordLink(Base):
    """A link by which a person chooses a password, once; `ended_at` is when it was used or replaced."""

    __tablename__ = "password_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of the codes that stand in for the second factor; removed by its use."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    code_sha256: Mapped[str] = mapped_column(String(64))
