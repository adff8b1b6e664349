"""Feeds of warnings (Atom, RSS): what stands in one, and fetching politely what is new. Nothing is stored here.

Only http and https, a few redirects, bounded sizes. An entry may lead to another host, but never from the outside into
this network: whoever writes a feed could else make the server look at addresses that only it can reach.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx2
from lxml import etree

from broadcaster.alerts.cap.parsing import MAX_BYTES, NAMESPACE, read_xml
from broadcaster.alerts.errors import BadCap
from broadcaster.alerts.incoming.errors import (
    FeedAnswered,
    FeedBroken,
    FeedEndless,
    FeedForbidden,
    FeedTooLarge,
    FeedUnreachable,
    FeedUnreadable,
    NoFeed,
)

CAP_TYPE: Final = "application/cap+xml"
MOST_ENTRIES: Final = 200
"""Of one feed at one look, newest first as feeds have them."""
MOST_SEEN: Final = 1000
_ATOM = "{http://www.w3.org/2005/Atom}"
_TIMEOUT = httpx2.Timeout(20.0, connect=10.0)
_REDIRECTS = 3
_PORTS = {"http": 80, "https": 443}


class Entry(NamedTuple):
    """One entry: what names it and its newest version, and where its message is (or the message itself)."""

    name: str
    url: str = ""
    xml: bytes = b""


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a feed before a look."""

    url: str
    etag: str = ""
    modified: str = ""
    seen: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found: new messages with the names of their entries, and what to ask with next time.

    `problems`: of entries that could not be fetched, as `FeedBroken.noted`; they are tried again at the next look.
    """

    messages: tuple[Entry, ...]
    etag: str
    modified: str
    problems: tuple[str, ...] = ()


def look(before: Look, client: httpx2.Client) -> Found:
    """Look at a feed. Raises FeedBroken."""
    asked = {"If-None-Match": before.etag, "If-Modified-Since": before.modified}
    status, body, headers = fetch(client, before.url, {name: value for name, value in asked.items() if value})
    if status == httpx2.codes.NOT_MODIFIED:
        return Found((), before.etag, before.modified)
    found, problems = [], []
    for entry in entries(body, before.url):
        if entry.name in before.seen:
            continue
        try:
            found.append(entry if entry.xml else entry._replace(xml=_message(client, entry.url, before.url)))
        except FeedBroken as error:
            problems.append(error.noted)
    # With an entry left out the feed must be read again although it has not changed.
    etag, modified = ("", "") if problems else (headers.get("etag", ""), headers.get("last-modified", ""))
    return Found(tuple(found), etag[:300], modified[:64], tuple(problems))


def entries(body: bytes, base: str) -> list[Entry]:
    """What a feed lists, oldest first, so that an alert comes before its update; a lone message is a feed of one.

    Raises FeedBroken.
    """
    try:
        root = read_xml(body)
    except BadCap as error:
        raise FeedUnreadable(str(error)) from None
    if root.tag == f"{{{NAMESPACE}}}alert":
        return [Entry(base, "", body)]
    listed = [_atom(node, base) for node in root.iterfind(f"{_ATOM}entry")] or [
        _rss(node, base) for node in root.iter("item")
    ]
    if not listed and root.tag not in {f"{_ATOM}feed", "rss"}:
        raise NoFeed
    return [entry for entry in listed[:MOST_ENTRIES] if entry.url or entry.xml][::-1]


def open_client() -> httpx2.Client:
    """A client that gives up soon and says who it is."""
    return httpx2.Client(timeout=_TIMEOUT, headers={"User-Agent": "village-broadcaster"}, follow_redirects=False)


def fetch(
    client: httpx2.Client, url: str, headers: dict[str, str], allowed: Callable[[str], bool] = lambda _url: True
) -> tuple[int, bytes, httpx2.Headers]:
    """Status, body (at most `MAX_BYTES`) and headers of an address, after some redirects. Raises FeedBroken."""
    for _ in range(_REDIRECTS + 1):
        if urlsplit(url).scheme not in _PORTS or not allowed(url):
            raise FeedForbidden(url[:200])
        try:
            with client.stream("GET", url, headers=headers) as answer:
                if answer.has_redirect_location:
                    url = urljoin(url, answer.headers["location"])
                    continue
                if answer.status_code == httpx2.codes.NOT_MODIFIED:
                    return answer.status_code, b"", answer.headers
                if answer.status_code != httpx2.codes.OK:
                    raise FeedAnswered(str(answer.status_code))
                return answer.status_code, _bounded(answer), answer.headers
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise FeedUnreachable(f"{type(error).__name__}: {str(error)[:160]}") from None
    raise FeedEndless


def _bounded(answer: httpx2.Response) -> bytes:
    body = b""
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > MAX_BYTES:
            raise FeedTooLarge
    return body


def _message(client: httpx2.Client, url: str, feed: str) -> bytes:
    return fetch(client, url, {"Accept": CAP_TYPE}, lambda target: _is_same_host(target, feed) or is_public(target))[1]


def _is_same_host(url: str, feed: str) -> bool:
    return _host(url) == _host(feed)


def _host(url: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.hostname, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None, None


def is_public(url: str) -> bool:
    """Whether an address leads out into the internet, by all that its name resolves to."""
    host, port = _host(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(str(one[4][0]).partition("%")[0]).is_global for one in found)


def _atom(node: etree._Element, base: str) -> Entry:
    inline = node.find(f"{_ATOM}content/{{{NAMESPACE}}}alert")
    links = list(node.iterfind(f"{_ATOM}link"))
    typed = [link for link in links if link.get("type") == CAP_TYPE]
    plain = [link for link in links if link.get("rel", "alternate") in {"alternate", "enclosure"}]
    href = next((link.get("href", "") for link in (*typed, *plain)), "")
    url = _joined(base, href)
    stamp = "|".join((_said(node, f"{_ATOM}id") or url, _said(node, f"{_ATOM}updated")))
    return Entry(stamp[:500], url, b"" if inline is None else bytes(etree.tostring(inline, encoding="UTF-8")))


def _rss(node: etree._Element, base: str) -> Entry:
    enclosed = next(_hrefs(node), "")
    url = _joined(base, enclosed or _said(node, "link"))
    return Entry("|".join((_said(node, "guid") or url, _said(node, "pubDate")))[:500], url)


def _hrefs(node: etree._Element) -> Iterator[str]:
    for enclosure in node.iterfind("enclosure"):
        if enclosure.get("type") == CAP_TYPE:
            yield enclosure.get("url", "")


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip()) if href.strip() else ""
    except ValueError:
        return ""


def _said(node: etree._Element, name: str) -> str:
    return " ".join((node.findtext(name) or "").split())
