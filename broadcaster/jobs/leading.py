"""Which of several workers does what one alone should do: keep the clock, look after what is missing.

On PostgreSQL a lock says it that ends with its connection, however the process died; then another one leads at its next
look. On SQLite there is one worker.
"""

import logging
import threading
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from content.kernel.db import SessionFactory

log = logging.getLogger(__name__)
_LEADER = 0x6C6F62
"""The advisory lock of PostgreSQL that who leads holds."""


class Lead:
    """Whether this process leads; asked at each turn, from any thread."""

    def __init__(self, sessions: SessionFactory) -> None:
        """Lead nothing yet."""
        self._engine: Engine = sessions.kw["bind"]
        self._asking = threading.Lock()
        self._connection: Any = None
        self._leads = False

    def is_ours(self) -> bool:
        """Take the lead if nobody has it; False while the database does not answer."""
        if self._engine.dialect.name == "sqlite":
            return True
        with self._asking:
            try:
                return self._ask()
            except (DBAPIError, self._engine.dialect.loaded_dbapi.Error):
                log.exception("lead.unknown")
                self.close()
                return False

    def close(self) -> None:
        """Let another one lead."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._leads = None, False

    def _ask(self) -> bool:
        if self._connection is None:
            self._connection = self._connect()
        if self._leads:
            self._connection.execute("SELECT 1")  # the lock is gone with the connection
        else:
            (self._leads,) = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [_LEADER]).fetchone()
            if self._leads:
                log.info("lead.taken")
        return self._leads

    def _connect(self) -> Any:
        """A connection of our own, in no transaction: one that waits in the pool would keep the lock."""
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        connection.autocommit = True
        return connection
