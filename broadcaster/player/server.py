"""The calls to the server, one method each; a time-out on every one. Knows HTTP and nothing of what is done with it."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar
from uuid import uuid4

import httpx2
from pydantic import BaseModel, ValidationError

from broadcaster.player import VERSION
from broadcaster.player.clock import PlayerClock, RoundTrip
from broadcaster.player.errors import NotTrusted, Refused, ServerAway
from broadcaster.player.signatures import verify
from broadcaster.protocol import (
    API,
    AsRunAnswer,
    AsRunRow,
    Heartbeat,
    PairAnswer,
    PairRequest,
    PublicKey,
    TimeAnswer,
)

TIMEOUT = httpx2.Timeout(15.0, connect=10.0)
Answer = TypeVar("Answer", bound=BaseModel)


class Signed(NamedTuple):
    """A body as it came, with its headers."""

    body: bytes
    headers: Mapping[str, str]


class Server:
    """A server by its address; `token` names the player that asks."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Open no connection yet. Proxies of the environment are not used: a player asks its own server."""
        self._client = httpx2.Client(
            base_url=url.rstrip("/") + API,
            headers={"User-Agent": f"broadcaster-player/{VERSION}"}
            | ({"Authorization": f"Bearer {token}"} if token else {}),
            timeout=TIMEOUT,
            verify=url.startswith("https"),
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def pair(self, request: PairRequest) -> PairAnswer:
        """Exchange a pairing code for an identity."""
        return _parsed(PairAnswer, self._ask("POST", "/pair", json=request.model_dump()))

    def time(self, clock: PlayerClock, keys: Sequence[PublicKey]) -> RoundTrip:
        """Ask for the signed time once.

        Raises:
            NotTrusted: the signature does not fit, or it answers another question (a replay).
        """
        nonce = secrets.token_hex(16)
        sent = clock.monotonic()
        response = self._ask("GET", "/time", params={"nonce": nonce})
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
        with _away_when_broken(), self._client.stream("GET", f"/objects/{sha256}", headers=headers) as response:
            _check(response)
            begins = f"bytes {start}-"
            continued = bool(start) and response.headers.get("Content-Range", "").startswith(begins)
            yield continued, response.iter_raw()

    def as_run(self, rows: Sequence[AsRunRow]) -> AsRunAnswer:
        """Hand rows over; each answer acknowledges one."""
        body = {"rows": [row.model_dump(mode="json") for row in rows]}
        return _parsed(AsRunAnswer, self._ask("POST", "/as-run", json=body))

    def heartbeat(self, heartbeat: Heartbeat) -> None:
        """Say how the player is."""
        self._ask("POST", "/heartbeat", json=heartbeat.model_dump(mode="json"))

    def _ask(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        with _away_when_broken():
            response = self._client.request(method, path, json=json, params=params, headers=headers)
        _check(response)
        return response


def new_nonce() -> str:
    """Return a fresh name for one attempt to pair."""
    return uuid4().hex


@contextmanager
def _away_when_broken() -> Iterator[None]:
    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise ServerAway(f"The server does not answer ({error or type(error).__name__})") from error


def _check(response: httpx2.Response) -> None:
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
        raise ServerAway("The server answered something else: is its address right?") from error


def _signed(response: httpx2.Response) -> Signed:
    return Signed(response.content, response.headers)
