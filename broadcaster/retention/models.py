"""Tables of what is kept how long.

node (commune) 1--1 retention               the commune's own rules, and how the last tidying went
               1--n retention_export        what was written into a file in order to be removed; the way back
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from content.kernel.db import Base


class Retention(Base):
    """What a commune wants kept how long; None: as the settings have it. `error` is why the last run stopped."""

    __tablename__ = "retention"

    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    keep_log_months: Mapped[int | None]
    keep_audio_months: Mapped[int | None]
    keep_health_days: Mapped[int | None]
    ran_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(400), default="")


class Export(Base):
    """A month of one table, or of audio, in a file that was read back; `due_at` is when the originals go.

    written -> deleted -> wanted back -> returned (then `deleted_at` is empty again, and it is held). What is held
    (`held_at`) stays until somebody lets it go. `rows` are table rows or sounds, none newer than the row `last_id`;
    `content_sha256` is of what the file holds, so that what has changed since is not deleted. `names` are the sounds'
    sha256, `freed_bytes` what their removal frees.
    """

    __tablename__ = "retention_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    source: Mapped[str] = mapped_column(String(32))
    month: Mapped[datetime]
    rows: Mapped[int]
    last_id: Mapped[int] = mapped_column(default=0)
    names: Mapped[list[str]] = mapped_column(JSON, default=list)
    freed_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    file: Mapped[str] = mapped_column(String(120))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
    content_sha256: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime]
    due_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    wanted_back_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]

    @property
    def state(self) -> str:
        """`waiting` for its day, `held`, `deleted`, on its way `back`, or `returned` (and held)."""
        if self.deleted_at:
            return "back" if self.wanted_back_at else "deleted"
        if self.held_at:
            return "returned" if self.returned_at else "held"
        return "waiting"
