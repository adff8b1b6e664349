"""Looking at the feeds of warnings, by the worker's clock: fetched outside of any transaction, then taken in."""

import logging
from datetime import timedelta

import httpx2

from broadcaster.alerts.incoming import feeds, service, sources
from broadcaster.alerts.incoming.errors import FeedBroken, FeedPuzzling
from broadcaster.alerts.incoming.feeds import MOST_SEEN, Found, Look
from broadcaster.alerts.incoming.models import Source
from broadcaster.alerts.incoming.service import Via
from broadcaster.notices import service as notices
from broadcaster.notices.models import Kind
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node

log = logging.getLogger(__name__)
SILENT_AFTER = timedelta(minutes=30)
"""So long a feed may fail before people are told."""
_SLOWEST = timedelta(minutes=10)


def poll_sources(station: Station) -> None:
    """Look at each feed that is due; one that fails holds up no other."""
    with unit_of_work(station.sessions, writes=False) as session:
        due = sources.due(session, station.clock.now())
    if not due:
        return
    with feeds.open_client() as client:
        for source in due:
            poll(station, client, source)


def poll(station: Station, client: httpx2.Client, source: Source) -> None:
    """Look at one feed and take in what is new. A failure is kept with the source, never raised."""
    try:
        found = feeds.look(Look(source.url, source.etag, source.modified, source.seen), client)
    except FeedBroken as error:
        _fail(station, source, error)
        return
    except Exception as error:
        log.exception("feed.crashed", extra={"source": source.id})
        _fail(station, source, FeedPuzzling(type(error).__name__))
        return
    _take(station, source, found)


def _take(station: Station, source: Source, found: Found) -> None:
    """Each message in a transaction of its own: one that cannot be kept costs no other."""
    for entry in found.messages:
        with unit_of_work(station.sessions) as session:
            fresh = session.get_one(Source, source.id)
            if fresh.url != source.url or fresh.removed_at:  # changed while we fetched
                return
            commune = session.get_one(Node, fresh.node_id)
            message = service.receive(session, station.signer, commune, entry.xml, Via(fresh), station.clock.now())
            fresh.seen = [*(name for name in fresh.seen if name != entry.name), entry.name][-MOST_SEEN:]
            log.info("cap.received", extra={"source": source.id, "decision": message.decision, "state": message.state})
    now = station.clock.now()
    with unit_of_work(station.sessions) as session:
        fresh = session.get_one(Source, source.id)
        if fresh.url == source.url:
            fresh.etag, fresh.modified = found.etag, found.modified
            fresh.fetched_at, fresh.failing_since = now, None
            fresh.error = found.problems[0] if found.problems else ""
            fresh.next_poll_at = now + timedelta(seconds=fresh.poll_seconds)


def _fail(station: Station, source: Source, error: FeedBroken) -> None:
    now = station.clock.now()
    log.warning("feed.failed", extra={"source": source.id, "error": error.noted})
    with unit_of_work(station.sessions) as session:
        fresh = session.get_one(Source, source.id)
        since = fresh.failing_since or now
        fresh.failing_since, fresh.error = since, error.noted
        wait = timedelta(seconds=fresh.poll_seconds)
        fresh.next_poll_at = now + min(max(wait, now - since), max(wait, _SLOWEST))
        if now - since >= SILENT_AFTER:
            facts: dict[str, notices.Fact] = {"source": fresh.name, "since_at": since, "link": "/settings/warnings"}
            event = notices.Event(Kind.SOURCE_SILENT, f"{fresh.uuid} {since.isoformat()}", facts)
            notices.notify(session, session.get_one(Node, fresh.node_id), event, now)
