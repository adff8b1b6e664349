"""What waits for somebody. Each task has the one button that settles it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out.models import JobState
from audio_out.queries import Progress
from broadcaster.deps import Visit
from content import queries, service
from content.models import Revision
from content.workflow import State, Step

MOST = 1000


class Need(StrEnum):
    """Why something waits, most pressing first."""

    MAKE_AGAIN = "make_again"
    CORRECT = "correct"
    REVIEW = "review"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Task:
    """A revision that waits; `reason` is what somebody said when returning it."""

    need: Need
    revision: Revision
    reason: str = ""


def waiting_for(session: Session, visit: Visit) -> list[Task]:
    """What waits for this visitor, most pressing first."""
    revisions = queries.all_latest(session, visit.commune, states=(State.DRAFT, State.IN_REVIEW), limit=MOST)
    return tasks(visit, revisions, audio.progress(session, revisions))


def tasks(visit: Visit, revisions: Iterable[Revision], progress: Mapping[int, Progress]) -> list[Task]:
    """What waits for this visitor among the newest revisions, most pressing first."""
    order = list(Need)
    found = (task for revision in revisions for task in _tasks(visit, revision, progress.get(revision.id)))
    return sorted(found, key=lambda task: order.index(task.need))


def _tasks(visit: Visit, revision: Revision, progress: Progress | None) -> Iterator[Task]:
    is_mine = visit.user.uuid in service.writers_of(revision)
    if revision.state == State.DRAFT and is_mine:
        # Comments and the like come in between: what counts is which of the two came last.
        sent = [event for event in revision.events if event.step in {Step.SUBMIT, Step.RETURN}]
        is_returned = bool(sent) and sent[-1].step == Step.RETURN
        yield Task(Need.CORRECT, revision, sent[-1].reason) if is_returned else Task(Need.FINISH, revision)
    elif revision.state == State.IN_REVIEW and progress is not None:
        if progress.state == JobState.FAILED and visit.may("secretary"):
            yield Task(Need.MAKE_AGAIN, revision)
        elif progress.state == JobState.DONE and visit.may("cadre") and not is_mine:
            yield Task(Need.REVIEW, revision)
