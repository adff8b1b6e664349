"""Planning in the worker: what was asked for is planned and published; a tick without a wish costs one small read."""

import logging

from broadcaster.publishing import service as publishing
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune

log = logging.getLogger(__name__)


def plan_if_wanted(station: Station) -> None:
    """Plan and publish the commune's programme if anything changed since the last time."""
    with unit_of_work(station.sessions, writes=False) as session:
        commune = the_commune(session)
        if commune is None or not publishing.is_wanted(session, commune):
            return
    with unit_of_work(station.sessions) as session:
        changed = publishing.plan_and_publish(session, commune, station.press(), station.clock.now())
    log.info("plan.published", extra={"commune": commune.slug, "manifests": changed})


def want_everywhere(station: Station) -> None:
    """Have the commune planned anew at the next tick: at the start, as the horizon rolls on, after a lost tick."""
    with unit_of_work(station.sessions) as session:
        if commune := the_commune(session):
            publishing.want_plan(session, commune)
