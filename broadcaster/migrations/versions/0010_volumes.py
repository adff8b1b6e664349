"""Volumes by time of day, and the volume of emergencies."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("village_airing", sa.Column("volumes", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        "village_airing", sa.Column("emergency_volume_percent", sa.Integer(), nullable=False, server_default="100")
    )


def downgrade() -> None:
    for column in ("emergency_volume_percent", "volumes"):
        op.drop_column("village_airing", column)
