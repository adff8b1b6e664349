"""Everybody who listens at `GET /events`: what is posted goes to all of them at once, whoever posted it.

One task looks for what was committed, in this process or another, for all listeners; without listeners it does not
run. No database session is open while somebody listens.
"""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from starlette.concurrency import run_in_threadpool

from broadcaster.alerts.queries import SENT
from broadcaster.alerts.receipts import Note
from broadcaster.api.board import Board, Posted
from broadcaster.api.index import ManifestIndex
from broadcaster.api.intake import Intake
from broadcaster.protocol import EVENT_MANIFEST

log = logging.getLogger(__name__)
LOOK_EVERY_S = 0.02
LOOK_EVERY_S_BY_QUESTION: Final = 0.2
HINT_EVERY_S = 1.0
COMMENT_EVERY_S = 60.0
_HELLO = b": connected\n\n"
_COMMENT = b":\n\n"
_HINT = f"event: {EVENT_MANIFEST}\ndata: {{}}\n\n".encode()

Event = bytes | Posted | None
"""Bytes as they are, an alert, or the end."""


@dataclass(eq=False)
class Listener:
    """One open connection, and what waits to be sent on it."""

    token_sha256: str
    player_id: int
    etag: str
    waiting: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)


@dataclass
class Hub:
    """The open connections of this process. Used from the event loop only."""

    board: Board
    index: ManifestIndex
    intake: Intake
    is_leaving: Callable[[], bool] = lambda: False
    _listeners: set[Listener] = field(default_factory=set)
    _watching: asyncio.Task[None] | None = None

    async def listen(self, token_sha256: str, player_id: int, last_number: int) -> AsyncIterator[bytes]:
        """Events for one player until it leaves, its token is revoked or the process ends."""
        await self.look()
        known = self.index.known(token_sha256)
        listener = Listener(token_sha256, player_id, known.etag if known else "")
        for posted in self.board.posted(last_number):
            listener.waiting.put_nowait(posted)
        self._listeners.add(listener)
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        try:
            yield _HELLO
            while (event := await listener.waiting.get()) is not None:
                yield event.frame if isinstance(event, Posted) else event
                if isinstance(event, Posted):
                    now = self.board.now()
                    self.intake.note([Note(event.uuid, event.version, player_id, SENT, now, now)])
        finally:
            self._listeners.discard(listener)

    async def _watch(self) -> None:
        pause = LOOK_EVERY_S if self.board.is_quick else LOOK_EVERY_S_BY_QUESTION
        try:
            for turn in itertools.count(1):
                if not self._listeners:
                    return
                if self.is_leaving():
                    self._tell(None)
                    return
                await self._turn(turn, pause)
                await asyncio.sleep(pause)
        finally:
            self._watching = None

    async def _turn(self, turn: int, pause: float) -> None:
        try:
            await self.look()
            if turn % round(HINT_EVERY_S / pause) == 0:
                self._hint()
        except Exception:  # a database that is busy now is not tomorrow
            log.exception("hub.look_failed")
        if turn % round(COMMENT_EVERY_S / pause) == 0:
            self._tell(_COMMENT)

    async def look(self) -> None:
        """Send what was added to all listeners."""
        for posted in self.board.look() if self.board.is_quick else await run_in_threadpool(self.board.look):
            self._tell(posted)

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener.waiting.put_nowait(event)

    def _hint(self) -> None:
        """Say that a manifest changed to whose it is; end the connections of who is no player any more."""
        for listener in self._listeners:
            known = self.index.known(listener.token_sha256)
            if known is None:
                listener.waiting.put_nowait(None)
            elif known.etag != listener.etag:
                listener.etag = known.etag
                listener.waiting.put_nowait(_HINT)
