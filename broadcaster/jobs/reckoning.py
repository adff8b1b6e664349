"""The log in the worker: each minute what is over gets its outcome; a backlog is settled a window at a time."""

import logging

from broadcaster.asrun.settling import settle
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune

log = logging.getLogger(__name__)


def settle_log(station: Station) -> None:
    """Bring the log up to now; between two windows others may write."""
    is_behind, windows = True, 0
    while is_behind:
        with unit_of_work(station.sessions) as session:
            commune = the_commune(session)
            is_behind = commune is not None and settle(session, commune, station.clock.now())
        windows += 1
    if windows > 1:
        log.info("log.caught_up", extra={"windows": windows})
