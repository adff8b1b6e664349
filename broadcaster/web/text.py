"""Names for addresses."""

import re

from content.kernel.folding import plain

_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
LONGEST_SLUG = 60


def slug_of(name: str) -> str:
    """`Luổng Láo 1` -> `luong-lao-1`; empty if nothing can be kept."""
    return _NOT_IN_SLUG.sub("-", plain(name)).strip("-")[:LONGEST_SLUG]
