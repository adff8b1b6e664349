"""Who asked a second person to confirm somebody's warning."""

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cap_message", sa.Column("asked_by", sa.Uuid(), nullable=True))
    op.add_column("cap_message", sa.Column("asked_at", UtcDateTime(), nullable=True))
    op.add_column("cap_message", sa.Column("asked_for", sa.JSON(), nullable=True))


def downgrade() -> None:
    for column in ("asked_for", "asked_at", "asked_by"):
        op.drop_column("cap_message", column)
