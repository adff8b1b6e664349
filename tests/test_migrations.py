"""The database's history leads to exactly the tables of the code."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from audio_out.models import Rendition
from broadcaster import migrations
from broadcaster.tables import METADATA
from content.kernel.db import open_engine, session_factory
from content.models import Revision


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
