"""Reading: what a page or a step needs, loaded at once. Nothing here changes a row."""

from content.queries.announcements import airable, all_latest, highest_number, in_force, latest, revision
from content.queries.finding import EXPIRED, Excerpt, Found, Search, excerpt, find, titles
from content.queries.library import lexicon

__all__ = [
    "EXPIRED",
    "Excerpt",
    "Found",
    "Search",
    "airable",
    "all_latest",
    "excerpt",
    "find",
    "highest_number",
    "in_force",
    "latest",
    "lexicon",
    "revision",
    "titles",
]
