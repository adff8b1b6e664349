"""Reading: what a page or a step needs, loaded at once. Nothing here changes a row."""

from content.queries.announcements import airable, all_latest, highest_number, in_force, latest, revision
from content.queries.library import lexicon

__all__ = ["airable", "all_latest", "highest_number", "in_force", "latest", "lexicon", "revision"]
