"""Tables of the fleet.

node (village) 1--n player 1--1 manifest        the newest signed list of each player
node (village) 1--n pairing_code
player 1--n player_outage                       when it was silent for long: told once, and its return once
       1--n player_hour                         how it was, the first report of each hour
server_epoch                                    one row per life of the database; a restore adds one
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from content.kernel.db import Base


class Player(Base):
    """A device in a village. Its token is kept only as a hash; `revoked_at` ends it at the next request."""

    __tablename__ = "player"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    hardware: Mapped[str] = mapped_column(String(200))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    is_sample: Mapped[bool] = mapped_column(default=False)
    paired_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    heartbeat: Mapped[dict[str, object] | None] = mapped_column(JSON)


class PairingCode(Base):
    """A code an admin reads out; kept as a hash, lives 15 minutes, pairs one player (`nonce` proves it is the same)."""

    __tablename__ = "pairing_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[UUID | None]
    for_sample: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]
    nonce: Mapped[str | None] = mapped_column(String(64))
    player_id: Mapped[int | None] = mapped_column(ForeignKey("player.id"))


class PlayerOutage(Base):
    """A silence of a player that people were told of. It lasts until it was heard steadily, from `heard_at` on."""

    __tablename__ = "player_outage"
    __table_args__ = (Index("ix_player_outage_player_since", "player_id", "since_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"))
    since_at: Mapped[datetime]
    told_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]


class PlayerHour(Base):
    """The first report of a player within an hour; `at` is the hour's beginning."""

    __tablename__ = "player_hour"
    __table_args__ = (UniqueConstraint("player_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    player_id: Mapped[int] = mapped_column(ForeignKey("player.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    report: Mapped[dict[str, object]] = mapped_column(JSON)


class ServerEpoch(Base):
    """One life of the database; the highest id is the present one.

    `backup_at`: it was restored from what was kept then. Until `released_at` such a life publishes nothing.
    """

    __tablename__ = "server_epoch"

    id: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime]
    backup_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
