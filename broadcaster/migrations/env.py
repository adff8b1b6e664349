"""How Alembic connects: by our own engine, so that migrations run under the same pragmas as the product."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from broadcaster.tables import METADATA
from content.kernel.db import UtcDateTime, open_engine


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Our own column type by its short name."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from content.kernel.db import UtcDateTime")
        return "UtcDateTime()"
    return False


engine = open_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection, target_metadata=METADATA, render_as_batch=True, render_item=render_item)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
