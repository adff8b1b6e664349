"""What a commune brings to its writing: the lexicon, and templates of recurring announcements."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from content.kernel.nodes import Node
from content.models import LexiconRow
from content.reading import LexiconEntry


def lexicon(session: Session, node: Node) -> list[LexiconEntry]:
    """The commune's own way of reading words, as `content.reading` takes it."""
    query = select(LexiconRow).where(LexiconRow.node_id == node.id, LexiconRow.removed_at.is_(None))
    rows = session.scalars(query.order_by(LexiconRow.id))
    return [LexiconEntry(row.written, row.spoken, row.case_sensitive) for row in rows]
