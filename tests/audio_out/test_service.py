"""The queue of renderings: nothing is lost by a dead worker, nothing is kept twice."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio_out import queries, service
from audio_out.assembly import Deliverable, Master
from audio_out.errors import NoSuchRecording, NoVoiceSpoke, Silence
from audio_out.models import JobState, Recording, RenderJob, Rendition
from audio_out.recordings import Finding, FindingKind, Take
from audio_out.service import LEASE, MOST_ATTEMPTS, Claim
from content import service as content
from content.errors import WrongState
from content.kernel import audit
from content.kernel.nodes import Node, NodeKind, add_node
from content.kernel.units import Dbtp, DurationMs, Lufs, Sha256
from content.models import Revision
from tests import factories
from tests.conftest import HandClock

TAKE = Take(
    sha256=Sha256("1" * 64),
    take_sha256=Sha256("2" * 64),
    mime="audio/mp4",
    size_bytes=1000,
    duration_ms=DurationMs(4000),
    findings=(Finding(FindingKind.CLIPPED, {"seconds": 3, "at_s": 1.5}),),
    waveform=(0, 50, 100),
)


@pytest.fixture
def recording(session: Session, commune: Node, clock: HandClock) -> Recording:
    """A recording received in the commune."""
    return service.add_recording(session, commune, TAKE, "bản ghi.m4a", uuid4(), clock.now())


@pytest.fixture
def revision(session: Session, commune: Node, villages: list[Node], clock: HandClock) -> Revision:
    """In review, its rendering queued."""
    made = factories.draft(session, commune, villages, clock.now())
    content.submit(session, made, made.edited_by, clock.now())
    service.enqueue(session, made, clock.now())
    return made


def claimed(session: Session, clock: HandClock) -> Claim:
    held = service.claim(session, clock.now())
    assert held is not None
    return held


def finish(session: Session, held: Claim, clock: HandClock) -> bool:
    name = Sha256("e" * 64)
    loud = (Lufs(-16.0), Dbtp(-2.0))
    master = Master(name, DurationMs(1000), *loud, voice_id="espeak:vi+f2", wished_voice_id="auto", edit_list=())
    return service.finish(
        session, held, master, Deliverable(name, "audio/ogg", 9, DurationMs(1000), *loud), clock.now()
    )


def state(session: Session) -> JobState:
    return session.scalars(select(RenderJob.state)).one()


def test_a_job_is_claimed_once(session: Session, revision: Revision, clock: HandClock) -> None:
    """While its lease lasts nobody else gets it."""
    held = claimed(session, clock)
    assert held.reading == revision.parts[0].reading
    assert not service.any_waiting(session, clock.now())
    assert service.claim(session, clock.now()) is None


def test_a_dead_workers_job_is_taken_over(session: Session, revision: Revision, clock: HandClock) -> None:
    """After the lease another worker has it, and the first one's last word counts no more."""
    first = claimed(session, clock)
    clock.pass_by(seconds=LEASE.total_seconds() + 1)
    second = claimed(session, clock)
    assert not service.renew(session, first, clock.now())
    assert finish(session, second, clock)
    assert not finish(session, first, clock)
    assert session.scalar(select(func.count(Rendition.id))) == 1
    assert state(session) == JobState.DONE


def test_a_renewed_lease_lasts(session: Session, revision: Revision, clock: HandClock) -> None:
    """A worker that renews keeps its job however long it takes."""
    held = claimed(session, clock)
    for _ in range(5):
        clock.pass_by(seconds=LEASE.total_seconds() - 1)
        assert service.renew(session, held, clock.now())
        assert service.claim(session, clock.now()) is None


def test_what_may_pass_is_tried_again_later(session: Session, revision: Revision, clock: HandClock) -> None:
    """A failure of the moment is retried with growing pauses, then failed with its sentence."""
    for attempt in range(1, MOST_ATTEMPTS + 1):
        held = claimed(session, clock)
        service.fail(session, held, NoVoiceSpoke(reasons="none"), clock.now())
        assert service.claim(session, clock.now()) is None
        clock.pass_by(seconds=10 * attempt**2)
    assert state(session) == JobState.FAILED
    progress = queries.progress(session, [revision])[revision.id]
    assert progress.error is not None
    assert progress.error["facts"] == {"reasons": "none"}


def test_what_cannot_work_is_not_tried_again(session: Session, revision: Revision, clock: HandClock) -> None:
    """A text that gives silence gives it the second time too."""
    service.fail(session, claimed(session, clock), Silence(), clock.now())
    assert state(session) == JobState.FAILED


def test_a_job_that_kills_its_workers_is_given_up(session: Session, revision: Revision, clock: HandClock) -> None:
    """After three workers died of it, it is failed and not given to a fourth."""
    for _ in range(MOST_ATTEMPTS):
        claimed(session, clock)
        clock.pass_by(seconds=LEASE.total_seconds() + 1)
    assert service.claim(session, clock.now()) is None
    assert state(session) == JobState.FAILED


def test_only_what_is_in_review_is_rendered(
    session: Session, commune: Node, villages: list[Node], clock: HandClock
) -> None:
    """Neither a draft nor what is approved can be queued."""
    draft = factories.draft(session, commune, villages, clock.now())
    with pytest.raises(WrongState):
        service.enqueue(session, draft, clock.now())
    with pytest.raises(WrongState):
        service.enqueue(session, factories.approved(session, commune, villages, clock.now()), clock.now())


def test_what_was_approved_is_what_airs(
    session: Session, commune: Node, villages: list[Node], clock: HandClock
) -> None:
    """A rendering that ends after the approval changes nothing of what was approved."""
    approved = factories.approved(session, commune, villages, clock.now())
    before = queries.masters(session, approved)
    factories.rendered(session, approved, clock.now(), seed=str(uuid4()))
    assert queries.masters(session, approved) == before


def test_a_recording_is_kept_with_what_was_found(
    session: Session, commune: Node, recording: Recording, clock: HandClock
) -> None:
    """Facts and findings come back as they were received, and the audit log names the file's hash."""
    session.expire_all()
    kept = queries.recording(session, commune, recording.uuid)
    assert (kept.sha256, kept.take_sha256, kept.mime) == (TAKE.sha256, TAKE.take_sha256, "audio/mp4")
    assert [(kind, facts) for kind, facts in kept.findings] == [("clipped", {"seconds": 3, "at_s": 1.5})]
    assert (tuple(kept.waveform), kept.duration_ms, kept.received_at) == (TAKE.waveform, 4000, clock.now())
    entry = session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.act, entry.subject) == ("recording.received", f"recording:{kept.uuid}")
    assert entry.facts == {"sha256": TAKE.sha256}


def test_a_recording_of_another_commune_does_not_exist(session: Session, recording: Recording) -> None:
    """Neither a neighbour's recording nor a guessed name is found."""
    other = add_node(session, NodeKind.COMMUNE, "ta-phoi", "Tả Phời")
    with pytest.raises(NoSuchRecording):
        queries.recording(session, other, recording.uuid)
    with pytest.raises(NoSuchRecording):
        queries.recording(session, other, uuid4())


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("C:\\fakepath\\họp thôn.m4a", "họp thôn.m4a"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egp3.exe\n", "agp3.exe"),
        ("", ""),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_files_name_is_only_shown(session: Session, commune: Node, clock: HandClock, sent: str, shown: str) -> None:
    """No path, nothing invisible, no more than fits: a name is for people to recognise."""
    assert service.add_recording(session, commune, TAKE, sent, uuid4(), clock.now()).file_name == shown


@pytest.fixture
def recorded(session: Session, commune: Node, villages: list[Node], recording: Recording, clock: HandClock) -> Revision:
    """In review, with one part in Vietnamese to be spoken and one in Giáy that was recorded."""
    made = factories.draft(session, commune, villages, clock.now())
    content.put_recording(session, made, "pcc", recording.uuid, made.edited_by, clock.now())
    content.submit(session, made, made.edited_by, clock.now())
    service.enqueue(session, made, clock.now())
    return made


def test_a_recorded_part_is_claimed_with_its_take(
    session: Session, recorded: Revision, recording: Recording, clock: HandClock
) -> None:
    """The worker learns what to master; the spoken part beside it is claimed as ever; both masters are approved."""
    spoken, taken = claimed(session, clock), claimed(session, clock)
    assert (spoken.take_sha256, spoken.language) == (None, "vi")
    assert (taken.take_sha256, taken.language) == (TAKE.take_sha256, "pcc")
    assert finish(session, spoken, clock)
    assert finish(session, taken, clock)
    assert queries.masters(session, recorded) == {"vi": "e" * 64, "pcc": "e" * 64}


def test_a_recording_that_is_not_there_is_never_queued(
    session: Session, commune: Node, villages: list[Node], clock: HandClock
) -> None:
    """A part that names nothing is refused when it is sent, not when a worker stumbles over it."""
    made = factories.draft(session, commune, villages, clock.now())
    content.put_recording(session, made, "pcc", uuid4(), made.edited_by, clock.now())
    content.submit(session, made, made.edited_by, clock.now())
    with pytest.raises(NoSuchRecording):
        service.enqueue(session, made, clock.now())


def test_a_cancelled_rendering_stops_and_leaves_nothing(session: Session, revision: Revision, clock: HandClock) -> None:
    """Who works on it loses the lease; what it still brings is not kept, and nobody takes the job again."""
    held = claimed(session, clock)
    service.cancel(session, revision, clock.now())
    assert not service.renew(session, held, clock.now())
    assert not finish(session, held, clock)
    clock.pass_by(seconds=LEASE.total_seconds() + 1)
    assert service.claim(session, clock.now()) is None
    assert queries.progress(session, [revision]) == {}


def test_another_voice_pace_or_urgency_is_another_sound(session: Session, revision: Revision, clock: HandClock) -> None:
    """What was rendered before such a change is not the audio of what is sent afterwards."""
    finish(session, claimed(session, clock), clock)
    assert queries.masters(session, revision) != {}
    for name, value in (("voice", "espeak:vi"), ("pace", "slow"), ("priority", "emergency")):
        before = getattr(revision, name)
        setattr(revision, name, value)
        assert queries.masters(session, revision) == {}
        setattr(revision, name, before)
