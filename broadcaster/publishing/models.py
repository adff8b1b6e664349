"""Tables of publishing.

player 1--1 manifest        the newest signed list of each player, as the exact bytes that are served
node (commune) 1--1 plan_state   whether anything changed since the last plan, and what
chime                        sounds of no announcement, one row for each kind and format
node (village) 1--0..1 feed_link   which of its feeds' addresses counts; none: the first
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
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
    """Counters of a commune's changes: a plan is due while `wanted` is ahead of `done`.

    `touched` names the announcements (uuids) that it is due for; None: everything.
    """

    __tablename__ = "plan_state"

    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    wanted: Mapped[int] = mapped_column(default=1)
    done: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    touched: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))


class ChimeRow(Base):
    """A chime as players of one format fetch it; `format` is codec and preset, as `VillageAiring.format`."""

    __tablename__ = "chime"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    format: Mapped[str] = mapped_column(String(64), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    mime: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int]
    duration_ms: Mapped[int]


class FeedLink(Base):
    """The address of a village's feeds: its number grows with each new address, `closed_at` shuts it, and back."""

    __tablename__ = "feed_link"

    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
