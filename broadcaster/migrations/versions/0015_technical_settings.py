"""What a village's device keeps to: room, line, the delay of its output, and the chime of a player left alone."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("output_offset_ms", "max_kbytes_s", "cache_mb"):
        op.add_column("village_airing", sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "village_airing", sa.Column("test_chime_local", sa.Time(), nullable=True, server_default="07:00:00.000000")
    )


def downgrade() -> None:
    for column in ("test_chime_local", "cache_mb", "max_kbytes_s", "output_offset_ms"):
        op.drop_column("village_airing", column)
