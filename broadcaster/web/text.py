"""Vietnamese words without their diacritics: to search by, and to name things in addresses."""

import re
import unicodedata

_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
LONGEST_SLUG = 60


def plain(words: str) -> str:
    """Lower case without diacritics, so that "tiem chung" finds "tiêm chủng"."""
    apart = unicodedata.normalize("NFD", words.casefold().replace("đ", "d"))
    return "".join(char for char in apart if not unicodedata.combining(char)).strip()


def slug_of(name: str) -> str:
    """`Luổng Láo 1` -> `luong-lao-1`; empty if nothing can be kept."""
    return _NOT_IN_SLUG.sub("-", plain(name)).strip("-")[:LONGEST_SLUG]
