"""Who may ask for which manifest, in memory: the unchanged poll touches no ORM.

A village's player asks every minute, for a year, and nearly always nothing has changed. What changed is told by
`Changes`; where that cannot be known the index is read anew at each request, so that a revoked token stops working at
once.

Source: ADR 0006, with measurements.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select

from broadcaster.fleet.models import Player
from broadcaster.publishing.models import ManifestRow
from content.kernel.changes import Changes
from content.kernel.db import SessionFactory, unit_of_work


class Known(NamedTuple):
    """A living player; `etag` of its manifest, "" before the first."""

    player_id: int
    etag: str


@dataclass
class ManifestIndex:
    """sha256 of a token -> whose it is and what it would get. Used from the event loop's thread only."""

    sessions: SessionFactory
    database: str
    _known: dict[str, Known] = field(default_factory=dict)
    _changes: Changes | None = None

    def etag(self, token_sha256: str) -> str | None:
        """The ETag to hold against If-None-Match, None if no living player has this token."""
        known = self.known(token_sha256)
        return known.etag if known else None

    def known(self, token_sha256: str) -> Known | None:
        """Whose token this is, None if no living player's."""
        if self._changes is None:
            self._changes = Changes(self.database)
        if self._changes.any():
            self._known = self._load()
        return self._known.get(token_sha256)

    def _load(self) -> dict[str, Known]:
        query = (
            select(Player.token_sha256, Player.id, ManifestRow.etag)
            .outerjoin(ManifestRow, ManifestRow.player_id == Player.id)
            .where(Player.revoked_at.is_(None))
        )
        with unit_of_work(self.sessions, writes=False) as session:
            return {token: Known(player, etag or "") for token, player, etag in session.execute(query)}
