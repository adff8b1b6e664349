"""Whether anybody has committed since one last looked: microseconds on SQLite, unknown elsewhere.

On SQLite the pragma `data_version` of a held connection changes with each commit of another connection, of whichever
process. Source: ADR 0006, with measurements.
"""

import sqlite3
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.engine import make_url


@dataclass
class Changes:
    """One watcher's view of the database. Used from one thread at a time."""

    database: str
    _seen: object = None
    _held: sqlite3.Connection | None = None

    def any(self) -> bool:
        """Whether there may be something new since the last call; at the first call, and where nobody knows: yes."""
        version = self._version()
        if version is not None and version == self._seen:
            return False
        self._seen = version
        return True

    @cached_property
    def are_known(self) -> bool:
        """Whether a change is noticed without asking the database a question."""
        return make_url(self.database).get_backend_name() == "sqlite" and bool(make_url(self.database).database)

    def close(self) -> None:
        """Let go of the held connection."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def _version(self) -> object:
        if self._held is None:
            if not self.are_known:
                return None
            file = make_url(self.database).database
            self._held = sqlite3.connect(f"file:{file}?mode=ro", uri=True, check_same_thread=False)
        return self._held.execute("PRAGMA data_version").fetchone()
