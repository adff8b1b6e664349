"""How Alembic connects: by our own engine, so that migrations run under the same pragmas as the product."""

from alembic import context

from broadcaster.tables import METADATA
from content.kernel.db import open_engine

engine = open_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection, target_metadata=METADATA, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
