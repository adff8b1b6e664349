"""Rows of every table from one kind of database into the other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from broadcaster import migrations
from broadcaster.backup import database as databases
from broadcaster.backup.errors import DatabaseNotEmpty, RowsRefused
from broadcaster.tables import METADATA
from content.kernel.db import open_engine
from content.kernel.nodes import Node
from schedules.models import Slot
from tests import rows
from tests.databases import PostgreSQL

Dump = dict[str, list[tuple[Any, ...]]]
TABLES = METADATA.sorted_tables


@pytest.fixture
def elsewhere(postgresql: PostgreSQL) -> Iterator[str]:
    """An empty PostgreSQL, not even migrated."""
    with postgresql.database("template0") as url:
        yield url


def filled(url: str) -> Dump:
    migrations.upgrade(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        rows.fill(connection, TABLES)
    engine.dispose()
    return dump(url)


def dump(url: str) -> Dump:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = rows.dump(connection, TABLES)
    engine.dispose()
    return found


def test_every_table_goes_to_postgresql_and_back(tmp_path: Path, elsewhere: str) -> None:
    """SQLite, its snapshot, PostgreSQL, its snapshot: all hold the same rows, to the microsecond and the byte."""
    url = f"sqlite:///{tmp_path / 'live.db'}"
    before = filled(url)
    databases.snapshot(url, tmp_path / "first.db")
    with databases.pour(tmp_path / "first.db", elsewhere):
        pass
    databases.snapshot(elsewhere, tmp_path / "second.db")
    assert all(len(found) == rows.ROWS for found in before.values())
    assert dump(elsewhere) == before
    assert dump(f"sqlite:///{tmp_path / 'second.db'}") == before
    assert {path.name for path in tmp_path.iterdir()} == {"live.db", "first.db", "second.db"}


def test_what_is_absent_stays_absent(tmp_path: Path, elsewhere: str) -> None:
    """A column of JSON without a value is NULL on both sides, and no JSON `null`: they are asked for differently."""
    url = f"sqlite:///{tmp_path / 'live.db'}"
    filled(url)
    databases.snapshot(url, tmp_path / "first.db")
    with databases.pour(tmp_path / "first.db", elsewhere):
        pass
    engine = open_engine(elsewhere)
    with engine.connect() as connection:
        absent = connection.exec_driver_sql("SELECT count(*) FROM player WHERE heartbeat IS NULL").scalar()
    engine.dispose()
    assert absent == 1


def test_numbers_go_on(tmp_path: Path, elsewhere: str) -> None:
    """A row that is added after the move takes no number that came along."""
    url = f"sqlite:///{tmp_path / 'live.db'}"
    filled(url)
    databases.snapshot(url, tmp_path / "first.db")
    with databases.pour(tmp_path / "first.db", elsewhere):
        pass
    engine = open_engine(elsewhere)
    with engine.begin() as connection:
        added = insert(Node).values(kind="commune", slug="new", name="new", time_zone="UTC")
        assert connection.scalars(added.returning(Node.id)).one() > rows.ROWS
    engine.dispose()


def test_a_snapshot_shows_one_instant(tmp_path: Path, elsewhere: str) -> None:
    """What others commit while PostgreSQL's tables are copied is in none of them."""
    filled(elsewhere)
    engine = open_engine(elsewhere)
    with databases._as_it_is_now(elsewhere) as view:
        view.execute(select(Node.id)).all()
        with engine.begin() as connection:
            rows.fill(connection, [Slot.__table__], first=4)  # type: ignore[list-item]
        assert len(view.execute(select(Slot.id)).all()) == rows.ROWS
    engine.dispose()


def test_a_database_in_use_is_not_touched(tmp_path: Path, elsewhere: str) -> None:
    """Where there are rows nothing is poured in."""
    before = filled(elsewhere)
    url = f"sqlite:///{tmp_path / 'live.db'}"
    migrations.upgrade(url)
    databases.snapshot(url, tmp_path / "first.db")
    with pytest.raises(DatabaseNotEmpty), databases.pour(tmp_path / "first.db", elsewhere):
        pass
    assert dump(elsewhere) == before


def test_rows_that_do_not_fit_change_nothing(tmp_path: Path, elsewhere: str) -> None:
    """SQLite lets any length pass, PostgreSQL does not: the table is named, and the target stays empty."""
    url = f"sqlite:///{tmp_path / 'live.db'}"
    migrations.upgrade(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        rows.fill(connection, [Node.__table__])  # type: ignore[list-item]
        connection.exec_driver_sql("UPDATE node SET slug = hex(zeroblob(100)) WHERE id = 1")
    engine.dispose()
    databases.snapshot(url, tmp_path / "first.db")
    with pytest.raises(RowsRefused, match=r"“node”.*64"), databases.pour(tmp_path / "first.db", elsewhere):
        pass
    assert not any(dump(elsewhere).values())


def test_a_body_that_fails_leaves_the_target_empty(tmp_path: Path, elsewhere: str) -> None:
    """The rows are committed only when all else of a restore is in its place."""
    url = f"sqlite:///{tmp_path / 'live.db'}"
    filled(url)
    databases.snapshot(url, tmp_path / "first.db")
    with pytest.raises(ZeroDivisionError), databases.pour(tmp_path / "first.db", elsewhere):
        1 / 0  # noqa: B018
    assert not any(dump(elsewhere).values())
