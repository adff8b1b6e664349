"""Rows for every table, made from nothing but its columns: for what must carry all tables, whatever they mean."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Table

AT = datetime(2026, 11, 22, 10, 30, 15, 123_456, tzinfo=UTC)
WORDS = "Ún Tà “loa” Đặng ễ 🔊 "
ROWS = 3
"""The first is full, the second has what may be absent absent, the third is full again."""


def fill(connection: Connection, tables: Iterable[Table], first: int = 1) -> None:
    """Put rows into each table, numbered from `first`; tables come in the order of their foreign keys."""
    for table in tables:
        rows = [_row(connection, table, n) for n in range(first, first + ROWS)]
        connection.execute(sa.insert(table).values(rows))  # in one statement: a node may hang on a later one


def dump(connection: Connection, tables: Iterable[Table]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in an order of their own."""
    return {
        table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr) for table in tables
    }


def _row(connection: Connection, table: Table, n: int) -> dict[str, Any]:
    if table.name == "node":  # the one table that hangs on itself: a later row is the parent of an earlier one
        parent = None if n % ROWS == 0 else (n // ROWS + 1) * ROWS
        kind = "village" if parent else "commune"
        return {each.name: _value(connection, each, n) for each in table.columns} | {"parent_id": parent, "kind": kind}
    return {each.name: _value(connection, each, n) for each in table.columns}


def _value(connection: Connection, column: Column[Any], n: int) -> Any:
    if column.foreign_keys and column.table.name != "node":
        target = next(iter(column.foreign_keys)).column
        return connection.scalars(sa.select(target).order_by(target.desc()).offset(n % ROWS)).first()
    if column.primary_key and isinstance(column.type, sa.Integer):
        return n
    if column.nullable and n % ROWS == 2:
        return None
    return _of_type(connection.dialect.name, column, n)


def _of_type(dialect: str, column: Column[Any], n: int) -> Any:  # noqa: C901, PLR0911, PLR0912  (a table of types)
    match column.type:
        case sa.types.TypeDecorator() as ours:
            return UUID(int=n << 100 | n) if isinstance(ours.impl_instance, sa.Uuid) else AT
        case sa.Uuid():
            return UUID(int=n << 100 | n)
        case sa.CHAR():  # how SQLite keeps a uuid
            return UUID(int=n << 100 | n).hex
        case sa.JSON():
            return {WORDS: [n, None, 1.5, {"x": True}], "row": {"position_ms": n}}
        case sa.String() as text:
            digest = hashlib.sha256(f"{column.name}{n}".encode()).hexdigest()
            return digest[: text.length] if text.length in (32, 40, 64) else f"{n} {WORDS * 200}"[: text.length or 5000]
        case sa.Boolean():
            return bool(n % 2)
        case sa.BigInteger():
            return (1 << 40) + n
        case sa.Integer():
            return n
        case sa.LargeBinary():
            return b"\0\xff" + bytes([n % 256])
        case sa.Float():
            return n + 0.1
        case sa.Time():
            return time(17, 30, 15)
        case sa.DateTime():
            return AT.replace(tzinfo=None) if dialect == "sqlite" else AT
        case sa.Date():
            return date(2026, 11, n % 28 + 1)
    raise NotImplementedError(f"{column}: {column.type!r}")
