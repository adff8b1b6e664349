"""A stranger's stream over HTTP, within bounds: which addresses, how many redirects, how long, how many bytes a second.

Every connection of a relay is made here and checked before a word is sent; the decoder itself has no network. Proxies
of the environment are not used. Runs in the child only; standard library alone, to keep it small.
"""

import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_address
from socket import create_connection, socket
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from broadcaster.player import VERSION

REDIRECTS = 5
TIMEOUT_S = 10.0
BYTES_PER_S = 128 * 1024
"""1 Mbit/s: three times what a station sends; a village may be paying for a mobile line."""
BURST_BYTES = 2 * 1024 * 1024
HEAD_BYTES = 1024
PORTS = {"http": 80, "https": 443}
MOVED = frozenset({301, 302, 303, 307, 308})
OK = 200
URL_SIGNS = "/?%:=&~+!$,;'@()*[]"


class Unreachable(Exception):
    """The stream cannot be fetched; the message says why."""


class Allowance:
    """So many bytes a second on average; who has spent more waits."""

    def __init__(self) -> None:
        self._left = float(BURST_BYTES)
        self._seen = time.monotonic()

    def spend(self, count: int) -> None:
        """Account for bytes that came."""
        now = time.monotonic()
        self._left = min(BURST_BYTES, self._left + (now - self._seen) * BYTES_PER_S) - count
        self._seen = now
        if self._left < 0:
            time.sleep(-self._left / BYTES_PER_S)


class Body:
    """What an address gives, read as it comes. `name` is where it came from in the end."""

    def __init__(self, answer: HTTPResponse, name: str, allowance: Allowance) -> None:
        self.name = name
        self.mime = answer.headers.get_content_type()
        self._answer = answer
        self._allowance = allowance
        self._head = b""

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """Return the first bytes without taking them."""
        while len(self._head) < size and (more := self._come(size)):
            self._head += more
        return self._head[:size]

    def read(self, size: int = 65_536) -> bytes:
        """Return some bytes, as soon as there are any; none at the end."""
        taken, self._head = self._head[:size], self._head[size:]
        return taken or self._come(size)

    def close(self) -> None:
        """Let go of the connection."""
        self._answer.close()

    def _come(self, size: int) -> bytes:
        try:
            came = self._answer.read1(size)
        except (OSError, HTTPException) as error:
            raise Unreachable(f"it broke off: {error!r}") from error
        self._allowance.spend(len(came))
        return came


class _Answer(HTTPResponse):
    """Understands SHOUTcast 1 too, which says `ICY 200 OK`."""

    def _read_status(self) -> tuple[str, int, str]:
        if not self.fp.peek(3).startswith(b"ICY"):
            return super()._read_status()  # type: ignore[misc,no-any-return]
        words = self.fp.readline(1000).decode("latin-1").split(None, 2)
        return "HTTP/1.0", int(words[1]), ""


class Fetcher:
    """Opens addresses for one relay. Into local networks only where the address that an admin typed leads itself."""

    def __init__(self) -> None:
        self._trust = ssl.create_default_context()
        self._allowance = Allowance()
        self._typed: tuple[str, bool] | None = None

    def open(self, url: str) -> Body:
        """Ask for an address, following redirects.

        Raises:
            Unreachable: it is not allowed, does not answer, or answers something else.
        """
        for _ in range(1 + REDIRECTS):
            answer = self._ask(url)
            if answer.status == OK:
                return Body(answer, url, self._allowance)
            answer.close()
            if answer.status not in MOVED:
                raise Unreachable(f"it answers {answer.status}")
            url = urljoin(url, answer.headers.get("Location", ""))
        raise Unreachable("it redirects again and again")

    def _ask(self, url: str) -> HTTPResponse:
        try:
            parts = urlsplit(url)
            if parts.scheme not in PORTS or not parts.hostname:
                raise Unreachable("its address is not one of http or https")
            return self._connected(parts).getresponse()
        except (OSError, HTTPException, ValueError) as error:
            raise Unreachable(f"it does not answer: {error!r}") from error

    def _connected(self, parts: SplitResult) -> HTTPConnection:
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        line = create_connection((host, port), TIMEOUT_S)
        self._check(host, line)
        connection: HTTPConnection
        if parts.scheme == "https":
            connection = HTTPSConnection(host, port, context=self._trust)
            connection.sock = self._trust.wrap_socket(line, server_hostname=host)
        else:
            connection = HTTPConnection(host, port)
            connection.sock = line
        connection.response_class = _Answer
        # Without `Icy-MetaData` no titles are mixed into the sound.
        headers = {"User-Agent": f"broadcaster-player/{VERSION}", "Accept": "*/*", "Connection": "close"}
        asked = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        connection.request("GET", quote(asked, safe=URL_SIGNS), headers=headers)
        return connection

    def _check(self, host: str, line: socket) -> None:
        """Refuse a local address, but for the host whose typed address was a local one from the beginning."""
        address = ip_address(line.getpeername()[0].partition("%")[0])
        local = not (getattr(address, "ipv4_mapped", None) or address).is_global
        self._typed = self._typed or (host, local)
        if local and self._typed != (host, True):
            line.close()
            raise Unreachable(f"{host} lies in a local network, where its typed address does not lead")
