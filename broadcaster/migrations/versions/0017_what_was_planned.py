"""What each village's occurrences were planned from, so that what did not change is not planned again."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("village_airing", sa.Column("planned_from", sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("village_airing", "planned_from")
