"""Rendering in the worker: claim a job, speak it or take what was recorded outside any transaction, keep the result."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Self

from audio_out import service as rendering
from audio_out.assembly import Deliverable, Master, Studio
from audio_out.service import Claim
from broadcaster.jobs.leading import Lead
from broadcaster.jobs.pressing import Presses
from broadcaster.jobs.upgrading import Upgrades
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.errors import BroadcastError, Unavailable

log = logging.getLogger(__name__)
LOOK_AGAIN_S = 0.5


class RenderCrashed(Unavailable):
    """An error nobody foresaw; it is tried again, and the log has the trace."""

    sentence = "Rendering stopped unexpectedly ({cause}). It is tried again by itself; the log has the details."


class Lease:
    """Keeps a job ours while it is worked on, whatever the work is at; a context.

    A worker that is killed stops renewing, and another one takes the job over.
    """

    def __init__(self, station: Station, held: Claim) -> None:
        """Hold the lease of a claimed job."""
        self._station, self._held = station, held
        self._over = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)

    def __enter__(self) -> Self:
        """Begin to renew."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let go."""
        self._over.set()
        self._thread.join()

    def is_lost(self) -> bool:
        """Whether another worker has the job now."""
        return self._lost.is_set()

    def _renew(self) -> None:
        while not self._over.wait(rendering.LEASE.total_seconds() / 3):
            with unit_of_work(self._station.sessions) as session:
                if not rendering.renew(session, self._held, self._station.clock.now()):
                    self._lost.set()


def render_for_ever(station: Station, studio: Studio, lead: Lead, stop: threading.Event) -> None:
    """Render one job after the other until told to stop.

    With nothing to render, who leads presses what villages lack, then looks whether a better voice is back.
    """
    presses, upgrades = Presses(station, studio), Upgrades(station, studio)
    while not stop.is_set():
        try:
            worked = render_next(station, studio) or (lead.is_ours() and (presses.press_next() or upgrades.look()))
        except Exception:  # the edge of the process: the queue must outlive any one job
            log.exception("render.loop_failed")
            worked = False
        if not worked:
            stop.wait(LOOK_AGAIN_S)


def render_next(station: Station, studio: Studio) -> bool:
    """Render the next waiting job, if there is one. Its failure is kept in the job, never raised."""
    with unit_of_work(station.sessions, writes=False) as session:
        if not rendering.any_waiting(session, station.clock.now()):
            return False
    with unit_of_work(station.sessions) as session:
        held = rendering.claim(session, station.clock.now())
    if held is None:
        return False
    log.info("render.started", extra={"job": held.job_id, "part": held.part_id})
    try:
        _render(station, studio, held)
    except BroadcastError as error:
        _note_failure(station, held, error)
    except Exception as error:
        log.exception("render.crashed", extra={"job": held.job_id})
        _note_failure(station, held, RenderCrashed(cause=type(error).__name__))
    return True


def _render(station: Station, studio: Studio, held: Claim) -> None:
    def on_progress(done: int, total: int) -> None:
        with unit_of_work(station.sessions) as session:
            rendering.advance(session, held, done, total)

    with Lease(station, held) as lease:
        master, deliverable = _sound(studio, held, on_progress, lease.is_lost)
    with unit_of_work(station.sessions) as session:
        kept = rendering.finish(session, held, master, deliverable, station.clock.now())
    log.info("render.finished", extra={"job": held.job_id, "kept": kept, "duration_ms": master.duration_ms})


def _sound(
    studio: Studio, held: Claim, on_progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> tuple[Master, Deliverable]:
    """What a human recorded, or else the reading spoken."""
    if held.take_sha256 is None:
        make = partial(studio.render, held.reading, voice=held.voice, pace=held.pace)
    else:
        make = partial(studio.render_take, held.take_sha256)
    return make(
        language=held.language, urgency=held.priority, title=held.title, on_progress=on_progress, cancelled=cancelled
    )


def _note_failure(station: Station, held: Claim, error: BroadcastError) -> None:
    log.warning("render.failed", extra={"job": held.job_id, "error": str(error)})
    with unit_of_work(station.sessions) as session:
        rendering.fail(session, held, error, station.clock.now())
