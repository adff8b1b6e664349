"""Downloads that go on where they were cut, as lines in the mountains ask for. What a file means is not known here."""

import errno
from collections.abc import Callable
from pathlib import Path

import httpx2

TIMEOUT = httpx2.Timeout(30.0, connect=10.0)


def open_client() -> httpx2.Client:
    """A client that follows the makers' redirects to their mirrors."""
    return httpx2.Client(timeout=TIMEOUT, follow_redirects=True)


def fetch(client: httpx2.Client, url: str, target: Path, size_bytes: int, on_progress: Callable[[int], None]) -> None:
    """Download into `target`, after the bytes that are there already, until it has `size_bytes`.

    A cut line is taken up again for as long as each try brings something; what came stays for the next call. The
    caller holds the whole file against its digest: a file of the wrong size is left for that.

    Raises:
        httpx2.HTTPError: refused, or nothing came any more.
        OSError: the file could not be written.
    """
    while (have := _size_of(target)) < size_bytes:
        try:
            _go_on(client, url, target, size_bytes, on_progress)
        except httpx2.TransportError:
            if _size_of(target) <= have:
                raise
        else:
            if _size_of(target) <= have:
                raise httpx2.ReadError("nothing came")


def is_full(error: OSError) -> bool:
    """Whether a disk without space was the cause."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def _go_on(client: httpx2.Client, url: str, target: Path, size_bytes: int, on_progress: Callable[[int], None]) -> None:
    have = _size_of(target)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as answer:
        answer.raise_for_status()
        if answer.status_code != httpx2.codes.PARTIAL_CONTENT:
            have = 0  # a server that knows no ranges sends it all again
        with target.open("ab" if have else "wb") as file:
            for chunk in answer.iter_raw():
                file.write(chunk)
                have += len(chunk)
                on_progress(have)
                if have > size_bytes:
                    return


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
