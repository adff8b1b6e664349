"""Addresses that people type. Nothing is asked of them here."""

from urllib.parse import urlsplit

LONGEST = 2000
"""Characters."""


def is_web_address(url: str) -> bool:
    """Whether it names a host by `http` or `https`, and is not longer than what a row keeps."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(url) <= LONGEST
    except ValueError:
        return False
