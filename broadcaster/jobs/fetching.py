"""Fetching ordered voices in the worker, beside rendering: 60 MB over a mountain line take their time."""

import logging
import threading
import time
from collections.abc import Callable

from audio_out import orders
from audio_out.engines import piper
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.errors import BroadcastError, Unavailable

log = logging.getLogger(__name__)
LOOK_AGAIN_S = 2.0
TELL_EVERY_S = 1.0


class FetchCrashed(Unavailable):
    """An error nobody foresaw."""

    sentence = "Fetching stopped unexpectedly ({cause}). Press again; the log has the details."


def fetch_for_ever(station: Station, stop: threading.Event) -> None:
    """Fetch one ordered voice after the other until told to stop."""
    while not stop.is_set():
        try:
            worked = fetch_next(station)
        except Exception:  # the edge of the thread: the next order must find it alive
            log.exception("voice.loop_failed")
            worked = False
        if not worked:
            stop.wait(LOOK_AGAIN_S)


def fetch_next(station: Station) -> bool:
    """Fetch the next ordered voice, if there is one. Its failure is kept in the order, never raised."""
    with unit_of_work(station.sessions) as session:
        name = orders.next_order(session, station.clock.now())
    if name is None:
        return False
    log.info("voice.fetching", extra={"voice": name})
    failure = _fetch(station, name)
    log.info("voice.settled", extra={"voice": name, "error": str(failure or "")})
    with unit_of_work(station.sessions) as session:
        orders.settle(session, name, failure, station.clock.now())
    return True


def _fetch(station: Station, name: str) -> BroadcastError | None:
    try:
        piper.library()
        station.voicebox.get(name, piper.try_out, station.settings.voices_url, _teller(station, name))
    except BroadcastError as error:
        return error
    except Exception as error:
        log.exception("voice.crashed", extra={"voice": name})
        return FetchCrashed(cause=type(error).__name__)
    return None


def _teller(station: Station, name: str) -> Callable[[str, int, int], None]:
    """Writes progress down about once a second; the model is nearly all of it."""
    told_s = 0.0

    def tell(file: str, size_bytes: int, have_bytes: int) -> None:
        nonlocal told_s
        if not file.endswith(".onnx") or (have_bytes < size_bytes and time.monotonic() - told_s < TELL_EVERY_S):
            return
        told_s = time.monotonic()
        with unit_of_work(station.sessions) as session:
            orders.tell(session, name, have_bytes, station.clock.now())

    return tell
