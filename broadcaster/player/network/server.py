"""The calls to the server, one method each; a time-out on every one. Knows HTTP and nothing of what is done with it."""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar
from urllib.parse import urlencode
from uuid import uuid4

from pydantic import BaseModel, ValidationError

from broadcaster.player import VERSION
from broadcaster.player.clock import PlayerClock, RoundTrip, SystemSources
from broadcaster.player.errors import NotTrusted, Refused
from broadcaster.player.keeping.signatures import verify
from broadcaster.player.network import transport, trouble
from broadcaster.player.network.lines import READ_S, Answer, Broken, Count, Lines
from broadcaster.protocol import (
    API,
    AlertReceipt,
    AlertReceipts,
    AlertsAnswer,
    AsRunAnswer,
    AsRunRow,
    Heartbeat,
    PairAnswer,
    PairRequest,
    PublicKey,
    TimeAnswer,
)

NOT_MODIFIED = 304
SUCCESS = range(200, 300)
Document = TypeVar("Document", bound=BaseModel)


class Signed(NamedTuple):
    """A body as it came, with its headers."""

    body: bytes
    headers: Mapping[str, str]


class Said(NamedTuple):
    """An answer that was read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server:
    """A server by its address; `token` names the player that asks."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        clock: PlayerClock | None = None,
        count: Count = lambda _: None,
    ) -> None:
        """Open no connection yet.

        Args:
            url: where the server is; a proxy of the environment is used unless that is this machine.
            token: names the player that asks.
            clock: judges certificates; without one the machine's own clock does.
            count: is told of all bytes, up and down.
        """
        # What a library would add to each call is paid by the village.
        self._headers = {"User-Agent": f"broadcaster-player/{VERSION}"}
        self.heard_at: float | None = None
        """The monotonic moment at which the server itself was heard last, by an answer or a line of its events."""
        self._token = {"Authorization": f"Bearer {token}"} if token else {}
        self._clock = clock = clock or PlayerClock(SystemSources())
        proxy, secure = transport.proxy_for(url), url.startswith("https")
        trusted = transport.context(clock.believed, clock.wall) if secure else None
        self._lines = Lines(url, trusted, proxy, count)
        self._unproven = Lines(url, transport.unchecked(), proxy, count) if secure else self._lines

    def close(self) -> None:
        """Close the connections."""
        self._lines.close()
        self._unproven.close()

    def pair(self, request: PairRequest) -> PairAnswer:
        """Exchange a pairing code for an identity."""
        return _parsed(PairAnswer, self._ask("POST", "/pair", request.model_dump()))

    def time(self, clock: PlayerClock, keys: Sequence[PublicKey]) -> RoundTrip:
        """Ask for the signed time once. It proves itself: a clock of 1970, which fails every certificate, may ask.

        Raises:
            NotTrusted: the signature does not fit, or it answers another question (a replay).
        """
        nonce = secrets.token_hex(16)
        sent = clock.monotonic()
        said = self._ask("GET", f"/time?{urlencode({'nonce': nonce})}", lines=self._unproven)
        received = clock.monotonic()
        verify(said.body, said.headers, keys)
        answer = _parsed(TimeAnswer, said)
        if answer.nonce != nonce:
            raise NotTrusted("The server's time answers another question: a replay")
        return RoundTrip(sent, received, answer.now)

    def manifest(self, etag: str | None) -> Signed | None:
        """Ask for the manifest; None when it is still the one with this ETag."""
        said = self._ask("GET", "/manifest", headers={"If-None-Match": etag} if etag else {})
        return None if said.status == NOT_MODIFIED else Signed(said.body, said.headers)

    @contextmanager
    def open_object(self, sha256: str, start: int) -> Iterator[tuple[bool, Iterator[bytes]]]:
        """Open an object's bytes, from `start` if the server can: yields (continued, chunks)."""
        headers = {"Range": f"bytes={start}-"} if start else {}
        with self._answered("GET", f"/objects/{sha256}", headers=headers) as answer:
            begins = f"bytes {start}-"
            continued = bool(start) and answer.headers.get("Content-Range", "").startswith(begins)
            yield continued, answer.body.pieces()

    def as_run(self, rows: Sequence[AsRunRow]) -> AsRunAnswer:
        """Hand rows over; each answer acknowledges one."""
        body = {"rows": [row.model_dump(mode="json") for row in rows]}
        return _parsed(AsRunAnswer, self._ask("POST", "/as-run", body))

    def alerts(self, etag: str | None) -> tuple[AlertsAnswer, str | None] | None:
        """Ask for the alerts in force; None when they are still those with this ETag. Returns them with theirs."""
        said = self._ask("GET", "/alerts", headers={"If-None-Match": etag} if etag else {})
        return None if said.status == NOT_MODIFIED else (_parsed(AlertsAnswer, said), said.headers.get("ETag"))

    def receipts(self, receipts: Sequence[AlertReceipt]) -> None:
        """Say what became of alerts."""
        self._ask("POST", "/alerts/receipts", AlertReceipts(receipts=tuple(receipts)).model_dump(mode="json"))

    @contextmanager
    def events(self, last_id: str | None, silent_s: float) -> Iterator[Iterator[str]]:
        """Open the server's events after one of them: yields their lines. `silent_s` without a byte is the end.

        Raises:
            ServerAway: also when the server has ended the answer.
        """
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
        with self._answered("GET", "/events", headers=headers, read_s=silent_s) as answer:
            if not answer.headers.get("Content-Type", "").startswith("text/event-stream"):
                raise trouble.nonsense()
            yield self._heard(answer.body.lines())

    def _heard(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            self.heard_at = self._clock.monotonic()
            yield line

    def heartbeat(self, heartbeat: Heartbeat) -> None:
        """Say how the player is."""
        self._ask("POST", "/heartbeat", heartbeat.model_dump(mode="json", exclude_none=True))

    def _ask(
        self,
        method: str,
        path: str,
        document: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        lines: Lines | None = None,
    ) -> Said:
        with self._answered(method, path, document, headers=headers, lines=lines) as answer:
            return Said(answer.status, answer.headers, answer.body.whole())

    @contextmanager
    def _answered(
        self,
        method: str,
        path: str,
        document: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        lines: Lines | None = None,
        read_s: float = READ_S,
    ) -> Iterator[Answer]:
        """Ask, and give the server's own answer; what is none of its is an error before anything of it is read."""
        body = None if document is None else _written(document)
        more = {**self._headers, **(headers or {}), **({"Content-Type": "application/json"} if body else {})}
        if lines is None:
            lines, more = self._lines, more | self._token
        try:
            with lines.ask(method, API + path, more, body, read_s) as answer:
                _check(answer)
                self.heard_at = self._clock.monotonic()
                yield answer
        except Broken as error:
            raise trouble.of_error(error) from error


def new_nonce() -> str:
    """Return a fresh name for one attempt to pair."""
    return uuid4().hex


def _written(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _check(answer: Answer) -> None:
    if (other := trouble.of_answer(answer)) is not None:
        raise other
    if answer.status not in SUCCESS and answer.status != NOT_MODIFIED:
        raise Refused(answer.status, _detail(answer))


def _detail(answer: Answer) -> str:
    try:
        facts = json.loads(answer.body.whole())
    except ValueError:
        return answer.reason
    if isinstance(facts, dict):
        facts = facts.get("error") or facts.get("detail") or answer.reason
    return str(facts)[:500]


def _parsed(kind: type[Document], said: Said) -> Document:
    try:
        return kind.model_validate_json(said.body)
    except ValidationError as error:
        raise trouble.nonsense() from error
