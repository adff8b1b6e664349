"""The worker process: the clock in one thread, rendering, fetching voices and posting notices in others."""

import logging
import threading
from pathlib import Path

from audio_out.assembly import Studio
from audio_out.engines.espeak import Espeak
from audio_out.engines.gtts import Gtts
from audio_out.engines.piper import Piper
from audio_out.store import Store
from audio_out.voicebox import Voicebox
from broadcaster.jobs.clock import start_clock
from broadcaster.jobs.fetching import fetch_for_ever
from broadcaster.jobs.leading import Lead
from broadcaster.jobs.posting import post_for_ever
from broadcaster.jobs.rendering import render_for_ever
from broadcaster.settings import Settings
from broadcaster.station import Station

log = logging.getLogger(__name__)


def work(station: Station, stop: threading.Event) -> None:
    """Work until `stop` is set, then leave what is unfinished to its lease."""
    studio = open_studio(station)
    lead = Lead(station.sessions)
    clock = start_clock(station, lead)
    threading.Thread(target=fetch_for_ever, args=[station, stop], name="voices", daemon=True).start()
    threading.Thread(target=post_for_ever, args=[station, stop], name="notices", daemon=True).start()
    log.info("worker.started")
    try:
        render_for_ever(station, studio, lead, stop)
    finally:
        clock.shutdown(wait=False)
        lead.close()
        studio.close()
        log.info("worker.stopped")


def open_studio(station: Station) -> Studio:
    """The studio with this installation's voices and caches."""
    return studio_of(station.settings, station.store, station.settings.data_dir / "speech-cache")


def studio_of(settings: Settings, store: Store, cache_dir: Path) -> Studio:
    """A studio with this installation's voices that keeps what it makes where it is told."""
    voicebox = Voicebox(settings.voices_dir)
    return Studio(
        store,
        cache_dir,
        order=settings.voice_order,
        engines=(Gtts(), Piper(voicebox), Espeak()),
        voices=voicebox.catalogue,
        cache_bytes=settings.speech_cache_mb * 1_000_000,
    )
