"""The province's source system."""

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "province_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("poll_seconds", sa.Integer(), nullable=False),
        sa.Column("submits", sa.Boolean(), nullable=False),
        sa.Column("cursor", sa.String(200), nullable=False),
        sa.Column("next_poll_at", UtcDateTime(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_province_link_node_id_node")),
        sa.ForeignKeyConstraint(["source_id"], ["cap_source.id"], name=op.f("fk_province_link_source_id_cap_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province_link")),
        sa.UniqueConstraint("uuid", name=op.f("uq_province_link_uuid")),
        sa.UniqueConstraint("node_id", name=op.f("uq_province_link_node_id")),
    )
    op.create_table(
        "province_bulletin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("problem", sa.String(300), nullable=False),
        sa.Column("announcement_uuid", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["link_id"], ["province_link.id"], name=op.f("fk_province_bulletin_link_id_province_link")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["cap_message.id"], name=op.f("fk_province_bulletin_message_id_cap_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province_bulletin")),
        sa.UniqueConstraint(
            "link_id", "name", "version", "sha256", name=op.f("uq_province_bulletin_link_id_name_version_sha256")
        ),
    )
    op.create_table(
        "province_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["province_bulletin.id"], name=op.f("fk_province_receipt_bulletin_id_province_bulletin")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province_receipt")),
        sa.UniqueConstraint("bulletin_id", "stage", name=op.f("uq_province_receipt_bulletin_id_stage")),
    )
    op.create_index(op.f("ix_province_receipt_sent_at"), "province_receipt", ["sent_at"])


def downgrade() -> None:
    for table in ("province_receipt", "province_bulletin", "province_link"):
        op.drop_table(table)
