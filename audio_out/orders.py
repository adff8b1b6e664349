"""Voices that were ordered on a page: the worker fetches them, the page shows how far it is.

One row per voice, for the whole installation: voices are files that all communes of a server share.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from audio_out.errors import VoiceNotPublished
from audio_out.models import JobState, VoiceOrder
from audio_out.voicebox import PUBLISHED
from content.kernel.errors import BroadcastError

FORGOTTEN_AFTER = timedelta(seconds=60)
"""A fetch that told nothing for so long has died with its worker."""


def order(session: Session, name: str, actor: UUID, now: datetime) -> VoiceOrder:
    """Ask for a published voice; asking again goes on where a failed fetch stopped. Raises VoiceNotPublished."""
    offer = next((offer for offer in PUBLISHED if offer.name == name), None)
    if offer is None:
        raise VoiceNotPublished(voice=name)
    row = session.get(VoiceOrder, name)
    if row is None:
        row = VoiceOrder(name=name, size_bytes=offer.size_bytes, state=JobState.QUEUED)
        session.add(row)
    if row.state != JobState.RUNNING:
        row.state, row.error = JobState.QUEUED, None
    row.asked_by, row.asked_at, row.told_at = actor, now, now
    session.flush()
    return row


def orders(session: Session) -> dict[str, VoiceOrder]:
    """All orders by the voice's name."""
    return {row.name: row for row in session.scalars(select(VoiceOrder))}


def next_order(session: Session, now: datetime) -> str | None:
    """Take the oldest order that nobody works on; the name of its voice, None if there is none."""
    left_behind = (VoiceOrder.state == JobState.RUNNING) & (VoiceOrder.told_at < now - FORGOTTEN_AFTER)
    query = select(VoiceOrder).where(or_(VoiceOrder.state == JobState.QUEUED, left_behind))
    row = session.scalars(query.order_by(VoiceOrder.asked_at).limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    row.state, row.told_at = JobState.RUNNING, now
    session.flush()
    return row.name


def tell(session: Session, name: str, done_bytes: int, now: datetime) -> None:
    """How many bytes are here."""
    row = session.get_one(VoiceOrder, name)
    row.done_bytes, row.told_at = done_bytes, now


def settle(session: Session, name: str, error: BroadcastError | None, now: datetime) -> None:
    """The end of a fetch: the voice is here, or why not."""
    row = session.get_one(VoiceOrder, name)
    row.state, row.told_at = (JobState.FAILED if error else JobState.DONE), now
    row.error = None if error is None else error.kept()
