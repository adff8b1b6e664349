"""The server's events as they come (`GET /events`): an alert whole, or the word that the manifest changed.

One thread reads one long answer. The server says something each minute; a line that is silent for longer is dead,
whatever the network believes.
"""

import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from pydantic import ValidationError

from broadcaster.player.errors import PlayerError, Refused, ServerAway
from broadcaster.protocol import EVENT_ALERT, EVENT_MANIFEST, SignedAlert

log = logging.getLogger(__name__)
SILENT_S = 150.0
"""Two and a half times the server's pause between comments."""
PAUSES_S = (1.0, 60.0)
REFUSED_PAUSE_S = 300.0
LONGEST_EVENT = 1 << 20

OpenStream = Callable[[str | None], AbstractContextManager[Iterator[str]]]


@dataclass(frozen=True)
class ServerEvent:
    """One event: `name` is `message` where the server gave none, `last_id` what it resumes after."""

    name: str
    data: str
    last_id: str | None


def parsed(lines: Iterable[str], last_id: str | None = None) -> Iterator[ServerEvent]:
    """Put events together from lines, as in the HTML standard; comments and unknown fields are passed over.

    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

    Raises:
        ServerAway: an event without end.
    """
    name, data, size = "message", list[str](), 0
    for line in lines:
        if not line:
            if data:
                yield ServerEvent(name, "\n".join(data), last_id)
            name, data, size = "message", [], 0
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
            size += len(value)
        elif field == "id" and "\0" not in value:
            last_id = value
        if size > LONGEST_EVENT:
            raise ServerAway("The server's event has no end")


class Events:
    """The listener."""

    def __init__(
        self,
        open_stream: OpenStream,
        *,
        on_alert: Callable[[SignedAlert], None],
        on_manifest: Callable[[], None],
        on_change: Callable[[bool], None],
    ) -> None:
        """Connect nothing yet.

        Args:
            open_stream: opens the answer after an event's id and gives its lines.
            on_alert: takes an alert's document.
            on_manifest: looks at the manifest; called for each new connection too, since a hint may have been lost.
            on_change: is told that the line came up (True) or went down.
        """
        self._open = open_stream
        self._on_alert = on_alert
        self._on_manifest = on_manifest
        self._on_change = on_change
        self._last_id: str | None = None
        self._failures = 0
        self._connected = False

    def run(self, stop: threading.Event) -> None:
        """Listen until told to stop, connecting again and again."""
        while not stop.is_set():
            pause = self._pause()
            try:
                self._listen(stop)
            except Refused as error:
                # A server without events, or one that does not know us: asking often would not change it.
                pause = REFUSED_PAUSE_S * random.uniform(0.5, 1.0)  # noqa: S311 - spreads players, hides nothing
                log.info("events_refused", extra={"why": str(error)})
            except PlayerError as error:
                log.info("events_lost", extra={"why": str(error)})
            except Exception:  # the edge of the thread
                log.exception("events_failed")
            if self._connected:
                self._change(connected=False)
                pause = PAUSES_S[0] * random.uniform(0.1, 1.0)  # noqa: S311
            stop.wait(pause)

    def _pause(self) -> float:
        """Return how long to wait after the next failure: doubled each time, different on each player."""
        pause = min(PAUSES_S[0] * 2.0 ** min(self._failures, 16), PAUSES_S[1])
        self._failures += 1
        return pause * random.uniform(0.5, 1.0)  # noqa: S311

    def _listen(self, stop: threading.Event) -> None:
        with self._open(self._last_id) as lines:
            log.info("events_connected", extra={"after": self._last_id})
            self._change(connected=True)
            self._on_manifest()
            for event in parsed(lines, self._last_id):
                if stop.is_set():
                    return
                self._failures = 0
                self._take(event)
                self._last_id = event.last_id

    def _take(self, event: ServerEvent) -> None:
        if event.name == EVENT_MANIFEST:
            self._on_manifest()
        elif event.name == EVENT_ALERT:
            try:
                self._on_alert(SignedAlert.model_validate_json(event.data))
            except ValidationError as error:
                log.warning("alert_not_understood", extra={"why": str(error)})

    def _change(self, *, connected: bool) -> None:
        self._connected = connected
        self._on_change(connected)
