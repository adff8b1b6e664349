"""The database's history leads to exactly the tables of the code."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, select

from audio_out.models import Rendition
from broadcaster import migrations
from broadcaster.tables import METADATA
from content.kernel.db import Base, open_engine, session_factory
from content.models import Revision
from tests import rows

Stored = dict[str, dict[Any, dict[str, Any]]]
"""By table and key: the values by column."""


@pytest.fixture(params=["sqlite", "postgresql"])
def anew(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'x.db'}"
    else:
        with request.getfixturevalue("postgresql").database("template0") as url:
            yield url


def test_migrations_make_the_models(anew: str) -> None:
    """After all revisions nothing is left that autogenerate would change."""
    migrations.upgrade(anew)
    engine = open_engine(anew)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_migrations_go_back_and_forth(anew: str) -> None:
    """Every revision can be undone and done again."""
    migrations.upgrade(anew)
    command.downgrade(migrations.config(anew), "base")
    migrations.upgrade(anew)


def test_rows_of_every_revision_come_through(anew: str) -> None:
    """Every table gets rows at every revision: at the newest each is there, unchanged, and the code reads it."""
    revisions = [one.revision for one in ScriptDirectory.from_config(migrations.config(anew)).walk_revisions()]
    engine = open_engine(anew)
    before: Stored = {}
    for number, revision in enumerate(reversed(revisions)):
        command.upgrade(migrations.config(anew), revision)
        with engine.begin() as connection:
            tables = tables_of(connection)
            assert differences(before, stored(connection, tables)) == [], revision
            rows.fill(connection, tables, first=number * rows.ROWS + 1)
            before = stored(connection, tables)
    with session_factory(engine)() as session:
        for mapper in Base.registry.mappers:
            assert session.scalars(select(mapper.class_)).all(), mapper
    engine.dispose()


def test_a_database_that_does_not_answer_is_said() -> None:
    """What somebody set wrongly is one sentence with its cause."""
    with pytest.raises(migrations.DatabaseUnreachable, match="refused"):
        migrations.upgrade("postgresql://radio@127.0.0.1:1/radio")


def tables_of(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def stored(connection: Connection, tables: list[Table]) -> Stored:
    return {
        table.name: {
            tuple(row[key.name] for key in table.primary_key): dict(row)
            for row in connection.execute(select(table)).mappings()
        }
        for table in tables
    }


def differences(before: Stored, after: Stored) -> list[tuple[Any, ...]]:
    """Rows that are gone, and values of columns of the same name that are others."""
    return [
        (table, key, column, value, after[table].get(key, {}).get(column, "no row"))
        for table, found in before.items()
        for key, row in found.items()
        for column, value in row.items()
        if column in next(iter(after[table].values()), {column: ""})
        and after[table].get(key, {}).get(column, "no row") != value
    ]


def test_what_is_stored_survives_an_upgrade(tmp_path: Path) -> None:
    """An announcement of the first release keeps its audio, and can be found without diacritics afterwards."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    command.upgrade(migrations.config(url), "0001")
    engine = open_engine(url)
    with engine.begin() as connection:
        for row in _FIRST_RELEASE:
            connection.exec_driver_sql(row)
    engine.dispose()
    migrations.upgrade(url)
    engine = open_engine(url)
    with session_factory(engine)() as session:
        found = session.scalars(select(Revision)).one()
        sounds = session.scalars(select(Rendition.source_sha256)).all()
    engine.dispose()
    assert "tiêm chủng" in found.search
    assert "tiem chung" in found.search
    assert "moi ba con" in found.search
    assert sounds == ["b" * 64]


def test_the_slot_of_an_announcement_becomes_a_list_of_one(tmp_path: Path) -> None:
    """One that took any slot names none; going back keeps the first."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    command.upgrade(migrations.config(url), "0001")
    engine = open_engine(url)
    with engine.begin() as connection:
        for row in _FIRST_RELEASE:
            connection.exec_driver_sql(row)
        connection.exec_driver_sql(f"UPDATE revision SET slot = '{_UUID}9'")
        connection.exec_driver_sql(
            f"INSERT INTO revision SELECT 2, '{_UUID}8', announcement_id, 2, state, title, category, priority, "
            "from_on, until_on, times_per_day, NULL, voice, edits, edited_by, edited_at, NULL, NULL, NULL, NULL "
            "FROM revision"
        )
    engine.dispose()
    migrations.upgrade(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        assert [row.slots for row in connection.execute(select(Revision.id, Revision.slots))] == [[_SLOT], []]
    engine.dispose()
    command.downgrade(migrations.config(url), "0018")
    engine = open_engine(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT slot FROM revision").scalars().all() == [_SLOT.replace("-", ""), None]
    engine.dispose()


_SLOT = "00000000-0000-0000-0000-000000000009"
_UUID = "0" * 31
_FIRST_RELEASE = (
    f"INSERT INTO node (id, uuid, kind, slug, name, time_zone) VALUES (1, '{_UUID}1', 'commune', 'x', 'X', 'UTC')",
    (
        "INSERT INTO announcement (id, uuid, node_id, author, created_at) "
        f"VALUES (1, '{_UUID}2', 1, '{_UUID}3', '2026-11-22 03:00:00')"
    ),
    (
        "INSERT INTO revision (id, uuid, announcement_id, number, state, title, category, priority, from_on, until_on, "
        "times_per_day, voice, edits, edited_by, edited_at) VALUES "
        f"(1, '{_UUID}4', 1, 1, 'in_review', 'Tiêm chủng', 'y-te', 'routine', '2026-11-22', '2026-11-25', 1, "
        f"'auto', 1, '{_UUID}3', '2026-11-22 03:00:00')"
    ),
    (
        "INSERT INTO part (id, revision_id, position, language, text, reading) "
        "VALUES (1, 1, 0, 'vi', 'Mời bà con', 'Mời bà con')"
    ),
    (
        "INSERT INTO rendition (id, uuid, part_id, reading_sha256, voice, wished_voice, sha256, duration_ms, lufs, "
        "peak_dbtp, edit_list, created_at) VALUES "
        f"(1, '{_UUID}5', 1, '{'b' * 64}', 'espeak:vi', 'auto', '{'a' * 64}', 1000, -16, -2, '[]', "
        "'2026-11-22 03:00:00')"
    ),
)
