"""The database as a backup holds it: one SQLite file, whichever kind the installation works with.

PostgreSQL's rows are copied into such a file, and out of it into an empty PostgreSQL, table by table in the order of
the models: so a backup of one kind is restored onto the other.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    FromClause,
    RowMapping,
    Table,
    TableClause,
    column,
    func,
    insert,
    make_url,
    select,
    table,
)
from sqlalchemy.exc import DBAPIError

from broadcaster import migrations
from broadcaster.backup.errors import DatabaseNotEmpty, RowsRefused
from broadcaster.tables import METADATA
from content.kernel.db import open_engine

_ROWS_AT_ONCE = 1000


def file_of(url: str) -> Path | None:
    """SQLite's file; None where the database lies elsewhere."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def snapshot(url: str, file: Path) -> None:
    """Write a consistent copy as a single new SQLite file; writers go on meanwhile."""
    if live := file_of(url):
        with contextlib.closing(sqlite3.connect(live)) as source, contextlib.closing(sqlite3.connect(file)) as kept:
            source.backup(kept)
    else:
        migrations.upgrade(_url_of(file))
        with _as_it_is_now(url) as source, _begun(_url_of(file)) as target:
            _copy(source, target)
    _settle(file)


@contextlib.contextmanager
def pour(file: Path, url: str) -> Iterator[None]:
    """Fill an empty PostgreSQL database from a snapshot of this version; committed when the body has ended well.

    Raises:
        DatabaseNotEmpty: somebody's rows are there.
        RowsRefused: a row does not fit, where SQLite had let it pass.
    """
    migrations.upgrade(url)
    with _begun(url) as target:
        _refuse_what_is_there(target)
        with _as_it_is_now(_url_of(file)) as source:
            _copy(source, target)
        _number_on(target)
        yield


def _url_of(file: Path) -> str:
    return f"sqlite:///{file.resolve()}"


@contextlib.contextmanager
def _as_it_is_now(url: str) -> Iterator[Connection]:
    """One view of the whole database, however long it is read."""
    with _engine(url) as engine, engine.connect() as connection:
        yield connection.execution_options(writes=False)


@contextlib.contextmanager
def _begun(url: str) -> Iterator[Connection]:
    """One transaction, committed at the end."""
    with _engine(url) as engine, engine.begin() as connection:
        yield connection


@contextlib.contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _copy(source: Connection, target: Connection) -> None:
    for model in METADATA.sorted_tables:
        plain = _plain(model)
        try:
            for rows in _rows(source, model, plain):
                target.execute(insert(plain), rows)
        except DBAPIError as error:
            raise RowsRefused(table=model.name, cause=str(error.orig).splitlines()[0]) from error


def _plain(model: Table) -> TableClause:
    """The table without defaults: every value comes along. What is absent stays absent, and is no JSON `null`."""
    return table(
        model.name,
        *(
            column(each.name, JSON(none_as_null=True) if isinstance(each.type, JSON) and each.nullable else each.type)
            for each in model.columns
        ),
    )


def _rows(source: Connection, model: Table, plain: FromClause) -> Iterator[Sequence[dict[str, Any]]]:
    names = [each.name for each in model.primary_key]
    query = select(plain).order_by(*(plain.c[name] for name in names)).execution_options(yield_per=_ROWS_AT_ONCE)
    with source.execute(query) as found:
        pages = found.mappings().partitions(_ROWS_AT_ONCE)
        if parent := _parent(model):
            yield from _parents_first([row for page in pages for row in page], parent, names[0])
        else:
            yield from ([dict(row) for row in page] for page in pages)


def _parent(model: Table) -> str | None:
    """The column by which a row of this table hangs on another of the same."""
    own = (each.parent.name for each in model.foreign_keys if each.column.table is model)
    return next(own, None)


def _parents_first(rows: Sequence[RowMapping], parent: str, key: str) -> Iterator[list[dict[str, Any]]]:
    there: set[Any] = {None}
    while rows:
        yield [dict(row) for row in rows if row[parent] in there]
        there, rows = {row[key] for row in rows if row[parent] in there}, [r for r in rows if r[parent] not in there]


def _refuse_what_is_there(target: Connection) -> None:
    for model in METADATA.sorted_tables:
        if target.execute(select(model).limit(1)).first() is not None:
            raise DatabaseNotEmpty(table=model.name)


def _number_on(target: Connection) -> None:
    """New rows get numbers above those that came along."""
    for model in METADATA.sorted_tables:
        number = model.autoincrement_column
        if number is not None and (highest := target.scalar(select(func.max(number)))):
            target.execute(select(func.setval(func.pg_get_serial_sequence(model.name, number.name), highest)))


def _settle(file: Path) -> None:
    """Make it one file, and hold it against its own rules."""
    with contextlib.closing(sqlite3.connect(file)) as kept:
        kept.execute("PRAGMA journal_mode=DELETE")
        (said,) = kept.execute("PRAGMA integrity_check").fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(f"the database is damaged ({said})")
