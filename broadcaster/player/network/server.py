"""The calls to the server, one method each; a time-out on every one. Knows HTTP and nothing of what is done with it."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar
from uuid import uuid4

import httpx2
from pydantic import BaseModel, ValidationError

from broadcaster.player import VERSION
from broadcaster.player.clock import PlayerClock, RoundTrip, SystemSources
from broadcaster.player.errors import NotTrusted, Refused
from broadcaster.player.keeping.signatures import verify
from broadcaster.player.network import transport, trouble
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

TIMEOUT = httpx2.Timeout(15.0, connect=10.0)
KEEP_ALIVE_S = 300.0
"""A handshake costs more than a poll: connections are kept as long as the server and the modem let them live."""
Answer = TypeVar("Answer", bound=BaseModel)


class Signed(NamedTuple):
    """A body as it came, with its headers."""

    body: bytes
    headers: Mapping[str, str]


class Server:
    """A server by its address; `token` names the player that asks."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        clock: PlayerClock | None = None,
        count: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Open no connection yet.

        Args:
            url: where the server is; a proxy of the environment is used unless that is this machine.
            token: names the player that asks.
            clock: judges certificates; without one the machine's own clock does.
            count: is told of all bytes, up and down.
        """
        self._proxy = transport.proxy_for(url)
        self._clients = {
            verify: httpx2.Client(
                base_url=url.rstrip("/") + API,
                timeout=TIMEOUT,
                trust_env=False,
                transport=transport.Counted(self._wire(url, clock, verify=verify), count),
            )
            for verify in (True, False)
        }
        for knows_us, client in self._clients.items():
            # What a library would add to each call is paid by the village.
            client.headers = httpx2.Headers({"User-Agent": f"broadcaster-player/{VERSION}"})
            if token and knows_us:
                client.headers["Authorization"] = f"Bearer {token}"

    def _wire(self, url: str, clock: PlayerClock | None, *, verify: bool) -> httpx2.HTTPTransport:
        limits = httpx2.Limits(keepalive_expiry=KEEP_ALIVE_S)
        if not url.startswith("https"):
            return httpx2.HTTPTransport(proxy=self._proxy, limits=limits, trust_env=False)
        clock = clock or PlayerClock(SystemSources())
        context = transport.context(clock.believed, clock.wall) if verify else transport.unchecked()
        return httpx2.HTTPTransport(verify=context, proxy=self._proxy, limits=limits, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()

    def pair(self, request: PairRequest) -> PairAnswer:
        """Exchange a pairing code for an identity."""
        return _parsed(PairAnswer, self._ask("POST", "/pair", json=request.model_dump()))

    def time(self, clock: PlayerClock, keys: Sequence[PublicKey]) -> RoundTrip:
        """Ask for the signed time once. It proves itself: a clock of 1970, which fails every certificate, may ask.

        Raises:
            NotTrusted: the signature does not fit, or it answers another question (a replay).
        """
        nonce = secrets.token_hex(16)
        sent = clock.monotonic()
        response = self._ask("GET", "/time", params={"nonce": nonce}, verify=False)
        received = clock.monotonic()
        verify(response.content, response.headers, keys)
        answer = _parsed(TimeAnswer, response)
        if answer.nonce != nonce:
            raise NotTrusted("The server's time answers another question: a replay")
        return RoundTrip(sent, received, answer.now)

    def manifest(self, etag: str | None) -> Signed | None:
        """Ask for the manifest; None when it is still the one with this ETag."""
        response = self._ask("GET", "/manifest", headers={"If-None-Match": etag} if etag else {})
        return None if response.status_code == httpx2.codes.NOT_MODIFIED else _signed(response)

    @contextmanager
    def open_object(self, sha256: str, start: int) -> Iterator[tuple[bool, Iterator[bytes]]]:
        """Open an object's bytes, from `start` if the server can: yields (continued, chunks)."""
        headers = {"Range": f"bytes={start}-"} if start else {}
        stream = self._clients[True].stream
        with self._away_when_broken(), stream("GET", f"/objects/{sha256}", headers=headers) as response:
            _check(response)
            begins = f"bytes {start}-"
            continued = bool(start) and response.headers.get("Content-Range", "").startswith(begins)
            yield continued, response.iter_raw()

    def as_run(self, rows: Sequence[AsRunRow]) -> AsRunAnswer:
        """Hand rows over; each answer acknowledges one."""
        body = {"rows": [row.model_dump(mode="json") for row in rows]}
        return _parsed(AsRunAnswer, self._ask("POST", "/as-run", json=body))

    def alerts(self, etag: str | None) -> tuple[AlertsAnswer, str | None] | None:
        """Ask for the alerts in force; None when they are still those with this ETag. Returns them with theirs."""
        response = self._ask("GET", "/alerts", headers={"If-None-Match": etag} if etag else {})
        if response.status_code == httpx2.codes.NOT_MODIFIED:
            return None
        return _parsed(AlertsAnswer, response), response.headers.get("ETag")

    def receipts(self, receipts: Sequence[AlertReceipt]) -> None:
        """Say what became of alerts."""
        self._ask("POST", "/alerts/receipts", json=AlertReceipts(receipts=tuple(receipts)).model_dump(mode="json"))

    @contextmanager
    def events(self, last_id: str | None, silent_s: float) -> Iterator[Iterator[str]]:
        """Open the server's events after one of them: yields their lines. `silent_s` without a byte is the end.

        Raises:
            ServerAway: also when the server has ended the answer.
        """
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
        timeout = httpx2.Timeout(15.0, connect=10.0, read=silent_s)
        stream = self._clients[True].stream
        with self._away_when_broken(), stream("GET", "/events", headers=headers, timeout=timeout) as response:
            _check(response)
            if not response.headers.get("Content-Type", "").startswith("text/event-stream"):
                raise trouble.nonsense()
            yield response.iter_lines()

    def heartbeat(self, heartbeat: Heartbeat) -> None:
        """Say how the player is."""
        self._ask("POST", "/heartbeat", json=heartbeat.model_dump(mode="json", exclude_none=True))

    def _ask(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        verify: bool = True,
    ) -> httpx2.Response:
        with self._away_when_broken():
            response = self._clients[verify].request(method, path, json=json, params=params, headers=headers)
        _check(response)
        return response

    @contextmanager
    def _away_when_broken(self) -> Iterator[None]:
        try:
            yield
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise trouble.of_error(error, proxied=self._proxy is not None) from error


def new_nonce() -> str:
    """Return a fresh name for one attempt to pair."""
    return uuid4().hex


def _check(response: httpx2.Response) -> None:
    if (other := trouble.of_answer(response)) is not None:
        raise other
    if response.is_success or response.status_code == httpx2.codes.NOT_MODIFIED:
        return
    response.read()
    raise Refused(response.status_code, _detail(response))


def _detail(response: httpx2.Response) -> str:
    try:
        facts = response.json()
    except ValueError:
        return response.reason_phrase
    if isinstance(facts, dict):
        facts = facts.get("error") or facts.get("detail") or response.reason_phrase
    return str(facts)[:500]


def _parsed(kind: type[Answer], response: httpx2.Response) -> Answer:
    try:
        return kind.model_validate_json(response.content)
    except ValidationError as error:
        raise trouble.nonsense() from error


def _signed(response: httpx2.Response) -> Signed:
    return Signed(response.content, response.headers)
