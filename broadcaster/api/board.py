"""The alerts in force as players get them, in memory: ready bytes, read anew only when a version was added."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from broadcaster.alerts import queries as alerts
from broadcaster.alerts.models import Alert, AlertVersion
from broadcaster.fleet import lives
from broadcaster.protocol import EVENT_ALERT, AlertsAnswer, SignedAlert
from content.kernel.changes import Changes
from content.kernel.db import SessionFactory, unit_of_work


@dataclass(frozen=True, slots=True)
class Posted:
    """The newest version of an alert. `number` grows with each version; `frame` is its event on the wire."""

    number: int
    uuid: UUID
    version: int
    expires_at: datetime
    signed: SignedAlert
    frame: bytes


@dataclass
class Board:
    """All newest versions that have not expired. Used from one thread at a time.

    What a restored server held is given out only once an admin has looked; what is raised meanwhile, at once.
    """

    sessions: SessionFactory
    database: str
    now: Callable[[], datetime]
    newest: int = 0
    _held_since: datetime | None = None
    _posted: tuple[Posted, ...] = ()
    _changes: Changes | None = None
    _answer: tuple[tuple[int, ...], str, bytes] = field(default=((), "", b""))

    @property
    def is_quick(self) -> bool:
        """Whether looking costs microseconds; elsewhere it asks the database and belongs into a thread."""
        return self._watch().are_known

    def look(self) -> tuple[Posted, ...]:
        """What was added since the last look, oldest first."""
        if not self._watch().any():
            return ()
        before = self.newest
        with unit_of_work(self.sessions, writes=False) as session:
            newest = session.scalar(select(func.max(AlertVersion.id))) or 0
            life = lives.held(session)
            since = life.begun_at if life else None
            if newest == self.newest and since == self._held_since:
                return ()
            rows = [row for row in alerts.newest_documents(session, self.now()) if since is None or row[0].at > since]
        self.newest, self._held_since = newest, since
        self._posted = tuple(_posted(row, alert) for row, alert in rows)
        return tuple(each for each in self._posted if each.number > before)

    def posted(self, after: int = 0) -> tuple[Posted, ...]:
        """What is in force, of higher numbers only. A number from the future is that of another life: then all."""
        after = after if after <= self.newest else 0
        now = self.now()
        return tuple(each for each in self._posted if each.number > after and each.expires_at > now)

    def answer(self) -> tuple[str, bytes]:
        """ETag and body of `GET /alerts`."""
        alive = self.posted()
        numbers = tuple(each.number for each in alive)
        if not self._answer[1] or numbers != self._answer[0]:
            body = AlertsAnswer(alerts=tuple(each.signed for each in alive)).model_dump_json().encode()
            self._answer = numbers, f'"{hashlib.sha256(body).hexdigest()[:24]}"', body
        return self._answer[1], self._answer[2]

    def _watch(self) -> Changes:
        if self._changes is None:
            self._changes = Changes(self.database)
        return self._changes


def _posted(row: AlertVersion, alert: Alert) -> Posted:
    signed = alerts.signed(row)
    frame = f"event: {EVENT_ALERT}\nid: {row.id}\ndata: {signed.model_dump_json()}\n\n".encode()
    return Posted(row.id, alert.uuid, row.version, alert.expires_at, signed, frame)
