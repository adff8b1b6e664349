"""Recordings kept, and the queue of renderings: one truth, our own table.

A worker claims a row, works outside any transaction, and its last word counts only while the lease is still its own,
so that a double delivery is harmless.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session, selectinload

from audio_out.assembly import Deliverable, Master
from audio_out.errors import RenderingKilled
from audio_out.mastering.formats import USUAL, Format
from audio_out.models import DeliverableRow, JobState, Recording, RenderJob, Rendition
from audio_out.queries import in_format, source_name, take_of
from audio_out.recordings import Take
from audio_out.voices import Pace
from content.errors import WrongState
from content.kernel import audit
from content.kernel.errors import BroadcastError, Unavailable
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from content.models import Part, Revision
from content.workflow import State

LEASE = timedelta(seconds=15)
"""How long a silent worker keeps a job; a living one renews it three times meanwhile."""
MOST_ATTEMPTS = 3
RETRY_AFTER = timedelta(seconds=10)
"""Times the square of the attempts made."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker needs to render one part, copied out of the database.

    `take_sha256` names what a human recorded; where it is None, the reading is spoken.
    """

    job_id: int
    lease: UUID
    part_id: int
    source_sha256: Sha256
    take_sha256: Sha256 | None
    reading: str
    language: str
    voice: str
    pace: Pace
    priority: Priority
    title: str


def add_recording(session: Session, node: Node, take: Take, file_name: str, actor: UUID, now: datetime) -> Recording:
    """Keep what was received in a commune; both files are in the store already. It is never changed.

    Args:
        session: unit of work.
        node: the commune.
        take: what `recordings.receive` made of the file.
        file_name: as its sender calls it, for people to recognise; nothing else is done with it.
        actor: who sent it.
        now: when.
    """
    recording = Recording(
        node_id=node.id,
        sha256=take.sha256,
        take_sha256=take.take_sha256,
        file_name=_shown_name(file_name),
        mime=take.mime,
        size_bytes=take.size_bytes,
        duration_ms=take.duration_ms,
        findings=[(finding.kind, dict(finding.facts)) for finding in take.findings],
        waveform=list(take.waveform),
        received_by=actor,
        received_at=now,
    )
    session.add(recording)
    session.flush()
    audit.record(session, node.id, now, actor, "recording.received", f"recording:{recording.uuid}", sha256=take.sha256)
    return recording


def enqueue(session: Session, revision: Revision, now: datetime) -> None:
    """Ask for the renderings of a revision in review that nobody makes already, in its submission's transaction.

    Raises:
        WrongState: it is in another state; a draft has no reading yet, and what is approved never changes its sound.
        NoSuchRecording: a part names a recording that is not there.
    """
    if revision.state != State.IN_REVIEW:
        raise WrongState(state=revision.state, step="render")
    under_way = _under_way(session, revision)
    for part in revision.parts:
        take_of(session, part)
        if (part.id, source_name(revision, part)) in under_way:
            continue
        session.add(
            RenderJob(
                part_id=part.id,
                source_sha256=source_name(revision, part),
                state=JobState.QUEUED,
                not_before=now,
                created_at=now,
            )
        )
    session.flush()


def _under_way(session: Session, revision: Revision) -> set[tuple[int, str]]:
    """The parts, with what shall sound in them, whose rendering waits or runs."""
    query = select(RenderJob.part_id, RenderJob.source_sha256).where(
        RenderJob.part_id.in_([part.id for part in revision.parts]),
        RenderJob.state.in_((JobState.QUEUED, JobState.RUNNING)),
    )
    return {(part_id, source) for part_id, source in session.execute(query)}


def cancel(session: Session, revision: Revision, now: datetime) -> None:
    """End the renderings of a revision; who works on one finds its lease gone, and stops between two sentences."""
    parts = [part.id for part in revision.parts]
    going_on = RenderJob.state.in_((JobState.QUEUED, JobState.RUNNING))
    ended = {"state": JobState.CANCELLED, "lease": None, "finished_at": now}
    session.execute(update(RenderJob).where(RenderJob.part_id.in_(parts), going_on).values(ended))


def any_waiting(session: Session, now: datetime) -> bool:
    """Whether `claim` would find work; only reads."""
    return session.scalars(_waiting(now)).first() is not None


def claim(session: Session, now: datetime) -> Claim | None:
    """Take the oldest waiting job, or one whose worker has died; None if there is none."""
    job_id = session.scalars(_waiting(now).with_for_update(skip_locked=True)).first()
    if job_id is None:
        return None
    job = session.get_one(RenderJob, job_id)
    if job.attempts >= MOST_ATTEMPTS:
        _give_up(job, now)
        return None
    job.state, job.lease, job.lease_until = JobState.RUNNING, uuid4(), now + LEASE
    job.attempts += 1
    session.flush()
    part = session.get_one(Part, job.part_id)
    revision = session.get_one(Revision, part.revision_id)
    return Claim(
        job_id=job.id,
        lease=job.lease,
        part_id=part.id,
        source_sha256=source_name(revision, part),
        take_sha256=take_of(session, part),
        reading=part.reading or "",
        language=part.language,
        voice=revision.voice,
        pace=Pace(revision.pace),
        priority=Priority(revision.priority),
        title=revision.title,
    )


def renew(session: Session, held: Claim, now: datetime) -> bool:
    """Keep the lease. False: the job was taken over, stop working on it."""
    changed = session.execute(_own(held).values(lease_until=now + LEASE))
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def advance(session: Session, held: Claim, done: int, total: int) -> None:
    """Note progress, in steps done of all."""
    session.execute(_own(held).values(done=done, total=total))


def finish(session: Session, held: Claim, master: Master, deliverable: Deliverable, now: datetime) -> bool:
    """Keep what was rendered. False: the lease was lost, and nothing was stored."""
    changed = session.execute(_own(held).values(state=JobState.DONE, error=None, finished_at=now, lease=None))
    if not changed.rowcount:  # type: ignore[attr-defined]
        return False
    session.add(_rendition(held, master, deliverable, now))
    session.flush()
    return True


def keep_deliverable(session: Session, rendition_id: int, made: Deliverable, wanted: Format) -> None:
    """Keep a rendition in another format; doing it twice changes nothing."""
    rendition = session.get_one(Rendition, rendition_id, options=[selectinload(Rendition.deliverables)])
    if in_format(rendition, wanted) is None:
        rendition.deliverables.append(_row(made, wanted))
        session.flush()


def fail(session: Session, held: Claim, error: BroadcastError, now: datetime) -> None:
    """Note a failure. What may pass by itself (Unavailable) is tried again, at most `MOST_ATTEMPTS` times."""
    job = session.get_one(RenderJob, held.job_id)
    again = isinstance(error, Unavailable) and job.attempts < MOST_ATTEMPTS
    session.execute(
        _own(held).values(
            state=JobState.QUEUED if again else JobState.FAILED,
            error=error.kept(),
            lease=None,
            not_before=now + RETRY_AFTER * job.attempts**2,
            finished_at=None if again else now,
        )
    )


def _shown_name(file_name: str) -> str:
    """The last part of a path, as the browser of any system sends it, without what cannot be seen."""
    last = unicodedata.normalize("NFC", file_name).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable()).strip()[:200]


def _give_up(job: RenderJob, now: datetime) -> None:
    """Each worker that took this job died of it: it must not take down a fourth."""
    job.state, job.lease, job.finished_at = JobState.FAILED, None, now
    job.error = RenderingKilled(times=job.attempts).kept()


def _waiting(now: datetime) -> Select[int]:
    open_jobs = or_(
        RenderJob.state == JobState.QUEUED,
        (RenderJob.state == JobState.RUNNING) & (RenderJob.lease_until < now),
    )
    return select(RenderJob.id).where(open_jobs, RenderJob.not_before <= now).order_by(RenderJob.id).limit(1)


def _own(held: Claim):  # type: ignore[no-untyped-def]  # noqa: ANN202  (SQLAlchemy's Update has no public generic)
    return update(RenderJob).where(RenderJob.id == held.job_id, RenderJob.lease == held.lease)


def _rendition(held: Claim, master: Master, deliverable: Deliverable, now: datetime) -> Rendition:
    return Rendition(
        part_id=held.part_id,
        source_sha256=held.source_sha256,
        voice=master.voice_id,
        wished_voice=master.wished_voice_id,
        sha256=master.sha256,
        duration_ms=master.duration_ms,
        lufs=master.lufs,
        peak_dbtp=master.peak_dbtp,
        edit_list=[(line.text, line.start_ms, line.end_ms) for line in master.edit_list],
        created_at=now,
        deliverables=[_row(deliverable, USUAL)],
    )


def _row(made: Deliverable, wanted: Format) -> DeliverableRow:
    return DeliverableRow(
        mime=made.mime,
        preset=wanted.preset,
        sha256=made.sha256,
        size_bytes=made.size_bytes,
        duration_ms=made.duration_ms,
        lufs=made.lufs,
        peak_dbtp=made.peak_dbtp,
    )
