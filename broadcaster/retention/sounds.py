"""The audio of announcements that are over: which objects nothing needs any more, by the month of their last day.

Masters, what players got of them, and the takes they were made from. Whatever else sounds by the same name stays:
another announcement, an alert, a programme that is still to be aired.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio_out.models import DeliverableRow, Recording, Rendition
from broadcaster.alerts.models import AlertSound, PreparedPhrase
from content.models import Announcement, Part, Revision
from content.workflow import State
from schedules.models import CueRow, Occurrence

LIVING = (State.DRAFT, State.IN_REVIEW)
"""Somebody works on it, whatever its days are."""


def over(session: Session, node_id: int, before: datetime, now: datetime) -> dict[datetime, list[str]]:
    """By month: the names of sounds that nothing needs, of announcements whose last day lies before that instant."""
    ends = _ends(session, node_id)
    needed, ended = set(_elsewhere(session, now)), dict[str, date]()
    for announcement_id, name in _sounds(session):
        end = ends.get(announcement_id)
        if end is None or _instant(end) >= before:
            needed.add(name)
        else:
            ended[name] = max(end, ended.get(name, end))
    found: dict[datetime, list[str]] = defaultdict(list)
    for name, end in sorted(ended.items()):
        if name not in needed:
            found[_instant(end).replace(day=1)].append(name)
    return dict(sorted(found.items()))


def _ends(session: Session, node_id: int) -> dict[int, date]:
    """The last day of each announcement of the commune; those that somebody works on are left out."""
    busy = select(Revision.announcement_id).where(Revision.state.in_(LIVING))
    query = (
        select(Revision.announcement_id, func.max(Revision.until_on))
        .join(Announcement, Announcement.id == Revision.announcement_id)
        .where(Announcement.node_id == node_id, Revision.announcement_id.not_in(busy))
        .group_by(Revision.announcement_id)
    )
    return {announcement_id: until_on for announcement_id, until_on in session.execute(query)}  # noqa: C416  (a row is no pair to mypy)


def _sounds(session: Session) -> Iterator[tuple[int, str]]:
    """Announcement and name of each sound that was made or taken for it."""
    of = select(Revision.announcement_id).select_from(Part).join(Revision, Revision.id == Part.revision_id)
    made = of.join(Rendition, Rendition.part_id == Part.id)
    for query in (
        made.add_columns(Rendition.sha256),
        made.join(DeliverableRow, DeliverableRow.rendition_id == Rendition.id).add_columns(DeliverableRow.sha256),
        of.join(Recording, Recording.uuid == Part.recording).add_columns(Recording.sha256),
        of.join(Recording, Recording.uuid == Part.recording).add_columns(Recording.take_sha256),
    ):
        yield from ((announcement_id, name) for announcement_id, name in session.execute(query))


def _elsewhere(session: Session, now: datetime) -> Iterator[str]:
    """What alerts need, and what is still to be aired."""
    yield from (name for name in session.scalars(select(AlertSound.sha256)) if name)
    for takes in session.scalars(select(PreparedPhrase.takes)):
        yield from takes.values()
    ahead = select(Occurrence.playlist_id).where(Occurrence.ends_at > now, Occurrence.playlist_id.is_not(None))
    for media in session.scalars(select(CueRow.media).where(CueRow.playlist_id.in_(ahead))):
        yield from media


def _instant(on: date) -> datetime:
    return datetime.combine(on, time(), UTC)
