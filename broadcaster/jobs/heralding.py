"""The alerts' own process: always warm, it makes nothing but their sounds, so that no long programme delays one.

What somebody waits for is spoken at once by the embedded voice, in a thread of its own; beside it every prepared
phrase is kept rendered, in each format that a village needs, by the best voice that answers.
"""

import itertools
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from audio_out.assembly import Deliverable, Studio
from audio_out.mastering.formats import Format
from broadcaster.alerts import phrases, sounds
from broadcaster.alerts import service as alerts
from broadcaster.alerts.calls import Line, Signal
from broadcaster.alerts.models import AlertSound
from broadcaster.jobs.worker import open_studio
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content.kernel.changes import Changes
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from content.languages import VIETNAMESE

log = logging.getLogger(__name__)
LOOK_FOR_URGENT_S = 0.02
LOOK_FOR_URGENT_S_BY_QUESTION = 0.1
ANYWAY_EACH = 25
"""Each so many turns it is looked though nobody has committed anything: what failed or rested may be tried again."""
LOOK_FOR_OTHERS_S = 2.0
REST = timedelta(minutes=1)
_SIGNALS = {Signal.SIREN: Priority.EMERGENCY, Signal.CHIME: Priority.ROUTINE}
_WARM_UP = "Thông báo khẩn."


def herald(station: Station, stop: threading.Event) -> None:
    """Make alerts' sounds until `stop` is set."""
    studio = open_studio(station)
    beside = threading.Thread(target=_keep_ready, args=[Herald(station, studio), stop], name="phrases", daemon=True)
    beside.start()
    _warm_up(studio)
    log.info("herald.started")
    urgent = Herald(station, studio)
    changes = Changes(station.settings.database)
    pause = LOOK_FOR_URGENT_S if changes.are_known else LOOK_FOR_URGENT_S_BY_QUESTION
    turns = itertools.count()
    try:
        while not stop.is_set():
            if not _at_the_edge(lambda: _look(urgent, changes, next(turns))):
                stop.wait(pause)
    finally:
        stop.set()
        changes.close()
        studio.close()
        log.info("herald.stopped")


class Herald:
    """Makes one sound after the other; what fails rests for a minute and keeps nobody waiting."""

    def __init__(self, station: Station, studio: Studio) -> None:
        self._station, self._studio = station, studio
        self._resting: dict[int, datetime] = {}

    def make_urgent(self) -> bool:
        """Make the next sound that somebody waits for, and issue the alerts that lacked only that; whether any was."""
        made = self._make(urgent=True)
        now = self._station.clock.now()
        with unit_of_work(self._station.sessions, writes=False) as session:
            if not alerts.any_incomplete(session, now):
                return made
        with unit_of_work(self._station.sessions) as session:
            return alerts.complete(session, self._station.signer, now) > 0 or made

    def make_ready(self) -> bool:
        """See to it that every phrase is there in each format; make the next one that is not. Whether any was made."""
        now = self._station.clock.now()
        with unit_of_work(self._station.sessions, writes=False) as session:
            commune = the_commune(session)
            if commune is None:
                return False
            is_seeded = len(phrases.all_of(session, commune)) >= len(phrases.shipped())
            palette = sounds.palette(session, commune)
            is_wanted = sounds.are_wanted(session, palette.always() + palette.soon(), palette.formats)
        if not is_seeded or not is_wanted:
            with unit_of_work(self._station.sessions) as session:
                phrases.seed(session, commune, now)
                palette = sounds.palette(session, commune)
                sounds.want(session, palette.always() + palette.soon(), palette.formats, now)
        return self._make(urgent=False)

    def _make(self, *, urgent: bool) -> bool:
        now = self._station.clock.now()
        resting = [sound for sound, until in self._resting.items() if until > now]
        with unit_of_work(self._station.sessions, writes=False) as session:
            wanted = sounds.next_wanted(session, urgent=urgent, but_not=resting)
        if wanted is None:
            return False
        try:
            made, voice = self._sound(Line.model_validate(wanted.line), Format.named(wanted.format), at_once=urgent)
        except Exception:  # whatever it was, the others must not wait for it
            self._resting[wanted.id] = now + REST
            log.exception("herald.failed", extra={"sound": wanted.id})
            return True
        self._keep(wanted, made, voice)
        return True

    def _sound(self, line: Line, form: Format, *, at_once: bool) -> tuple[Deliverable, str]:
        if line.signal:
            return self._studio.signal(_SIGNALS[line.signal], [form])[form], ""
        if line.take:
            return self._studio.call_of_take(Sha256(line.take), [form])[form], "recording"
        return self._studio.call(line.reading, [form], language=line.language, at_once=at_once)[form]

    def _keep(self, wanted: AlertSound, made: Deliverable, voice: str) -> None:
        with unit_of_work(self._station.sessions) as session:
            sounds.keep(
                session,
                wanted.id,
                sha256=made.sha256,
                mime=made.mime,
                size_bytes=made.size_bytes,
                duration_ms=made.duration_ms,
                voice=voice,
            )
            if not wanted.urgent and (commune := the_commune(session)):
                publishing.want_plan(session, commune)
        log.info("herald.made", extra={"sound": wanted.id, "urgent": wanted.urgent, "voice": voice})


def _keep_ready(herald: Herald, stop: threading.Event) -> None:
    while not stop.is_set():
        if not _at_the_edge(herald.make_ready):
            stop.wait(LOOK_FOR_OTHERS_S)


def _look(urgent: Herald, changes: Changes, turn: int) -> bool:
    return (changes.any() or turn % ANYWAY_EACH == 0) and urgent.make_urgent()


def _at_the_edge(make: Callable[[], bool]) -> bool:
    try:
        return make()
    except Exception:  # the edge of the process: the next alert must find it alive
        log.exception("herald.loop_failed")
        return False


def _warm_up(studio: Studio) -> None:
    """Load voice, filters and encoder before anybody is in a hurry."""
    try:
        studio.call(_WARM_UP, [Format()], language=VIETNAMESE, at_once=True)
    except Exception:
        log.exception("herald.not_warm")
