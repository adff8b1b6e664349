"""What a playlist points to: a station's address is often an M3U, PLS or HLS list of addresses. Pure."""

import re
from urllib.parse import urljoin

LOWEST_BITS_PER_S = 48_000
"""Of an HLS stream's variants the smallest of at least this is taken: a horn on a pole gains nothing from more."""
_AUDIO_RENDITION = re.compile(r'^#EXT-X-MEDIA:(?=.*TYPE=AUDIO).*URI="([^"]+)"', re.MULTILINE)
_VARIANT = re.compile(r"^#EXT-X-STREAM-INF:(.*)\r?\n(?:#.*\r?\n)*([^#\s].*)", re.MULTILINE)
_BANDWIDTH = re.compile(r"(?:^|[:,])BANDWIDTH=(\d+)")
_PLS_FILE = re.compile(r"^File1=(\S+)", re.MULTILINE | re.IGNORECASE)


def is_hls(head: bytes) -> bool:
    """Tell an HLS list of segments or variants by its first bytes."""
    return head.startswith(b"#EXTM3U") and b"#EXT-X-" in head


def pointed_at(text: str, url: str) -> str | None:
    """Return the address that the list found at `url` points to; None when it points nowhere but to HLS segments."""
    if "#EXT-X-TARGETDURATION" in text:
        return None
    if found := _PLS_FILE.search(text) or _AUDIO_RENDITION.search(text):
        return urljoin(url, str(found.group(1)))
    if variants := [(_bits_per_s(facts), address.strip()) for facts, address in _VARIANT.findall(text)]:
        enough = [variant for variant in variants if variant[0] >= LOWEST_BITS_PER_S]
        return urljoin(url, str(min(enough)[1] if enough else max(variants)[1]))
    plain = (line.strip() for line in text.splitlines())
    first = next((line for line in plain if line and not line.startswith(("#", "["))), None)
    return urljoin(url, first) if first else None


def _bits_per_s(facts: str) -> int:
    found = _BANDWIDTH.search(facts)
    return int(found.group(1)) if found else 0
