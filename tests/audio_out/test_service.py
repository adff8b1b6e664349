"""The queue of renderings: nothing is lost by a dead worker, nothing is kept twice."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio_out import queries, service
from audio_out.assembly import Deliverable, Master
from audio_out.errors import NoVoiceSpoke, Silence
from audio_out.models import JobState, RenderJob, Rendition
from audio_out.service import LEASE, MOST_ATTEMPTS, Claim
from content import service as content
from content.errors import WrongState
from content.kernel.nodes import Node
from content.kernel.units import Dbtp, DurationMs, Lufs, Sha256
from content.models import Revision
from tests import factories
from tests.conftest import HandClock


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
