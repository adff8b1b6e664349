"""Rows as tests need them, one function per model, with defaults that are valid."""

import hashlib
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from audio_out.models import DeliverableRow, Rendition
from audio_out.queries import source_name
from broadcaster import pipeline
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


def rendered(session: Session, revision: Revision, now: datetime, seed: str = "a") -> Rendition:
    """A rendition of the revision's one part, as a worker would have kept it; `seed` makes other audio."""
    part = revision.parts[0]
    name = hashlib.sha256(f"{revision.uuid}{seed}".encode()).hexdigest()
    measured = {"sha256": name, "duration_ms": 30_000, "lufs": -16.0, "peak_dbtp": -2.0}
    rendition = Rendition(
        part_id=part.id,
        source_sha256=source_name(revision, part),
        voice="espeak:vi+f2",
        wished_voice="auto",
        edit_list=[],
        created_at=now,
        deliverables=[DeliverableRow(mime="audio/ogg", size_bytes=180_000, **measured)],
        **measured,
    )
    session.add(rendition)
    session.flush()
    return rendition


def approved(session: Session, commune: Node, villages: list[Node], now: datetime, **changes: object) -> Revision:
    """An announcement that went the whole way: written, rendered, approved by somebody else, booked."""
    revision = draft(session, commune, villages, now, **changes)
    pipeline.submit(session, revision, revision.edited_by, now)
    rendered(session, revision, now)
    pipeline.approve(session, commune, revision, pipeline.shown_digest(session, revision), uuid4(), now)
    return revision
