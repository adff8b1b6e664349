"""What stands in a feed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.alerts.incoming.errors import FeedBroken
from broadcaster.alerts.incoming.feeds import entries, is_public
from tests.broadcaster.alerts.cap.messages import xml

BASE = "https://canhbao.example/feed/atom.xml"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Cảnh báo</title>
<entry><id>b</id><updated>2</updated><link rel="alternate" type="text/html" href="/b.html"/>
<link type="application/cap+xml" href="../b.cap"/></entry>
<entry><id>a</id><updated>1</updated><link href="https://khac.example/a.cap"/></entry>
<entry><id>c</id></entry></feed>"""
RSS = """<rss version="2.0"><channel><title>x</title>
<item><guid>2</guid><link>https://canhbao.example/2.html</link>
<enclosure type="application/cap+xml" url="https://canhbao.example/2.cap"/></item>
<item><guid>1</guid><link>https://canhbao.example/1.cap</link></item></channel></rss>"""


def test_atom_gives_the_message_rather_than_the_page_oldest_first() -> None:
    """So that an alert comes before its update; an entry without an address is passed over."""
    assert [(entry.name, entry.url) for entry in entries(ATOM.encode(), BASE)] == [
        ("a|1", "https://khac.example/a.cap"),
        ("b|2", "https://canhbao.example/b.cap"),
    ]


def test_rss_does_too() -> None:
    """An enclosure of the right kind goes before the link."""
    urls = [entry.url for entry in entries(RSS.encode(), BASE)]
    assert urls == ["https://canhbao.example/1.cap", "https://canhbao.example/2.cap"]


def test_a_message_may_stand_in_the_entry() -> None:
    """Then nothing more is fetched."""
    message = xml().partition("?>")[2]
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id><content>{message}</content></entry></feed>'
    (entry,) = entries(feed.encode(), BASE)
    assert b"urn:oasis:names:tc:emergency:cap:1.2" in entry.xml


def test_a_message_alone_is_a_feed_of_one() -> None:
    """Some senders keep the newest at one address."""
    assert entries(xml().encode(), BASE)[0].xml == xml().encode()


@pytest.mark.parametrize("body", [b"", b"<html/>", b"<!DOCTYPE x><feed/>", b"\xff\xfe"])
def test_what_is_no_feed_is_said(body: bytes) -> None:
    """An address typed wrongly must not look like a quiet day."""
    with pytest.raises(FeedBroken):
        entries(body, BASE)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost/x", "http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "x:"],
)
def test_addresses_of_this_network_are_not_public(url: str) -> None:
    """A feed cannot make the server look where only it can."""
    assert not is_public(url)


@given(st.integers(0, len(ATOM) - 1), st.text(max_size=4))
def test_no_damage_makes_another_error(at: int, noise: str) -> None:
    """Entries come out, or it is said that it is broken."""
    try:
        entries((ATOM[:at] + noise + ATOM[at + 1 :]).encode("utf-8", "surrogatepass"), BASE)
    except FeedBroken:
        return
