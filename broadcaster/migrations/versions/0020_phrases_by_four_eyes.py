"""What somebody proposes for a prepared phrase, and who approved what it says now."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert_phrase", sa.Column("proposal", sa.JSON(), nullable=True))
    op.add_column("alert_phrase", sa.Column("approved_by", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("alert_phrase", "approved_by")
    op.drop_column("alert_phrase", "proposal")
