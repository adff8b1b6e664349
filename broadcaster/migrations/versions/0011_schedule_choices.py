"""A relay's own fallback, feeds' addresses that can be renewed, announcements for every slot."""

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In place: rebuilding a table would empty those that hang on it.
    op.add_column("slot", sa.Column("relay_fallback", sa.Uuid(), nullable=True))
    op.add_column("revision", sa.Column("every_slot", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "feed_link",
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["village_id"], ["node.id"], name=op.f("fk_feed_link_village_id_node")),
        sa.PrimaryKeyConstraint("village_id", name=op.f("pk_feed_link")),
    )


def downgrade() -> None:
    op.drop_table("feed_link")
    op.drop_column("revision", "every_slot")
    op.drop_column("slot", "relay_fallback")
