"""Feeds of warnings, polled from a real web server on loopback."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from broadcaster.alerts import phrases
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.alerts.incoming import sources
from broadcaster.alerts.incoming.models import Message, Source, State
from broadcaster.jobs.polling import SILENT_AFTER, poll_sources
from broadcaster.notices import posting
from broadcaster.notices import service as notices
from broadcaster.notices.models import CHOSEN, Notice
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from schedules import service as schedules
from tests.broadcaster.alerts.cap.messages import NOW, alert
from tests.conftest import HandClock


@dataclass
class Web:
    """What a web server holds, and what it was asked."""

    port: int = 0
    pages: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    unchanged: int = 0

    def put(self, *names: str) -> None:
        """A feed of these messages, newest first."""
        links = "".join(
            f'<entry><id>{name}</id><link type="application/cap+xml" href="/{name}"/></entry>' for name in names[::-1]
        )
        self.pages["/feed"] = f'<feed xmlns="http://www.w3.org/2005/Atom">{links}</feed>'.encode()


@pytest.fixture
def web() -> Iterator[Web]:
    held = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            held.asked.append(self.path)
            body = held.pages.get(self.path)
            etag = f'"{hash(body)}"'
            if self.path in held.moved:
                self.send_response(302)
                self.send_header("Location", held.moved[self.path])
            elif body is None:
                self.send_response(404)
            elif self.headers.get("If-None-Match") == etag:
                held.unchanged += 1
                self.send_response(304)
                body = None
            else:
                self.send_response(200)
                self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield held
    server.shutdown()
    server.server_close()


@pytest.fixture
def commune(station: Station, clock: HandClock) -> Node:
    clock.at = NOW
    with unit_of_work(station.sessions) as session:
        made = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        village = add_node(session, NodeKind.VILLAGE, "un-ta", "Ún Tà", parent=made)
        schedules.add_village_airing(session, village)
        phrases.seed(session, made, clock.now())
        return made


def add(station: Station, commune: Node, web: Web, **wanted: Any) -> None:
    with unit_of_work(station.sessions) as session:
        url = f"http://127.0.0.1:{web.port}/feed"
        sources.add(session, commune, sources.Wanted("Tỉnh", url, **wanted), None, station.clock.now())


def messages(station: Station) -> list[Message]:
    with unit_of_work(station.sessions, writes=False) as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def source(station: Station) -> Source:
    with unit_of_work(station.sessions, writes=False) as session:
        return session.scalars(select(Source)).one()


def test_what_is_new_is_taken_in_once(station: Station, commune: Node, web: Web, clock: HandClock) -> None:
    """Unchanged feeds cost one small answer; a message is fetched once."""
    web.pages["/1"] = to_xml(alert())
    web.put("1")
    add(station, commune, web)
    for _ in range(3):
        poll_sources(station)
        clock.pass_by(seconds=60)
    assert [one.state for one in messages(station)] == [State.WAITING]
    assert web.asked.count("/1") == 1
    assert web.unchanged == 2


def test_each_feed_has_its_own_pace(station: Station, commune: Node, web: Web, clock: HandClock) -> None:
    """Between two looks nothing is asked."""
    web.put()
    add(station, commune, web, poll_seconds=300)
    poll_sources(station)
    clock.pass_by(seconds=299)
    poll_sources(station)
    assert web.asked == ["/feed"]


def test_a_message_that_could_not_be_fetched_is_tried_again(
    station: Station, commune: Node, web: Web, clock: HandClock
) -> None:
    """The others are taken in meanwhile, and the feed is read again although it has not changed."""
    web.pages["/1"] = to_xml(alert())
    web.put("1", "2")
    add(station, commune, web)
    poll_sources(station)
    assert len(messages(station)) == 1
    assert "404" in source(station).error
    web.pages["/2"] = to_xml(alert(identifier="laocai-2"))
    clock.pass_by(seconds=60)
    poll_sources(station)
    assert len(messages(station)) == 2
    assert (source(station).error, web.asked.count("/1")) == ("", 1)


def test_a_feed_that_stays_silent_is_told_once(station: Station, commune: Node, web: Web, clock: HandClock) -> None:
    """Warnings that cannot be fetched must not look like a quiet day."""
    add(station, commune, web)
    with unit_of_work(station.sessions) as session:
        address = posting.address("json://127.0.0.1:9/")
        notices.add_channel(session, commune, b"k" * 32, "Trực ban", address, CHOSEN, None, clock.now())
    for _ in range(30):
        poll_sources(station)
        clock.pass_by(seconds=SILENT_AFTER.total_seconds() / 10)
    with unit_of_work(station.sessions, writes=False) as session:
        (notice,) = session.scalars(select(Notice))
    assert notice.facts["source"] == "Tỉnh"
    assert len(web.asked) < 30
    web.put()
    clock.pass_by(minutes=10)
    poll_sources(station)
    assert source(station).failing_since is None


def test_a_redirect_is_followed_but_not_without_end(
    station: Station, commune: Node, web: Web, clock: HandClock
) -> None:
    """Some feeds move; a circle of addresses is a failure."""
    web.pages["/new"] = to_xml(alert())
    web.moved["/feed"] = "/new"
    add(station, commune, web)
    poll_sources(station)
    assert len(messages(station)) == 1
    web.moved["/feed"] = "/feed"
    clock.pass_by(seconds=60)
    poll_sources(station)
    assert source(station).error


def test_an_entry_cannot_lead_into_this_network(station: Station, commune: Node, web: Web, clock: HandClock) -> None:
    """Neither directly nor by a redirect; another port of the same machine is another host."""
    web.pages["/feed"] = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>x</id><link href="http://127.0.0.1:1/x"/></entry>'
        b'<entry><id>y</id><link href="/y"/></entry></feed>'
    )
    web.moved["/y"] = "http://127.0.0.1:1/x"
    add(station, commune, web)
    poll_sources(station)
    assert messages(station) == []
    assert source(station).error == "FeedForbidden http://127.0.0.1:1/x"


def test_what_was_removed_is_not_polled(station: Station, commune: Node, web: Web, clock: HandClock) -> None:
    """Restored, it is looked at again at once."""
    web.put()
    add(station, commune, web)
    with unit_of_work(station.sessions) as session:
        sources.set_removed(session, session.get_one(Source, 1), None, clock.now(), removed=True)
    poll_sources(station)
    assert web.asked == []
    with unit_of_work(station.sessions) as session:
        sources.set_removed(session, session.get_one(Source, 1), None, clock.now() + timedelta(0), removed=False)
    poll_sources(station)
    assert web.asked == ["/feed"]
