"""The database under all areas: declarative base, UTC column type, engine and unit of work.

Services take a `Session` as their first argument, flush and never commit; whoever opened the unit of work
commits it (a request, a job item, a command). Nothing slow happens inside one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from content.kernel.errors import Unavailable

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_MS = 15_000
_POSTGRESQL = {
    "lock_timeout": BUSY_TIMEOUT_MS,
    # A process that was stopped, or cut off, in the midst of a unit of work must not keep all others from writing.
    "idle_in_transaction_session_timeout": 60_000,
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
}
_WRITER = 0x6C6F61
"""The advisory lock of PostgreSQL that whoever writes holds."""
_FULL = ("disk is full", "No space left on device")
"""How SQLite (SQLITE_FULL) and PostgreSQL (53100) say it."""

SessionFactory = sessionmaker[Session]


class StorageFull(Unavailable):
    """The database cannot grow."""

    sentence = "The server's disk is full. Nothing stored is lost: free some space on it, then try again."


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored as UTC; a naive value is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC, without zone for SQLite, which has none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give an aware one")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The one registry of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012  (SQLAlchemy's own idiom)


def open_engine(url: str) -> Engine:
    """An engine for SQLite (embedded) or PostgreSQL, by its URL alone.

    SQLite: WAL, foreign keys, FULL (approvals and as-run rows are promises), and `BEGIN IMMEDIATE` for units that
    write, since a deferred transaction that upgrades fails at once instead of waiting for the other writer.
    PostgreSQL behaves alike (ADR 0030): one writer at a time, and readers see one instant and wait for nobody.
    """
    if make_url(url).get_backend_name() != "sqlite":
        options = " ".join(f"-c {name}={value}" for name, value in _POSTGRESQL.items())
        engine = create_engine(url, pool_pre_ping=True, connect_args={"options": options})
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see `_begin`
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes", True)
    reading = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})" if writes else reading)


def session_factory(engine: Engine) -> SessionFactory:
    """Sessions whose objects stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def unit_of_work(sessions: SessionFactory, *, writes: bool = True) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on any error. Raises StorageFull.

    Args:
        sessions: the process's factory.
        writes: False for a unit that only reads; it then never waits for a writer.
    """
    try:
        with sessions() as session, session.begin():
            session.connection(execution_options={"writes": writes})
            yield session
    except OperationalError as error:
        if any(said in str(error.orig) for said in _FULL):
            raise StorageFull from error
        raise
