"""The table of people."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from content.kernel.db import Base


class Role(StrEnum):
    """What somebody may do: a viewer reads, a secretary writes, a cadre also approves, an admin also sets up."""

    VIEWER = "viewer"
    SECRETARY = "secretary"
    CADRE = "cadre"
    ADMIN = "admin"


class User(Base):
    """One person of one commune. `password_epoch` grows with each new password and ends all older logins."""

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
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
