"""Reading: what a page or a step needs, loaded at once. Nothing here changes a row."""

from content.queries.announcements import airable, all_latest, highest_number, in_force, latest, revision, versions
from content.queries.finding import EXPIRED, Excerpt, Found, Search, excerpt, find, languages, titles
from content.queries.library import (
    ReadOtherwise,
    lexicon,
    lexicon_row,
    lexicon_rows,
    read_otherwise,
    template,
    templates,
)

__all__ = [
    "EXPIRED",
    "Excerpt",
    "Found",
    "ReadOtherwise",
    "Search",
    "airable",
    "all_latest",
    "excerpt",
    "find",
    "highest_number",
    "in_force",
    "languages",
    "latest",
    "lexicon",
    "lexicon_row",
    "lexicon_rows",
    "read_otherwise",
    "revision",
    "template",
    "templates",
    "titles",
    "versions",
]
