"""Rows as tests need them, one function per model, with defaults that are valid."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from content import service as content
from content.kernel.nodes import Node
from content.models import Revision
from content.service import Wording

TEXT = "Mời bà con họp thôn lúc 19h30 ngày 25/11 tại Nhà văn hóa."


def wording(villages: list[Node], **changes: object) -> Wording:
    """What a secretary types, valid unless changed."""
    typed: dict[str, object] = {
        "title": "Họp thôn",
        "texts": {"vi": TEXT},
        "villages": villages,
        "from_on": date(2026, 11, 22),
        "until_on": date(2026, 11, 25),
    }
    return Wording(**{**typed, **changes})  # type: ignore[arg-type]


def draft(
    session: Session, commune: Node, villages: list[Node], now: datetime, author: UUID | None = None, **changes: object
) -> Revision:
    """A saved draft."""
    return content.start_draft(session, commune, wording(villages, **changes), author or uuid4(), now)
