"""Warnings of others."""

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cap_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("poll_seconds", sa.Integer(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("airs_itself", sa.Boolean(), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("next_poll_at", UtcDateTime(), nullable=True),
        sa.Column("fetched_at", UtcDateTime(), nullable=True),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(300), nullable=False),
        sa.Column("etag", sa.String(300), nullable=False),
        sa.Column("modified", sa.String(64), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_cap_source_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_source")),
        sa.UniqueConstraint("uuid", name=op.f("uq_cap_source_uuid")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_cap_source_token_sha256")),
    )
    op.create_index(op.f("ix_cap_source_node_id"), "cap_source", ["node_id"])
    op.create_table(
        "cap_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("brought_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("sender", sa.String(300), nullable=False),
        sa.Column("identifier", sa.String(300), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("refusal_facts", sa.JSON(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_cap_message_node_id_node")),
        sa.ForeignKeyConstraint(["source_id"], ["cap_source.id"], name=op.f("fk_cap_message_source_id_cap_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_message")),
        sa.UniqueConstraint("uuid", name=op.f("uq_cap_message_uuid")),
    )
    op.create_index(op.f("ix_cap_message_source_id"), "cap_message", ["source_id"])
    op.create_index("ix_cap_message_name", "cap_message", ["sender", "identifier", "sent_at"])
    op.create_index("ix_cap_message_node_id_sha256", "cap_message", ["node_id", "sha256"])
    op.create_table(
        "cap_reference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(300), nullable=False),
        sa.Column("identifier", sa.String(300), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["cap_message.id"], name=op.f("fk_cap_reference_message_id_cap_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_reference")),
    )
    op.create_index(op.f("ix_cap_reference_message_id"), "cap_reference", ["message_id"])
    op.create_index("ix_cap_reference_name", "cap_reference", ["sender", "identifier", "sent_at"])
    op.create_table(
        "cap_call",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("alert_uuid", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["cap_message.id"], name=op.f("fk_cap_call_message_id_cap_message")),
        sa.PrimaryKeyConstraint("message_id", "alert_uuid", name=op.f("pk_cap_call")),
    )
    op.create_table(
        "village_place",
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_village_place_node_id_node")),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_village_place")),
    )


def downgrade() -> None:
    for table in ("village_place", "cap_call", "cap_reference", "cap_message", "cap_source"):
        op.drop_table(table)
