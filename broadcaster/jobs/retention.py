"""Retention in the worker: some times a day what is older than the rules is kept in files and deleted."""

from broadcaster.retention import service
from broadcaster.station import Station


def retire_old_rows(station: Station) -> None:
    """Keep and delete what is due."""
    service.tidy(station)
