"""The broadcast log and its reports: an outcome for each cue, what village heads and cadres say of it, rows looked at."""

import json

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OF_THE_ROW = ("position_ms", "clock_state", "boot_id", "monotonic_ms")


def upgrade() -> None:
    op.add_column("as_run", sa.Column("position_ms", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("as_run", sa.Column("clock_state", sa.String(16), nullable=False, server_default="trusted"))
    op.add_column("as_run", sa.Column("boot_id", sa.String(64), nullable=False, server_default=""))
    op.add_column("as_run", sa.Column("monotonic_ms", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("as_run", sa.Column("heard", sa.Boolean(), nullable=True))
    op.add_column("as_run", sa.Column("alert_version", sa.Integer(), nullable=True))
    op.add_column("as_run", sa.Column("is_exercise", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_as_run_row_uuid", "as_run", ["row_uuid"])
    op.create_index("ix_as_run_player_boot", "as_run", ["player_id", "boot_id"])
    op.add_column("as_run_quarantine", sa.Column("looked_at", UtcDateTime(), nullable=True))
    op.add_column("as_run_quarantine", sa.Column("looked_by", sa.Uuid(), nullable=True))
    op.add_column("as_run_quarantine", sa.Column("taken_at", UtcDateTime(), nullable=True))
    _read_rows_again()
    op.create_table(
        "airing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column("occurrence_uuid", sa.Uuid(), nullable=False),
        sa.Column("cue_key", sa.String(200), nullable=False),
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("priority", sa.String(16), nullable=False),
        sa.Column("announcement_uuid", sa.Uuid(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("is_planned", sa.Boolean(), nullable=False),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("late_ms", sa.Integer(), nullable=True),
        sa.Column("sounded_ms", sa.Integer(), nullable=False),
        sa.Column("clock_ahead_ms", sa.BigInteger(), nullable=True),
        sa.Column("heard", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["village_id"], ["node.id"], name="fk_airing_village_id_node"),
        sa.PrimaryKeyConstraint("id", name="pk_airing"),
        sa.UniqueConstraint(
            "village_id", "occurrence_uuid", "cue_key", name="uq_airing_village_id_occurrence_uuid_cue_key"
        ),
    )
    op.create_index("ix_airing_village_day", "airing", ["village_id", "local_on"])
    op.create_index("ix_airing_village_outcome", "airing", ["village_id", "outcome", "due_at"])
    op.create_index("ix_airing_announcement", "airing", ["announcement_uuid", "planned_at"])
    op.create_index("ix_airing_local_on", "airing", ["local_on"])
    op.create_table(
        "log_state",
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("settled_until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name="fk_log_state_node_id_node"),
        sa.PrimaryKeyConstraint("node_id", name="pk_log_state"),
    )
    op.create_table(
        "hearing_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["village_id"], ["node.id"], name="fk_hearing_link_village_id_node"),
        sa.PrimaryKeyConstraint("id", name="pk_hearing_link"),
        sa.UniqueConstraint("uuid", name="uq_hearing_link_uuid"),
    )
    op.create_index("ix_hearing_link_village_id", "hearing_link", ["village_id"])
    op.create_table(
        "hearing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("occurrence_uuid", sa.Uuid(), nullable=False),
        sa.Column("cue_group", sa.String(200), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("words", sa.String(300), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["village_id"], ["node.id"], name="fk_hearing_village_id_node"),
        sa.ForeignKeyConstraint(["link_id"], ["hearing_link.id"], name="fk_hearing_link_id_hearing_link"),
        sa.PrimaryKeyConstraint("id", name="pk_hearing"),
        sa.UniqueConstraint(
            "village_id", "occurrence_uuid", "cue_group", name="uq_hearing_village_id_occurrence_uuid_cue_group"
        ),
    )
    op.create_index("ix_hearing_link_at", "hearing", ["link_id", "at"])
    op.create_index("ix_hearing_occurrence_uuid", "hearing", ["occurrence_uuid"])
    op.create_table(
        "log_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=True),
        sa.Column("announcement_uuid", sa.Uuid(), nullable=True),
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name="fk_log_comment_node_id_node"),
        sa.ForeignKeyConstraint(["village_id"], ["node.id"], name="fk_log_comment_village_id_node"),
        sa.PrimaryKeyConstraint("id", name="pk_log_comment"),
        sa.UniqueConstraint("uuid", name="uq_log_comment_uuid"),
    )
    for column in ("node_id", "announcement_uuid", "local_on"):
        op.create_index(f"ix_log_comment_{column}", "log_comment", [column])

    op.create_table(
        "report_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("sent_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name="fk_report_order_node_id_node"),
        sa.PrimaryKeyConstraint("id", name="pk_report_order"),
        sa.UniqueConstraint("uuid", name="uq_report_order_uuid"),
    )
    op.create_index("ix_report_order_node_id", "report_order", ["node_id"])


def downgrade() -> None:
    for table in ("report_order", "log_comment", "hearing", "hearing_link", "log_state", "airing"):
        op.drop_table(table)
    for column in ("taken_at", "looked_by", "looked_at"):
        op.drop_column("as_run_quarantine", column)
    op.drop_index("ix_as_run_player_boot", "as_run")
    op.drop_index("ix_as_run_row_uuid", "as_run")
    for column in ("is_exercise", "alert_version", "heard", *reversed(_OF_THE_ROW)):
        op.drop_column("as_run", column)


def _read_rows_again() -> None:
    """The new columns of rows that were taken in before, from the rows as they came."""
    table = sa.table("as_run", *(sa.column(name) for name in ("id", "row", *_OF_THE_ROW)))
    connection = op.get_bind()
    for row_id, raw in connection.execute(sa.select(table.c.id, table.c.row)).all():
        row = json.loads(raw) if isinstance(raw, str) else raw
        known = {name: row[name] for name in _OF_THE_ROW if row and name in row}
        if known:
            connection.execute(sa.update(table).where(table.c.id == row_id).values(**known))
