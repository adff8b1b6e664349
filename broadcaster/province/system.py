"""Who answers for the province: the interface, and its maker over HTTP and JSON."""

from collections.abc import Sequence
from typing import Final, Protocol

import httpx2
from pydantic import ValidationError

from broadcaster.province.errors import ProvinceUnreachable
from broadcaster.province.wire import Pulled, Receipt

MOST_BYTES: Final = 4 * 1024 * 1024
_TIMEOUT = httpx2.Timeout(20.0, connect=10.0)


class SourceSystem(Protocol):
    """A source information system, whatever it speaks."""

    def pull(self, cursor: str) -> Pulled:
        """What is new after `cursor` (empty: from the beginning). Raises ProvinceUnreachable."""
        ...

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        """Say what became of bulletins; may be said twice. Raises ProvinceUnreachable."""
        ...


class HttpSystem:
    """`GET {url}/bulletins?cursor=` and `POST {url}/receipts`, JSON, with a bearer token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        headers = {"User-Agent": "village-broadcaster", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx2.Client(timeout=_TIMEOUT, headers=headers)

    def pull(self, cursor: str) -> Pulled:
        """See `SourceSystem`."""
        try:
            with self._client.stream("GET", f"{self._url}/bulletins", params={"cursor": cursor}) as answer:
                answer.raise_for_status()
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise ProvinceUnreachable(problem=f"more than {MOST_BYTES} bytes in one answer")
            return Pulled.model_validate_json(body)
        except (httpx2.HTTPError, httpx2.InvalidURL, ValidationError) as error:
            raise ProvinceUnreachable(problem=_short(error)) from None

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        """See `SourceSystem`."""
        body = {"receipts": [receipt.model_dump(mode="json") for receipt in receipts]}
        try:
            self._client.post(f"{self._url}/receipts", json=body).raise_for_status()
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ProvinceUnreachable(problem=_short(error)) from None

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
