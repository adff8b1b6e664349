"""The worker process: the clock in one thread, rendering in another."""

import logging
import threading

from audio_out.assembly import Studio
from audio_out.voices import ORDER
from broadcaster.jobs.clock import start_clock
from broadcaster.jobs.rendering import render_for_ever
from broadcaster.station import Station

ONLINE = frozenset({"gtts"})

log = logging.getLogger(__name__)


def work(station: Station, stop: threading.Event) -> None:
    """Work until `stop` is set, then leave what is unfinished to its lease."""
    studio = open_studio(station)
    clock = start_clock(station)
    log.info("worker.started")
    try:
        render_for_ever(station, studio, stop)
    finally:
        clock.shutdown(wait=False)
        studio.close()
        log.info("worker.stopped")


def open_studio(station: Station) -> Studio:
    """The studio with this installation's voices and caches."""
    settings = station.settings
    order = ORDER if settings.online_voices else tuple(engine for engine in ORDER if engine not in ONLINE)
    return Studio(
        station.store,
        settings.data_dir / "speech-cache",
        order=order,
        cache_bytes=settings.speech_cache_mb * 1_000_000,
    )
