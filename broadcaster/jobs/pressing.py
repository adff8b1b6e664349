"""Making what villages' players need of each master: other codecs, and sound shaped for horns."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out import service as rendering
from audio_out.assembly import Studio
from audio_out.mastering.formats import USUAL, Format
from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content import queries as content
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune
from content.kernel.units import Sha256
from content.workflow import State
from schedules import queries as schedules

log = logging.getLogger(__name__)
REST = timedelta(hours=1)


class Missing(NamedTuple):
    """A master that lacks a format which some village of its commune needs."""

    commune_id: int
    rendition_id: int
    master: Sha256
    wanted: Format

    @property
    def key(self) -> tuple[int, Format]:
        """What it is about."""
        return self.rendition_id, self.wanted


class Presses:
    """Makes one missing deliverable after the other; what fails rests for a while and keeps nobody waiting."""

    def __init__(self, station: Station, studio: Studio) -> None:
        self._station, self._studio = station, studio
        self._resting: dict[tuple[int, Format], datetime] = {}

    def press_next(self) -> bool:
        """Make one missing deliverable, if any is missing, and have the commune planned with it."""
        now = self._station.clock.now()
        with unit_of_work(self._station.sessions, writes=False) as session:
            lacking = _missing(session, now)
            missing = next((one for one in lacking if self._resting.get(one.key, now) <= now), None)
        if missing is None:
            return False
        try:
            self._press(missing)
        except Exception:  # whatever it was, the others must not wait for it
            self._resting[missing.key] = now + REST
            log.exception("press.failed", extra={"rendition": missing.rendition_id})
        return True

    def _press(self, missing: Missing) -> None:
        wanted = missing.wanted
        made = self._studio.deliver(missing.master, codec=wanted.codec, preset=wanted.preset)
        with unit_of_work(self._station.sessions) as session:
            rendering.keep_deliverable(session, missing.rendition_id, made, wanted)
            publishing.want_plan(session, session.get_one(Node, missing.commune_id))
        log.info("press.finished", extra={"rendition": missing.rendition_id, "format": wanted.name})


def _missing(session: Session, now: datetime) -> Iterator[Missing]:
    """What is approved comes first; what waits for approval is made ready, so that it can air as soon as it may."""
    commune = the_commune(session)
    wanted = _wanted(session, commune) if commune else []
    if commune is None or not wanted:
        return
    today = now.astimezone(commune.zone).date()
    airable = content.airable(session, commune, today)
    waiting = content.all_latest(session, commune, states=(State.IN_REVIEW,))
    for sounds in audio.sounds(session, [*airable, *waiting]).values():
        for rendition in (sound.rendition for sound in sounds.values()):
            for one in wanted:
                if audio.in_format(rendition, one) is None:
                    yield Missing(commune.id, rendition.id, Sha256(rendition.sha256), one)


def _wanted(session: Session, commune: Node) -> list[Format]:
    airings = schedules.village_airings(session, commune)
    return sorted({Format.named(f"{airing.codec}/{airing.preset}") for airing in airings} - {USUAL})
