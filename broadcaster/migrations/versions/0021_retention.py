"""What a commune wants kept how long, and the exports of what goes."""

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention",
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("keep_log_months", sa.Integer(), nullable=True),
        sa.Column("keep_audio_months", sa.Integer(), nullable=True),
        sa.Column("keep_health_days", sa.Integer(), nullable=True),
        sa.Column("ran_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name="fk_retention_node_id_node"),
        sa.PrimaryKeyConstraint("node_id", name="pk_retention"),
    )
    op.create_table(
        "retention_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("month", UtcDateTime(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("freed_bytes", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.String(120), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.Column("wanted_back_at", UtcDateTime(), nullable=True),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name="fk_retention_export_node_id_node"),
        sa.PrimaryKeyConstraint("id", name="pk_retention_export"),
        sa.UniqueConstraint("uuid", name="uq_retention_export_uuid"),
    )
    op.create_index("ix_retention_export_node_id", "retention_export", ["node_id"])


def downgrade() -> None:
    op.drop_index("ix_retention_export_node_id", "retention_export")
    op.drop_table("retention_export")
    op.drop_table("retention")
