"""What people say of an announcement: comments, and that somebody who speaks a language vouches for a recording."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from content.errors import CommentMissing, NotRendered, WrongState
from content.kernel.units import Sha256
from content.models import Revision, RevisionEvent
from content.service import _steps
from content.service.writing import writers_of
from content.workflow import State, Step, check_four_eyes

LONGEST_COMMENT = 2000


def comment(session: Session, revision: Revision, text: str, actor: UUID, now: datetime) -> None:
    """Say something about a revision, whatever its state. Raises CommentMissing."""
    if not text.strip():
        raise CommentMissing
    said = text.strip()[:LONGEST_COMMENT]
    _steps.take(session, revision, State(revision.state), Step.COMMENT, actor, now, reason=said)


def attest(
    session: Session, revision: Revision, language: str, masters: Mapping[str, Sha256], actor: UUID, now: datetime
) -> None:
    """Vouch that a recording says what the texts tell; bound to the master that was heard and the texts that were read.

    Raises:
        WrongState: neither in review nor approved.
        FourEyes: one's own recording.
        NotRendered: there is no audio in this language.
    """
    if revision.state not in {State.IN_REVIEW, State.APPROVED}:
        raise WrongState(state=revision.state, step=Step.ATTEST)
    check_four_eyes(actor, *writers_of(revision))
    if language not in masters:
        raise NotRendered
    about: dict[str, object] = {"language": language, "master": masters[language], "texts": _texts(revision)}
    state = State(revision.state)
    _steps.take(session, revision, state, Step.ATTEST, actor, now, content=about, language=language)


def attestations(revision: Revision, masters: Mapping[str, Sha256]) -> dict[str, RevisionEvent]:
    """By language: the newest attestation of the audio, and of the texts beside it, as they are now."""
    return {
        str(event.content["language"]): event
        for event in revision.events
        if event.step == Step.ATTEST
        and event.content
        and masters.get(str(event.content["language"])) == event.content["master"]
        and event.content["texts"] == _texts(revision)
    }


def _texts(revision: Revision) -> dict[str, str]:
    return {part.language: part.text for part in revision.parts}
