"""Slots with exceptions and chimes, bookings of several slots, a commune's gap and holidays, what a plan is due for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commune_airing",
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("gap_minutes", sa.Integer(), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_commune_airing_node_id_node")),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_commune_airing")),
    )
    op.create_table(
        "booking_slot",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_slot_booking_id_booking")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_booking_slot_slot_id_slot")),
        sa.PrimaryKeyConstraint("booking_id", "slot_id", name=op.f("pk_booking_slot")),
    )
    op.create_index(op.f("ix_booking_slot_slot_id"), "booking_slot", ["slot_id"])
    op.execute(
        "INSERT INTO booking_slot (booking_id, slot_id) SELECT id, slot_id FROM booking WHERE slot_id IS NOT NULL"
    )
    op.create_table(
        "chime",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("format", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=40), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "format", name=op.f("pk_chime")),
    )
    op.create_index(op.f("ix_chime_sha256"), "chime", ["sha256"])

    # Columns are added in place: rebuilding a table would empty those that hang on it.
    op.add_column("slot", sa.Column("also", sa.Text(), nullable=False, server_default=""))
    op.add_column("slot", sa.Column("but_not", sa.Text(), nullable=False, server_default=""))
    for chime in ("opening_chime", "closing_chime"):
        op.add_column("slot", sa.Column(chime, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("booking", sa.Column("every_slot", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("booking", sa.Column("gap_minutes", sa.Integer(), nullable=True))
    op.add_column("plan_state", sa.Column("touched", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Of several slots of a booking the first is kept."""
    op.drop_column("plan_state", "touched")
    for column in ("gap_minutes", "every_slot"):
        op.drop_column("booking", column)
    for column in ("closing_chime", "opening_chime", "but_not", "also"):
        op.drop_column("slot", column)
    op.drop_table("chime")
    op.execute(
        "UPDATE booking SET slot_id = (SELECT min(slot_id) FROM booking_slot WHERE booking_id = booking.id) "
        "WHERE id IN (SELECT booking_id FROM booking_slot)"
    )
    op.drop_table("booking_slot")
    op.drop_table("commune_airing")
