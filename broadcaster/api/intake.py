"""Notes on what became of alerts, from a thousand players at once: written together, not one by one.

Who reports is answered after the notes are stored; meanwhile the next ones gather.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from broadcaster.alerts import receipts
from broadcaster.alerts.receipts import Note
from content.kernel.db import SessionFactory, unit_of_work

log = logging.getLogger(__name__)


@dataclass
class Intake:
    """What waits to be written. Used from the event loop only."""

    sessions: SessionFactory
    _waiting: list[tuple[Sequence[Note], asyncio.Future[None]]] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    def note(self, notes: Sequence[Note]) -> asyncio.Future[None]:
        """Store these soon; who does not wait for it learns of a failure from the log only."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.add_done_callback(_look_at)
        self._waiting.append((notes, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return done

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._write_batch(batch)
        finally:
            self._writing = None

    async def _write_batch(self, batch: Sequence[tuple[Sequence[Note], asyncio.Future[None]]]) -> None:
        notes = [note for some, _ in batch for note in some]
        try:
            await run_in_threadpool(self._store, notes)
        except Exception as error:  # whoever waits learns it, and the next ones are written all the same
            log.exception("intake.failed", extra={"notes": len(notes)})
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            return
        for _, done in batch:
            if not done.done():
                done.set_result(None)

    def _store(self, notes: Sequence[Note]) -> None:
        with unit_of_work(self.sessions) as session:
            receipts.keep(session, notes)


def _look_at(done: asyncio.Future[None]) -> None:
    """Nobody may be waiting: asyncio must not complain of an error that is logged."""
    if not done.cancelled():
        done.exception()
