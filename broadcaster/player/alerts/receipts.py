"""What became of each alert here, told to the server at once and again until it has heard it, over restarts."""

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from broadcaster.player.clock import PlayerClock
from broadcaster.player.errors import PlayerError, Refused
from broadcaster.player.keeping.journal import Journal
from broadcaster.protocol import AlertReceipt, AlertStage

log = logging.getLogger(__name__)
BATCH = 100
GATHER_S = 0.1
"""What is said in one breath goes in one call, and the sound itself goes first."""
PAUSES_S = (1.0, 30.0)
UNREADABLE = {400, 413, 422}


class Receipts:
    """Writes receipts to the journal; the thread in `run` posts them."""

    def __init__(self, journal: Journal, clock: PlayerClock) -> None:
        self._journal = journal
        self._clock = clock
        self._news = threading.Event()

    def say(
        self, alert_uuid: UUID, version: int, stage: AlertStage, detail: str = "", at: datetime | None = None
    ) -> None:
        """Note how far a version has come, and when if not now; the first word on a stage stands."""
        reading = self._clock.read()
        receipt = AlertReceipt(
            alert_uuid=alert_uuid,
            version=version,
            stage=stage,
            at=at or reading.at,
            clock_state=reading.state,
            detail=detail[:300],
        )
        # Whoever is quicker: it was received before anything else became of it.
        self._journal.receipt(receipt.model_copy(update={"stage": AlertStage.RECEIVED, "detail": ""}))
        if self._journal.receipt(receipt) or stage is AlertStage.RECEIVED:
            self._news.set()

    def run(self, post: Callable[[list[AlertReceipt]], None], stop: threading.Event) -> None:
        """Post what is waiting, again and again until told to stop (`wake` ends the wait)."""
        pause: float | None = 0.0
        failures = 0
        while not stop.is_set():
            self._news.wait(pause)
            stop.wait(GATHER_S)
            self._news.clear()
            if stop.is_set():
                return
            try:
                self._post(post)
                pause, failures = None, 0
            except PlayerError as error:
                failures += 1
                pause = min(PAUSES_S[0] * 2.0 ** min(failures, 16), PAUSES_S[1]) * random.uniform(0.5, 1.0)  # noqa: S311
                log.warning("receipts_not_said", extra={"why": str(error), "again_in_s": round(pause, 1)})
            except Exception:  # the edge of the thread
                log.exception("receipts_failed")
                pause = PAUSES_S[1]

    def wake(self) -> None:
        """End the wait of `run`."""
        self._news.set()

    def _post(self, post: Callable[[list[AlertReceipt]], None]) -> None:
        while waiting := self._journal.receipts_waiting(BATCH):
            self._hand_over(post, waiting)
            self._journal.receipts_said(waiting)

    def _hand_over(self, post: Callable[[list[AlertReceipt]], None], receipts: list[AlertReceipt]) -> None:
        """Post them; where the server cannot read the lot, one by one, so that a bad one never blocks the others."""
        try:
            post(receipts)
        except Refused as error:
            if error.status not in UNREADABLE:
                raise
            if len(receipts) > 1:
                for receipt in receipts:
                    self._hand_over(post, [receipt])
                return
            log.warning("receipt_set_aside", extra={"alert": str(receipts[0].alert_uuid), "why": str(error)})
