"""The database's history leads to exactly the tables of the code."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from broadcaster import migrations
from broadcaster.tables import METADATA
from content.kernel.db import open_engine


def test_migrations_make_the_models(database: str) -> None:
    """After all revisions nothing is left that autogenerate would change."""
    engine = open_engine(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_migrations_go_back_and_forth(tmp_path: Path) -> None:
    """Every revision can be undone and done again."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    migrations.upgrade(url)
    command.downgrade(migrations.config(url), "base")
    migrations.upgrade(url)
