"""An emergency call that people stopped is no broken one; since when the log is kept; by which channels reports go."""

import sqlalchemy as sa
from alembic import op

from content.kernel.db import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_RENAME = "UPDATE airing SET outcome = '{new}' WHERE kind = 'alert' AND outcome = '{old}' AND reason = 'withdrawn'"


def upgrade() -> None:
    op.add_column("log_state", sa.Column("settled_at", UtcDateTime(), nullable=True))
    op.add_column("report_order", sa.Column("channels", sa.JSON(), nullable=True))
    op.execute(_RENAME.format(old="partial", new="stopped"))


def downgrade() -> None:
    op.execute(_RENAME.format(old="stopped", new="partial"))
    op.drop_column("report_order", "channels")
    op.drop_column("log_state", "settled_at")
