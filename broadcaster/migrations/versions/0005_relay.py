"""Slots that relay a station."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In place: rebuilding a table would empty those that hang on it.
    op.add_column("slot", sa.Column("relay_url", sa.String(length=2000), nullable=True))
    op.add_column("slot", sa.Column("relay_title", sa.String(length=120), nullable=False, server_default=""))
    op.add_column("cue", sa.Column("relay_url", sa.String(length=2000), nullable=True))


def downgrade() -> None:
    op.drop_column("cue", "relay_url")
    for column in ("relay_title", "relay_url"):
        op.drop_column("slot", column)
