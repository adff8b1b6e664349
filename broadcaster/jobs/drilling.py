"""Drills in the worker: the clock asks each half minute whether one is due; without one it costs a small read."""

import logging

from sqlalchemy.exc import IntegrityError

from broadcaster.alerts import drills
from broadcaster.fleet import lives
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune

log = logging.getLogger(__name__)


def drill_if_due(station: Station) -> None:
    """Raise the drill whose time has come; none while nobody has looked at a restored server."""
    now = station.clock.now()
    with unit_of_work(station.sessions, writes=False) as session:
        commune = the_commune(session)
        if commune is None or lives.held(session) or not drills.due(session, commune, now):
            return
    try:
        with unit_of_work(station.sessions) as session:
            drills.raise_due(session, station.signer, commune, now)
    except IntegrityError:
        log.info("drill.raised_by_another")
