"""Notices on their way out, to a real mail server and a real webhook on loopback."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from broadcaster.jobs.posting import post_next
from broadcaster.notices import posting, service
from broadcaster.notices.models import CHOSEN, Delivery, Kind
from broadcaster.notices.service import SEAL, Event, File
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from tests.conftest import HandClock


class Letters:
    """What an SMTP server took."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def letters() -> Iterator[tuple[Letters, int]]:
    handler = Letters()
    with socket.create_server(("127.0.0.1", 0)) as probe:  # the controller cannot ask for any port itself
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def hook() -> Iterator[tuple[list[dict[str, Any]], int, list[int]]]:
    """What came, the port, and the statuses that are answered next (200 when none is left)."""
    came: list[dict[str, Any]] = []
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield came, server.server_address[1], statuses
    server.shutdown()
    server.server_close()


@pytest.fixture
def commune(station: Station) -> Node:
    with unit_of_work(station.sessions) as session:
        return add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")


def add(station: Station, commune: Node, url: str) -> None:
    key = station.signer.secret_for(SEAL)
    with unit_of_work(station.sessions) as session:
        address = posting.address(url)
        service.add_channel(session, commune, key, "Trực ban", address, CHOSEN, None, station.clock.now())


def tell(station: Station, commune: Node, key: str = "1") -> None:
    event = Event(Kind.PLAYER_OFFLINE, key, {"village": "Ún Tà", "since_at": station.clock.now()})
    with unit_of_work(station.sessions) as session:
        service.notify(session, commune, event, station.clock.now())


def only(station: Station) -> Delivery:
    with unit_of_work(station.sessions, writes=False) as session:
        return session.scalars(select(Delivery)).one()


def test_a_report_arrives_as_a_letter_with_its_file(
    station: Station, commune: Node, letters: tuple[Letters, int]
) -> None:
    """Subject, text and attachment come through a real SMTP server, Vietnamese letters whole."""
    inbox, port = letters
    add(station, commune, f"mailto://127.0.0.1:{port}?from=radio@xa.example&to=hai@xa.example&mode=insecure")
    with unit_of_work(station.sessions) as session:
        file = File("thang-11.csv", "text/csv", "thôn,phút\nÚn Tà,12\n".encode())
        service.send(session, commune, "Báo cáo tháng 11", "Kính gửi đồng chí.", [file], now=station.clock.now())
    assert post_next(station)
    letter = inbox.taken[0]
    assert letter["subject"] == "Báo cáo tháng 11"
    assert "Kính gửi đồng chí." in letter.get_body(("plain", "html")).get_content()  # type: ignore[union-attr]
    assert next(letter.iter_attachments()).get_payload(decode=True).split() == file.content.split()  # type: ignore[union-attr]
    assert only(station).sent_at is not None


def test_an_event_arrives_at_a_webhook_in_the_language_of_the_pages(
    station: Station, commune: Node, hook: tuple[list[dict[str, Any]], int, list[int]]
) -> None:
    """Facts stand in the words, instants by the commune's clock."""
    came, port, _ = hook
    add(station, commune, f"json://127.0.0.1:{port}/")
    tell(station, commune)
    assert post_next(station)
    assert "Ún Tà" in came[0]["title"]
    assert "17:00:00" in came[0]["message"]
    assert not post_next(station)


def test_a_link_leads_to_where_people_open_the_pages(
    station: Station, commune: Node, hook: tuple[list[dict[str, Any]], int, list[int]]
) -> None:
    """From a telephone nobody opens a path without a host."""
    came, port, _ = hook
    public = replace(station, settings=station.settings.model_copy(update={"public_url": "https://loa.example/"}))
    add(station, commune, f"json://127.0.0.1:{port}/")
    event = Event(Kind.SOURCE_SILENT, "1", {"source": "Tỉnh", "link": "/settings/warnings"})
    with unit_of_work(station.sessions) as session:
        service.notify(session, commune, event, station.clock.now())
    assert post_next(public)
    assert "https://loa.example/settings/warnings" in came[0]["message"]


def test_what_was_not_taken_is_posted_again_later(
    station: Station, commune: Node, clock: HandClock, hook: tuple[list[dict[str, Any]], int, list[int]]
) -> None:
    """A refusal is kept with its reason; after a wait it is tried again and settled."""
    came, port, statuses = hook
    statuses.append(500)
    add(station, commune, f"json://127.0.0.1:{port}/")
    tell(station, commune)
    assert post_next(station)
    assert only(station).error
    assert not post_next(station)
    clock.pass_by(seconds=10)
    assert post_next(station)
    assert len(came) == 2
    assert (only(station).error, only(station).sent_at) == (None, clock.now())


def test_a_channel_that_nobody_answers_holds_up_no_other(
    station: Station, commune: Node, hook: tuple[list[dict[str, Any]], int, list[int]]
) -> None:
    """The dead one waits for its next try while the living one is posted."""
    came, port, _ = hook
    add(station, commune, "json://127.0.0.1:1/")
    add(station, commune, f"json://127.0.0.1:{port}/")
    tell(station, commune)
    while post_next(station):
        pass
    assert len(came) == 1


def test_a_lost_key_is_a_failure_that_is_told(station: Station, commune: Node) -> None:
    """An address that cannot be opened any more settles as a failure, not as a crash of the worker."""
    with unit_of_work(station.sessions) as session:
        address = posting.address("json://127.0.0.1:1/")
        service.add_channel(session, commune, b"x" * 32, "Cũ", address, CHOSEN, None, station.clock.now())
    tell(station, commune)
    assert post_next(station)
    assert only(station).error == "CryptoError"
