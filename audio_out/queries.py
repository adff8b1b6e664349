"""Reading audio: recordings, which renditions belong to a revision, how far a rendering is, what an object is."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from audio_out.errors import NoSuchRecording
from audio_out.mastering.formats import USUAL, Format
from audio_out.models import DeliverableRow, JobState, Recording, RenderJob, Rendition
from content.kernel.nodes import Node
from content.kernel.units import Sha256
from content.models import Part, Revision


class Sound(NamedTuple):
    """One language of a revision as it can be heard now."""

    rendition: Rendition
    deliverable: DeliverableRow


class Progress(NamedTuple):
    """How far the rendering of a revision is, over all its parts."""

    state: JobState
    done: int
    total: int
    error: dict[str, object] | None


def source_name(revision: Revision, part: Part) -> Sha256:
    """The sha256 by which renditions know what sounds in them: the reading or the recording, and all that shapes it."""
    if part.recording is None:
        source = ["reading", part.reading or "", revision.voice, revision.pace, revision.priority]
    else:
        source = ["recording", str(part.recording), revision.priority]
    return Sha256(hashlib.sha256(json.dumps(source, ensure_ascii=False).encode()).hexdigest())


def recording(session: Session, node: Node, uuid: UUID) -> Recording:
    """A recording of this commune. Raises NoSuchRecording."""
    found = session.scalars(select(Recording).where(Recording.node_id == node.id, Recording.uuid == uuid)).one_or_none()
    if found is None:
        raise NoSuchRecording
    return found


def take_of(session: Session, part: Part) -> Sha256 | None:
    """The decoded take that sounds in a part, None where a text is read aloud. Raises NoSuchRecording."""
    if part.recording is None:
        return None
    name = session.scalars(select(Recording.take_sha256).where(Recording.uuid == part.recording)).one_or_none()
    if name is None:
        raise NoSuchRecording
    return Sha256(name)


def sounds(session: Session, revisions: Iterable[Revision]) -> dict[int, dict[str, Sound]]:
    """By revision id and language: what was approved, or else the newest rendition of what the part holds now."""
    parts = {
        part.id: (revision, part) for revision in revisions for part in revision.parts if part.reading or part.recording
    }
    query = select(Rendition).options(selectinload(Rendition.deliverables)).where(Rendition.part_id.in_(parts))
    found: dict[int, dict[str, Sound]] = {}
    for rendition in session.scalars(query.order_by(Rendition.id)):
        revision, part = parts[rendition.part_id]
        usual = in_format(rendition, USUAL)
        if usual and _counts(rendition, revision, part):
            found.setdefault(revision.id, {})[part.language] = Sound(rendition, usual)
    return found


def in_format(rendition: Rendition, wanted: Format) -> DeliverableRow | None:
    """The rendition's deliverable in this format, None until it is made."""
    return next((row for row in rendition.deliverables if (row.mime, row.preset) == (wanted.mime, wanted.preset)), None)


def best_for(rendition: Rendition, wanted: Format) -> DeliverableRow | None:
    """The deliverable in this format or, until it is made, the unshaped one of its codec; None if there is neither."""
    return in_format(rendition, wanted) or in_format(rendition, Format(wanted.codec))


def _counts(rendition: Rendition, revision: Revision, part: Part) -> bool:
    if revision.masters is not None:
        return rendition.sha256 == revision.masters.get(part.language)
    return rendition.source_sha256 == source_name(revision, part)


def masters(session: Session, revision: Revision) -> dict[str, Sha256]:
    """The masters' sha256 by language: what an approval is bound to."""
    found = sounds(session, [revision]).get(revision.id, {})
    return {language: Sha256(sound.rendition.sha256) for language, sound in found.items()}


def progress(session: Session, revisions: Iterable[Revision]) -> Mapping[int, Progress]:
    """By revision id: how far its newest rendering is. Revisions with none, or only cancelled ones, are left out."""
    ids = [revision.id for revision in revisions]
    query = (
        select(Part.revision_id, RenderJob)
        .join(Part, Part.id == RenderJob.part_id)
        .where(Part.revision_id.in_(ids), RenderJob.state != JobState.CANCELLED)
        .order_by(RenderJob.id)
    )
    newest: dict[int, dict[int, RenderJob]] = {}
    for revision_id, job in session.execute(query):
        newest.setdefault(revision_id, {})[job.part_id] = job
    return {revision_id: _together(list(jobs.values())) for revision_id, jobs in newest.items()}


def has_spoken_since(session: Session, voice: str, at: datetime) -> bool:
    """Whether this voice has read anything after that instant."""
    query = select(Rendition.id).where(Rendition.voice == voice, Rendition.created_at > at).limit(1)
    return session.scalars(query).first() is not None


def deliverable(session: Session, sha256: str) -> DeliverableRow | None:
    """The deliverable of this name, None if there is none."""
    return session.scalars(select(DeliverableRow).where(DeliverableRow.sha256 == sha256)).first()


def _together(jobs: list[RenderJob]) -> Progress:
    states = {job.state for job in jobs}
    worst = next(
        state for state in (JobState.FAILED, JobState.RUNNING, JobState.QUEUED, JobState.DONE) if state in states
    )
    error = next((job.error for job in jobs if job.error and job.state != JobState.DONE), None)
    return Progress(worst, sum(job.done for job in jobs), sum(job.total for job in jobs), error)
