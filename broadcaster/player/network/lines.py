"""HTTP over the standard library's client: connections that are kept, time-outs, proxies, bytes counted.

Knows nothing of what is asked. A library with more in it costs a small machine 6 MB for as long as it plays (ADR 0023).
"""

import select
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import NamedTuple, cast
from urllib.parse import SplitResult, unquote, urlsplit

CONNECT_S = 10.0
READ_S = 15.0
"""Longer than this nothing came: whoever asked is told so."""
KEEP_ALIVE_S = 300.0
"""A handshake costs more than a poll: connections are kept as long as the server and the modem let them live."""
PIECE = 16_384
"""Read at once; what a broken line loses of a download at the most."""
LONGEST_BODY = 32 << 20
LONGEST_LINE = 2 << 20
Count = Callable[[int], None]


class Broken(Exception):
    """No answer, or only half of one; the cause says why. `proxy`: it was the proxy that could not be reached."""

    def __init__(self, cause: Exception, *, proxy: bool = False) -> None:
        """Keep who it was."""
        self.proxy = proxy
        super().__init__(str(cause) or type(cause).__name__)


class Answer(NamedTuple):
    """An answer whose body has not been read yet. `headers` are found by any case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    host: str
    body: "Body"


class Body:
    """The bytes of an answer, as they come."""

    def __init__(self, answer: HTTPResponse, count: Count) -> None:
        self._answer = answer
        self._count = count

    def whole(self) -> bytes:
        """Read all of it. Raises Broken, also where it has no end."""
        pieces, size = [], 0
        for piece in self.pieces():
            pieces.append(piece)
            size += len(piece)
            if size > LONGEST_BODY:
                raise Broken(ValueError("the answer has no end"))
        return b"".join(pieces)

    def pieces(self) -> Iterator[bytes]:
        """Read it piece by piece. Raises Broken, also where less came than was promised."""
        with _broken():
            while piece := self._some():
                self._count(len(piece))
                yield piece
            if self._answer.length:
                raise IncompleteRead(b"", self._answer.length)

    def _some(self) -> bytes:
        try:
            return self._answer.read(PIECE)
        except IncompleteRead as error:
            if error.partial:  # what came of the last piece is good; the next look finds the end
                return error.partial
            raise

    def lines(self) -> Iterator[str]:
        """Read it line by line, for as long as it goes on. Raises Broken."""
        with _broken():
            while line := self._answer.readline(LONGEST_LINE):
                self._count(len(line))
                yield line.decode(errors="replace").rstrip("\r\n")


class Lines:
    """The connections to one server. Any thread may ask; each question has a connection of its own meanwhile."""

    def __init__(self, url: str, context: ssl.SSLContext | None, proxy: str | None, count: Count) -> None:
        """Connect nothing yet; `context` where the address is https."""
        self._url = url
        self._context = context
        self._proxy = proxy
        self._count = count
        self._lock = threading.Lock()
        self._idle: list[tuple[HTTPConnection, float]] = []
        self._open: set[HTTPConnection] = set()

    @contextmanager
    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        read_s: float = READ_S,
    ) -> Iterator[Answer]:
        """Ask for `path` under the server's address; the connection is kept if the body was read to its end.

        Raises:
            Broken: also while the body is read.
        """
        with _broken():
            there = _parts(self._url)
            line = self._kept() or self._connected(there)
        kept = False
        try:
            with _broken():
                answer = self._sent(line, method, self._target(there, path), headers, body, read_s)
            try:
                heads = cast("Mapping[str, str]", answer.headers)
                yield Answer(answer.status, answer.reason, heads, there.hostname or "", Body(answer, self._count))
                kept = answer.isclosed() and line.sock is not None
            finally:
                answer.close()
        finally:
            self._put_back(line, kept=kept)

    def close(self) -> None:
        """Close all connections; who reads from one is woken."""
        with self._lock:
            idle, self._idle = self._idle, []
            busy = self._open - {line for line, _ in idle}
        for line, _ in idle:
            self._put_back(line, kept=False)
        for line in busy:
            if (sock := line.sock) is not None:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _sent(
        self,
        line: HTTPConnection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        read_s: float,
    ) -> HTTPResponse:
        line.sock.settimeout(read_s)
        line.putrequest(method, target, skip_accept_encoding=True)
        sized = {} if body is None else {"Content-Length": str(len(body))}
        for name, value in {**headers, **self._known_to_proxy(), **sized}.items():
            line.putheader(name, value)
        with suppress(BrokenPipeError, ConnectionResetError):  # a refusal may come before all has been said
            line.endheaders(body)
        self._count(len(method) + len(target) + 12 + _head({**headers, **sized}) + len(body or b""))
        answer = line.getresponse()
        self._count(17 + len(answer.reason) + _head(cast("Mapping[str, str]", answer.headers)))
        return answer

    def _kept(self) -> HTTPConnection | None:
        """Take the connection that was used last; those that the other side has closed are thrown away."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                line, since = self._idle.pop()
            if time.monotonic() - since < KEEP_ALIVE_S and not select.select([line.sock], [], [], 0)[0]:
                return line
            self._put_back(line, kept=False)

    def _put_back(self, line: HTTPConnection, *, kept: bool) -> None:
        with self._lock:
            if kept and line in self._open:
                self._idle.append((line, time.monotonic()))
                return
            self._open.discard(line)
        line.close()

    def _connected(self, there: SplitResult) -> HTTPConnection:
        line = self._new(there)
        line.auto_open = 0
        with self._lock:
            self._open.add(line)
        try:
            line.connect()
        except (OSError, HTTPException) as error:
            self._put_back(line, kept=False)
            # TLS is spoken with the server, a name or a connection is the proxy's.
            raise Broken(error, proxy=self._proxy is not None and not isinstance(error, ssl.SSLError)) from error
        return line

    def _new(self, there: SplitResult) -> HTTPConnection:
        proxy = _parts(self._proxy) if self._proxy else None
        if proxy and proxy.scheme != "http":
            raise Broken(ValueError(f"it is of another kind than http: {proxy.scheme}"), proxy=True)
        if there.scheme not in ("http", "https"):
            raise ValueError(f"an address begins with http:// or https://, and {self._url} does not")
        way = proxy or there
        host, port = way.hostname or "", way.port
        if self._context is None:
            return HTTPConnection(host, port or 80, timeout=CONNECT_S)
        line = HTTPSConnection(host, port or (80 if proxy else 443), timeout=CONNECT_S, context=self._context)
        if proxy:
            line.set_tunnel(there.hostname or "", there.port or 443, _login(proxy))
        return line

    def _target(self, there: SplitResult, path: str) -> str:
        path = there.path.rstrip("/") + path
        plain_proxy = self._proxy and self._context is None
        return f"http://{there.netloc.rpartition('@')[2]}{path}" if plain_proxy else path

    def _known_to_proxy(self) -> Mapping[str, str]:
        return _login(_parts(self._proxy)) if self._proxy and self._context is None else {}


@contextmanager
def _broken() -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException, ValueError) as error:
        raise Broken(error) from error


def _parts(url: str) -> SplitResult:
    """Take an address apart. Raises ValueError where it is none."""
    parts = urlsplit(url)
    if not parts.hostname or parts.port == 0:
        raise ValueError(f"{url} is no address")
    return parts


def _login(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    told = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(told).decode()}"}


def _head(headers: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items())
