"""Changing announcements: every step of a revision's life, audited in the same transaction.

Each function takes the session first, flushes and never commits. `actor` is a person's uuid, `now` an aware instant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from content import importing, queries, reading
from content.errors import (
    DraftExists,
    EditedMeanwhile,
    NotRendered,
    ReasonMissing,
    Stale,
    TimesPerDayOutOfRange,
    TitleMissing,
    UntilBeforeFrom,
    UntilIsPast,
    VillagesMissing,
)
from content.kernel import audit
from content.kernel.errors import Invalid
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.kernel.units import Sha256
from content.models import Announcement, Part, Revision, RevisionEvent
from content.workflow import Approvable, State, Step, after, check_four_eyes, digest

MOST_TIMES_PER_DAY = 12
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Wording:
    """What the form holds: texts by language, and where and when they shall be heard."""

    title: str
    texts: dict[str, str]
    villages: Sequence[Node]
    from_on: date
    until_on: date
    category: str = "khac"
    priority: Priority = Priority.ROUTINE
    times_per_day: int = 1
    slot: UUID | None = None
    voice: str = field(default="auto")


def start_draft(session: Session, node: Node, wording: Wording, actor: UUID, now: datetime) -> Revision:
    """A new announcement with its first draft. Nothing is refused here: half a thought may be saved."""
    announcement = Announcement(node_id=node.id, author=actor, created_at=now)
    session.add(announcement)
    session.flush()
    draft = _new_revision(session, announcement, 1, wording, actor, now)
    _audit(session, draft, now, actor, "announcement.drafted")
    return draft


def save_draft(session: Session, draft: Revision, wording: Wording, actor: UUID, now: datetime, *, edits: int) -> None:
    """Overwrite a draft.

    Args:
        session: unit of work.
        draft: a whole revision in state draft.
        wording: everything the form holds.
        actor: who types.
        now: when.
        edits: the save counter of the page that was edited.

    Raises:
        WrongState: it is no draft any more.
        EditedMeanwhile: somebody saved since that page was opened; nothing is changed.
    """
    after(draft.state, Step.SUBMIT)
    if draft.edits != edits:
        raise EditedMeanwhile
    _fill(draft, wording, actor, now)
    draft.edits += 1
    session.flush()


def submit(
    session: Session, draft: Revision, actor: UUID, now: datetime, lexicon: Sequence[reading.LexiconEntry] = ()
) -> None:
    """Freeze a draft for review: text and reading. Raises the Invalid error of the first field that is wrong."""
    state = after(draft.state, Step.SUBMIT)
    check(draft, now.date())
    for part in draft.parts:
        part.reading = reading.read(part.text, lexicon, today=now.date()).spoken
    _step(session, draft, state, Step.SUBMIT, actor, now, content=_content(draft))


def check(draft: Revision, today: date) -> None:
    """Refuse what cannot be aired. Raises the first of its `problems`."""
    for problem in problems(draft, today):
        raise problem


def problems(draft: Revision, today: date) -> Iterator[Invalid]:
    """Everything that keeps a draft from being submitted, each an error that names its field."""
    if not draft.title:
        yield TitleMissing()
    for part in draft.parts:
        try:
            importing.check_speakable(part.text)
        except Invalid as error:
            yield error
    if not draft.villages:
        yield VillagesMissing()
    if draft.until_on < draft.from_on:
        yield UntilBeforeFrom(from_on=draft.from_on, until_on=draft.until_on)
    elif draft.until_on < today:
        yield UntilIsPast(until_on=draft.until_on)
    if not 1 <= draft.times_per_day <= MOST_TIMES_PER_DAY:
        yield TimesPerDayOutOfRange(times=draft.times_per_day, limit=MOST_TIMES_PER_DAY)


def send_back(session: Session, revision: Revision, actor: UUID, now: datetime, reason: str) -> None:
    """Return a revision to its writer, with a reason: it becomes a draft again; its submission stays in the events."""
    state = after(revision.state, Step.RETURN)
    if not reason.strip():
        raise ReasonMissing
    for part in revision.parts:
        part.reading = None
    _step(session, revision, state, Step.RETURN, actor, now, reason=reason.strip())


def approvable(revision: Revision, masters: dict[str, Sha256]) -> Approvable:
    """What an approval of this revision is bound to; `masters` are the masters' sha256 by language.

    Raises NotRendered while a part has no master.
    """
    if any(part.language not in masters for part in revision.parts):
        raise NotRendered
    return Approvable(
        title=revision.title,
        texts={part.language: part.text for part in revision.parts},
        readings={part.language: part.reading or "" for part in revision.parts},
        masters=masters,
        priority=Priority(revision.priority),
        villages=tuple(sorted(str(node.uuid) for node in revision.villages)),
        from_on=revision.from_on,
        until_on=revision.until_on,
        times_per_day=revision.times_per_day,
        slot=revision.slot,
    )


def approve(
    session: Session, revision: Revision, masters: dict[str, Sha256], shown: Sha256, actor: UUID, now: datetime
) -> None:
    """Approve exactly what was shown.

    Args:
        session: unit of work.
        revision: a whole revision in review.
        masters: the masters' sha256 by language, as stored now.
        shown: the digest of the page on which the approver decided.
        actor: who approves; never the author or the last editor.
        now: when.

    Raises:
        WrongState, FourEyes, NotRendered: as they say.
        Stale: the digest of today is not the one that was shown.
    """
    state = after(revision.state, Step.APPROVE)
    check_four_eyes(actor, revision.announcement.author, revision.edited_by)
    now_bound = digest(approvable(revision, masters))
    if now_bound != shown:
        raise Stale
    revision.digest, revision.masters = now_bound, dict(masters)
    revision.decided_by, revision.decided_at = actor, now
    _step(session, revision, state, Step.APPROVE, actor, now, digest=now_bound)


def withdraw(session: Session, revision: Revision, actor: UUID, now: datetime, reason: str = "") -> None:
    """Take an approved revision off the air. `restore` undoes it."""
    state = after(revision.state, Step.WITHDRAW)
    _step(session, revision, state, Step.WITHDRAW, actor, now, reason=reason.strip())


def restore(session: Session, revision: Revision, actor: UUID, now: datetime) -> None:
    """Undo a withdrawal: the approval stands, since nothing it was bound to has changed."""
    _step(session, revision, after(revision.state, Step.RESTORE), Step.RESTORE, actor, now)


def revise(session: Session, approved: Revision, actor: UUID, now: datetime) -> Revision:
    """A new draft with the same words; the approved revision airs on until its successor is approved.

    Raises DraftExists while a newer draft or review exists.
    """
    announcement = approved.announcement
    newest = queries.latest(session, session.get_one(Node, announcement.node_id), announcement.uuid)
    if newest.state in {State.DRAFT, State.IN_REVIEW}:
        raise DraftExists
    wording = Wording(
        title=approved.title,
        texts={part.language: part.text for part in approved.parts},
        villages=approved.villages,
        from_on=approved.from_on,
        until_on=approved.until_on,
        category=approved.category,
        priority=Priority(approved.priority),
        times_per_day=approved.times_per_day,
        slot=approved.slot,
        voice=approved.voice,
    )
    draft = _new_revision(session, announcement, newest.number + 1, wording, actor, now)
    _audit(session, draft, now, actor, "announcement.revised")
    return draft


def _new_revision(
    session: Session, announcement: Announcement, number: int, wording: Wording, actor: UUID, now: datetime
) -> Revision:
    draft = Revision(number=number, state=State.DRAFT, announcement=announcement, parts=[], villages=[], events=[])
    _fill(draft, wording, actor, now)
    session.add(draft)
    session.flush()
    return draft


def _fill(draft: Revision, wording: Wording, actor: UUID, now: datetime) -> None:
    draft.title = importing.clean(wording.title)[:LONGEST_TITLE]
    draft.category, draft.priority = wording.category, wording.priority
    draft.from_on, draft.until_on = wording.from_on, wording.until_on
    draft.times_per_day, draft.slot, draft.voice = wording.times_per_day, wording.slot, wording.voice
    draft.edited_by, draft.edited_at = actor, now
    draft.villages = list(wording.villages)
    kept = {part.language: part for part in draft.parts}
    draft.parts = [
        _with_text(kept.get(language) or Part(language=language), position, text)
        for position, (language, text) in enumerate(wording.texts.items())
    ]


def _with_text(part: Part, position: int, text: str) -> Part:
    part.position, part.text = position, importing.clean(text)
    return part


def _content(revision: Revision) -> dict[str, object]:
    return {
        "title": revision.title,
        "texts": {part.language: part.text for part in revision.parts},
        "readings": {part.language: part.reading for part in revision.parts},
        "villages": [node.slug for node in revision.villages],
        "from_on": revision.from_on.isoformat(),
        "until_on": revision.until_on.isoformat(),
        "priority": revision.priority,
        "times_per_day": revision.times_per_day,
    }


def _step(
    session: Session,
    revision: Revision,
    state: State,
    step: Step,
    actor: UUID,
    now: datetime,
    *,
    reason: str = "",
    content: dict[str, object] | None = None,
    **facts: object,
) -> None:
    revision.state = state
    revision.events.append(RevisionEvent(step=step, at=now, actor=actor, reason=reason, content=content))
    session.flush()
    _audit(session, revision, now, actor, f"announcement.{step}", reason=reason, **facts)


def _audit(session: Session, revision: Revision, now: datetime, actor: UUID, act: str, **facts: object) -> None:
    announcement = revision.announcement
    audit.record(
        session,
        announcement.node_id,
        now,
        actor,
        act,
        f"announcement:{announcement.uuid}",
        revision=revision.number,
        **facts,
    )
