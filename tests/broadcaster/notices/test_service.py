"""Channels and the outbox."""

from datetime import timedelta

import pytest
from nacl.exceptions import CryptoError
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.notices import posting, service
from broadcaster.notices.errors import BadAddress, BadChannelName, NoKinds
from broadcaster.notices.models import CHOSEN, Channel, Delivery, Kind
from broadcaster.notices.service import WAITS, Event, File
from content.kernel.nodes import Node, NodeKind, add_node
from tests.conftest import HandClock

KEY = b"k" * 32
URL = "json://user:secret@127.0.0.1:9/hook"


@pytest.fixture
def commune(session: Session) -> Node:
    return add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")


def channel(session: Session, commune: Node, clock: HandClock, *kinds: Kind) -> Channel:
    address = posting.address(URL)
    return service.add_channel(session, commune, KEY, "Trực ban", address, kinds or CHOSEN, None, clock.now())


def deliveries(session: Session) -> list[Delivery]:
    return list(session.scalars(select(Delivery)))


def offline(village: str = "Ún Tà", key: str = "player 1") -> Event:
    return Event(Kind.PLAYER_OFFLINE, key, {"village": village})


def test_an_event_goes_to_the_channels_that_are_for_it(session: Session, commune: Node, clock: HandClock) -> None:
    """Only who asked for a kind is told of it."""
    wanted = channel(session, commune, clock, Kind.PLAYER_OFFLINE, Kind.REPORT)
    channel(session, commune, clock, Kind.ALERT_STARTED)
    assert service.notify(session, commune, offline(), clock.now()) == 1
    assert [one.channel_id for one in deliveries(session)] == [wanted.id]


def test_an_event_is_told_once(session: Session, commune: Node, clock: HandClock) -> None:
    """The same key does nothing again; another one does."""
    channel(session, commune, clock)
    service.notify(session, commune, offline(), clock.now())
    assert service.notify(session, commune, offline(), clock.now()) == 0
    assert service.notify(session, commune, offline(key="player 2"), clock.now()) == 1
    assert len(deliveries(session)) == 2


def test_a_report_takes_its_files_along(session: Session, commune: Node, clock: HandClock) -> None:
    """What was attached is there when it is posted."""
    channel(session, commune, clock, Kind.REPORT)
    file = File("thang-11.pdf", "application/pdf", b"%PDF")
    assert service.send(session, commune, "Tháng 11", "Gửi báo cáo.", [file], now=clock.now()) == 1
    due = service.next_due(session, clock.now())
    assert due is not None
    assert [(one.name, one.content) for one in due.notice.attachments] == [("thang-11.pdf", b"%PDF")]


def test_the_secret_of_an_address_is_neither_shown_nor_stored(
    session: Session, commune: Node, clock: HandClock
) -> None:
    """The password is in no column; only the right key opens it."""
    made = channel(session, commune, clock)
    assert "secret" not in made.shown
    assert b"secret" not in made.address_sealed
    assert service.address_of(made, KEY) == URL
    with pytest.raises(CryptoError):
        service.address_of(made, b"x" * 32)


def test_what_is_shown_of_an_address_is_what_people_know() -> None:
    """Where it leads; neither Apprise's own settings nor what stands behind a question mark, a token perhaps."""
    assert posting.address("jsons://a.example/tin?token=abc").shown == "jsons://a.example/tin"
    assert posting.address("mailto://a.example?to=ban@xa.example&from=x@a.example").shown.endswith("/ban@xa.example")


@pytest.mark.parametrize("typed", ["", "nonsense", "nonsense://x", "syslog://", "https://", "mailto://\n"])
def test_what_leads_nowhere_is_refused(typed: str) -> None:
    """An address that cannot be sent to is said so when it is typed, not when it is needed."""
    with pytest.raises(BadAddress):
        posting.address(typed)


def test_a_channel_needs_a_name_and_something_to_tell(session: Session, commune: Node, clock: HandClock) -> None:
    """A channel without either would help nobody."""
    address = posting.address(URL)
    with pytest.raises(BadChannelName):
        service.add_channel(session, commune, KEY, "  ", address, CHOSEN, None, clock.now())
    with pytest.raises(NoKinds):
        service.add_channel(session, commune, KEY, "Trực ban", address, ["nonsense"], None, clock.now())


def test_only_one_worker_takes_a_delivery_on(session: Session, commune: Node, clock: HandClock) -> None:
    """Who looked at the same moment finds it taken."""
    channel(session, commune, clock)
    service.notify(session, commune, offline(), clock.now())
    due = service.next_due(session, clock.now())
    assert due is not None
    session.expunge(due)
    assert service.claim(session, due, clock.now())
    assert not service.claim(session, due, clock.now())


def test_a_failure_is_tried_again_ever_later_and_at_last_given_up(
    session: Session, commune: Node, clock: HandClock
) -> None:
    """Between two tries the wait never shrinks, and it ends."""
    channel(session, commune, clock)
    service.notify(session, commune, offline(), clock.now())
    waits = []
    while due := service.next_due(session, clock.now()):
        service.claim(session, due, clock.now())
        service.settle(session, due.id, "connection refused", clock.now())
        waits.append(due.next_try_at - clock.now())
        clock.at = due.next_try_at
    assert len(waits) == len(WAITS) + 1
    assert waits == sorted(waits)
    assert deliveries(session)[0].given_up_at is not None


def test_a_removed_channel_is_told_nothing(session: Session, commune: Node, clock: HandClock) -> None:
    """Neither what is new nor what still waits; brought back, it gets what waits."""
    made = channel(session, commune, clock)
    service.notify(session, commune, offline(), clock.now())
    service.set_removed(session, made, None, clock.now(), removed=True)
    assert service.next_due(session, clock.now() + timedelta(days=1)) is None
    assert service.notify(session, commune, offline(key="player 2"), clock.now()) == 0
    service.set_removed(session, made, None, clock.now(), removed=False)
    assert service.next_due(session, clock.now()) is not None
