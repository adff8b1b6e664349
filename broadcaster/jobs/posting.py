"""Posting of notices in a thread of the worker: one after the other, each kept or to be tried again."""

import logging
import socket
import threading

from broadcaster import i18n
from broadcaster.notices import posting, service
from broadcaster.notices.models import Delivery
from broadcaster.notices.service import File
from broadcaster.notices.words import Words, said
from broadcaster.settings import Settings
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node

log = logging.getLogger(__name__)
LOOK_AGAIN_S = 1.0


def post_for_ever(station: Station, stop: threading.Event) -> None:
    """Post one notice after the other until told to stop."""
    while not stop.is_set():
        try:
            worked = post_next(station)
        except Exception:  # the edge of the thread: the next notice must find it alive
            log.exception("notice.loop_failed")
            stop.wait(LOOK_AGAIN_S)
            worked = False
        if not worked:
            stop.wait(LOOK_AGAIN_S)


def post_next(station: Station) -> bool:
    """Post what is due, if anything is. A failure is kept with it, never raised."""
    with unit_of_work(station.sessions, writes=False) as session:
        due = service.next_due(session, station.clock.now())
        if due is None:
            return False
        commune = session.get_one(Node, due.notice.node_id)
    with unit_of_work(station.sessions) as session:
        if not service.claim(session, due, station.clock.now()):
            return True
    error = _post(station, commune, due)
    log.info("notice.posted", extra={"delivery": due.id, "kind": due.notice.kind, "error": error or ""})
    with unit_of_work(station.sessions) as session:
        service.settle(session, due.id, error, station.clock.now())
    return True


def _post(station: Station, commune: Node, due: Delivery) -> str | None:
    try:
        url = service.address_of(due.channel, station.signer.secret_for(service.SEAL))
        files = [File(one.name, one.mime, one.content) for one in due.notice.attachments]
        return posting.post(url, _words(station, commune, due), files)
    except Exception as error:
        log.exception("notice.crashed", extra={"delivery": due.id})
        return type(error).__name__


def _pages(settings: Settings) -> str:
    """Where people open the pages; where nobody said it, at least those in this network can."""
    host = socket.gethostname() if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - a comparison
    return settings.public_url.rstrip("/") or f"http://{host}:{settings.port}"


def _words(station: Station, commune: Node, due: Delivery) -> Words:
    facts = dict(due.notice.facts)
    if link := facts.get("link"):
        facts["link"] = f"{_pages(station.settings)}{link}"
    return said(i18n.load(station.settings.language), commune.zone, due.notice.kind, facts)
