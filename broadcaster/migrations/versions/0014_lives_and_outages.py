"""What a restore leaves to be looked at, when loudspeakers were silent, and how they were each hour."""

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("server_epoch", sa.Column("backup_at", UtcDateTime(), nullable=True))
    op.add_column("server_epoch", sa.Column("released_at", UtcDateTime(), nullable=True))
    op.create_table(
        "player_outage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Integer(), nullable=False),
        sa.Column("since_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=True),
        sa.Column("over_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_player_outage_player_id_player")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_player_outage")),
    )
    op.create_index("ix_player_outage_player_since", "player_outage", ["player_id", "since_at"])
    op.create_table(
        "player_hour",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_player_hour_player_id_player")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_player_hour")),
        sa.UniqueConstraint("player_id", "at", name=op.f("uq_player_hour_player_id_at")),
    )
    op.create_index("ix_player_hour_at", "player_hour", ["at"])


def downgrade() -> None:
    op.drop_table("player_hour")
    op.drop_table("player_outage")
    for column in ("released_at", "backup_at"):
        op.drop_column("server_epoch", column)
