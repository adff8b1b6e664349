"""What of the plan has been told to the players."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from content.kernel.nodes import Node
from schedules.models import Occurrence


def mark_published(session: Session, villages: Sequence[Node], now: datetime) -> None:
    """Note that what these villages have ahead of them is published as it is planned now.

    A later plan that lets an occurrence sound otherwise takes its mark away.
    """
    ahead = update(Occurrence).where(
        Occurrence.village_id.in_([village.id for village in villages]),
        Occurrence.published_at.is_(None),
        Occurrence.ends_at > now,
    )
    session.execute(ahead.values(published_at=now))
