"""Alerts: calls, their signed versions and receipts, prepared phrases, rules and drills; telephone numbers."""

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_sound",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=64), nullable=False),
        sa.Column("line", sa.JSON(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("mime", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("voice", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_sound")),
        sa.UniqueConstraint("source_sha256", "format", name=op.f("uq_alert_sound_source_sha256_format")),
    )
    op.create_index("ix_alert_sound_waiting", "alert_sound", ["sha256", "urgent"], unique=False)
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("audible", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=True),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("call", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_alert_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("uuid", name=op.f("uq_alert_uuid")),
    )
    op.create_index(op.f("ix_alert_node_id"), "alert", ["node_id"], unique=False)
    op.create_table(
        "alert_phrase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("takes", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_alert_phrase_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_phrase")),
        sa.UniqueConstraint("node_id", "key", name=op.f("uq_alert_phrase_node_id_key")),
    )
    op.create_table(
        "alert_rules",
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("second_person", sa.Boolean(), nullable=False),
        sa.Column("alone_role", sa.String(length=16), nullable=False),
        sa.Column("silent_day", sa.Integer(), nullable=True),
        sa.Column("silent_at_local", sa.Time(), nullable=False),
        sa.Column("audible_day", sa.Integer(), nullable=True),
        sa.Column("audible_at_local", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_alert_rules_node_id_node")),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_alert_rules")),
    )
    op.create_table(
        "village_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["village_id"], ["node.id"], name=op.f("fk_village_contact_village_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_village_contact")),
    )
    op.create_index(op.f("ix_village_contact_village_id"), "village_contact", ["village_id"], unique=False)
    op.create_table(
        "alert_drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_drill_alert_id_alert")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_alert_drill_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_drill")),
        sa.UniqueConstraint("node_id", "kind", "planned_at", name=op.f("uq_alert_drill_node_id_kind_planned_at")),
    )
    op.create_table(
        "alert_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("clock_state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_receipt_alert_id_alert")),
        sa.ForeignKeyConstraint(["player_id"], ["player.id"], name=op.f("fk_alert_receipt_player_id_player")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_receipt")),
        sa.UniqueConstraint(
            "alert_id", "version", "player_id", "stage", name=op.f("uq_alert_receipt_alert_id_version_player_id_stage")
        ),
    )
    op.create_table(
        "alert_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=120), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_version_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_version")),
        sa.UniqueConstraint("alert_id", "version", name=op.f("uq_alert_version_alert_id_version")),
    )
    op.create_table(
        "alert_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("call", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("sent_as", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_wish_alert_id_alert")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_alert_wish_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_wish")),
        sa.UniqueConstraint("uuid", name=op.f("uq_alert_wish_uuid")),
    )
    op.create_index(op.f("ix_alert_wish_node_id"), "alert_wish", ["node_id"], unique=False)


def downgrade() -> None:
    for table in (
        "alert_wish",
        "alert_version",
        "alert_receipt",
        "alert_drill",
        "village_contact",
        "alert_rules",
        "alert_phrase",
        "alert",
        "alert_sound",
    ):
        op.drop_table(table)
