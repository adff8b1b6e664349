"""An announcement is written, and approved, for several slots: the one that it named becomes a list of one."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ROWS = sa.table("revision", sa.column("id", sa.Integer), sa.column("slot", sa.Uuid), sa.column("slots", sa.JSON))


def upgrade() -> None:
    op.add_column("revision", sa.Column("slots", sa.JSON(), nullable=False, server_default="[]"))
    connection = op.get_bind()
    for key, slot in connection.execute(sa.select(_ROWS.c.id, _ROWS.c.slot).where(_ROWS.c.slot.is_not(None))).all():
        connection.execute(sa.update(_ROWS).where(_ROWS.c.id == key).values(slots=[str(slot)]))
    op.drop_column("revision", "slot")


def downgrade() -> None:
    """Of several slots the first is kept."""
    op.add_column("revision", sa.Column("slot", sa.Uuid(), nullable=True))
    connection = op.get_bind()
    for key, slots in connection.execute(sa.select(_ROWS.c.id, _ROWS.c.slots)).all():
        if slots:
            connection.execute(sa.update(_ROWS).where(_ROWS.c.id == key).values(slot=UUID(slots[0])))
    op.drop_column("revision", "slots")
