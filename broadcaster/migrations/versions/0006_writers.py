"""Who changed a revision."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("revision", sa.Column("writers", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("revision", "writers")
