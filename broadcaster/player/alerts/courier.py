"""Brings what alerts need, ahead of everything else, and asks for alerts when no event can bring them.

Its thread sleeps until an alert wants audio or the line of events is down.
"""

import logging
import random
import threading
from collections.abc import Callable

from broadcaster.player.alerts.desk import Alerts
from broadcaster.player.errors import PlayerError
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.network.server import Server
from broadcaster.protocol import ObjectRef

log = logging.getLogger(__name__)
ASK_EACH_S = 10.0
RETRY_S = (1.0, 30.0)


class Courier:
    """Owned by the thread that runs it; `wake` may be called from any."""

    def __init__(
        self,
        *,
        server: Server,
        alerts: Alerts,
        cache: Cache,
        make_room: Callable[[ObjectRef], None],
        ring: Callable[[], None],
        fetched: Callable[[], None],
    ) -> None:
        """Do nothing yet.

        Args:
            server: is asked.
            alerts: says what it wants and takes in what comes.
            cache: keeps the audio.
            make_room: gives up what is needed less than this object; raises DiskFull.
            ring: wakes whoever decides what to play.
            fetched: lets others fetch again, after all of an alert's audio has come.
        """
        self._server = server
        self._alerts = alerts
        self._cache = cache
        self._make_room = make_room
        self._ring = ring
        self._fetched = fetched
        self._etag: str | None = None
        self._failures = 0

    def wake(self) -> None:
        """End the pause."""
        self._alerts.wanted.set()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        while not stop.is_set():
            self._alerts.wanted.clear()
            pause: float | None = ASK_EACH_S
            try:
                pause = self.round()
            except Exception:  # the edge of the thread
                log.exception("alerts_round_failed")
            self._alerts.wanted.wait(pause)

    def round(self) -> float | None:
        """Ask and fetch once; return the seconds to the next time, None: when woken."""
        if not self._alerts.listening:
            self._ask()
        missing = self._fetch()
        pauses = [] if self._alerts.listening else [ASK_EACH_S * random.uniform(0.8, 1.0)]  # noqa: S311 - spreads players
        self._failures = self._failures + 1 if missing else 0
        pauses += [min(RETRY_S[0] * 2.0 ** min(self._failures, 16), RETRY_S[1])] if missing else []
        return min(pauses, default=None)

    def _ask(self) -> None:
        try:
            answer = self._server.alerts(self._etag)
        except PlayerError as error:
            log.debug("alerts_not_asked", extra={"why": str(error)})
            return
        if answer:
            alerts, etag = answer
            self._alerts.take_in(alerts.alerts, live=True)
            self._etag = etag

    def _fetch(self) -> bool:
        """Fetch what is missing, in order; tell whether anything is left."""
        wanted = self._alerts.objects()
        for ref in wanted:
            try:
                self._download(ref)
            except (PlayerError, OSError) as error:
                log.warning("alert_audio_not_fetched", extra={"sha256": ref.sha256, "why": str(error)})
                continue
            self._ring()
        left = bool(self._alerts.objects())
        if wanted and not left:
            self._fetched()
        return left

    def _download(self, ref: ObjectRef) -> None:
        if any(self._cache.verify([ref.sha256])):
            return
        self._make_room(ref)
        with self._server.open_object(ref.sha256, 0) as (_, chunks):
            self._cache.store(ref.sha256, ref.size_bytes, chunks, resume=False, way="alert")
