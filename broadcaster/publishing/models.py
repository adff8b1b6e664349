"""Tables of publishing.

player 1--1 manifest        the newest signed list of each player, as the exact bytes that are served
node (commune) 1--1 plan_state   whether anything changed since the last plan
"""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from content.kernel.db import Base


class ManifestRow(Base):
    """The signed bytes a player gets. `content_sha256` covers all but their own number and times."""

    __tablename__ = "manifest"

    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"), primary_key=True)
    manifest_id: Mapped[int]
    server_epoch: Mapped[int]
    issued_at: Mapped[datetime]
    content_sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[str] = mapped_column(String(120))
    etag: Mapped[str] = mapped_column(String(80))


class PlanState(Base):
    """Counters of a commune's changes: a plan is due while `wanted` is ahead of `done`."""

    __tablename__ = "plan_state"

    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    wanted: Mapped[int] = mapped_column(default=1)
    done: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
