"""Who may ask for which manifest, in memory: the unchanged poll touches no ORM.

A village's player asks every minute, for a year, and nearly always nothing has changed. On SQLite the pragma
`data_version` of a held connection tells in microseconds whether another connection has committed since; elsewhere
the index is read anew at each request, so that a revoked token stops working at once.

Source: ADR 0006, with measurements.
"""

import sqlite3
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.engine import make_url

from broadcaster.fleet.models import Player
from broadcaster.publishing.models import ManifestRow
from content.kernel.db import SessionFactory, unit_of_work


@dataclass
class ManifestIndex:
    """sha256 of a token -> ETag of its manifest ("" before the first). Used from the event loop's thread only."""

    sessions: SessionFactory
    database: str
    _etags: dict[str, str] = field(default_factory=dict)
    _seen: object = None
    _held: sqlite3.Connection | None = None

    def etag(self, token_sha256: str) -> str | None:
        """The ETag to hold against If-None-Match, None if no living player has this token."""
        version = self._version()
        if version is None or version != self._seen:
            self._etags = self._load()
            self._seen = version
        return self._etags.get(token_sha256)

    def _version(self) -> object:
        url = make_url(self.database)
        if url.get_backend_name() != "sqlite" or not url.database:
            return None
        if self._held is None:
            self._held = sqlite3.connect(f"file:{url.database}?mode=ro", uri=True, check_same_thread=False)
        return self._held.execute("PRAGMA data_version").fetchone()

    def _load(self) -> dict[str, str]:
        query = (
            select(Player.token_sha256, ManifestRow.etag)
            .outerjoin(ManifestRow, ManifestRow.player_id == Player.id)
            .where(Player.revoked_at.is_(None))
        )
        with unit_of_work(self.sessions, writes=False) as session:
            return {token: etag or "" for token, etag in session.execute(query)}
