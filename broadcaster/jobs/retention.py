"""Retention in the worker: some times a day what is older than the rules is exported, and what was exported goes."""

from broadcaster.retention import service
from broadcaster.retention.service import Archive
from broadcaster.station import Station


def archive_of(station: Station) -> Archive:
    """What retention works on."""
    return Archive(station.sessions, station.store, station.settings)


def retire_old_rows(station: Station) -> None:
    """Export and remove what is due."""
    service.tidy(archive_of(station), station.clock.now())


def put_back(station: Station) -> None:
    """Put back what somebody wants back; a tick without a wish costs one small read."""
    service.put_back(archive_of(station), station.clock.now())
