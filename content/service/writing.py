"""The writer's side: drafts, their recordings, new versions and copies. Nothing typed is refused or lost here."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from content import importing, queries
from content.errors import DraftExists, EditedMeanwhile, UnknownLanguage
from content.kernel.folding import searchable
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.languages import LANGUAGES, VIETNAMESE
from content.models import Announcement, Part, Revision
from content.service import _steps
from content.workflow import State, Step, after

MOST_TIMES_PER_DAY = 12
LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Wording:
    """What the form holds: texts by language, and where and when they shall be heard.

    `texts` are those to be voiced; parts with a recording come and go by `put_recording`.
    """

    title: str
    texts: dict[str, str]
    villages: Sequence[Node]
    from_on: date
    until_on: date
    category: str = "khac"
    priority: Priority = Priority.ROUTINE
    times_per_day: int = 1
    slots: Sequence[UUID] = ()
    every_slot: bool = False
    voice: str = field(default="auto")
    pace: str = field(default="calm")


def start_draft(session: Session, node: Node, wording: Wording, actor: UUID, now: datetime) -> Revision:
    """A new announcement with its first draft. Nothing is refused here: half a thought may be saved."""
    announcement = Announcement(node_id=node.id, author=actor, created_at=now)
    session.add(announcement)
    session.flush()
    draft = _new_revision(session, announcement, 1, wording, actor, now)
    _steps.record(session, draft, now, actor, "announcement.drafted")
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
    by_another_hand = draft.edited_by != actor
    _fill(draft, wording, actor, now)
    draft.edits += 1
    session.flush()
    if by_another_hand:  # not each of a writer's many saves, but who wrote in whose draft
        _steps.record(session, draft, now, actor, "announcement.edited", title=draft.title)


def put_recording(
    session: Session,
    draft: Revision,
    language: str,
    recording: UUID | None,
    actor: UUID,
    now: datetime,
    *,
    text: str | None = None,
) -> None:
    """Let a recording be heard in a language, or with None no longer; `text` tells approvers what is said in it.

    The save counter stays: who types in the form meanwhile changes nothing of this, and loses nothing by it. Only a
    text that the form holds too counts as a save.

    Raises:
        WrongState: it is no draft any more.
        UnknownLanguage: not one of `content.languages`.
    """
    after(draft.state, Step.SUBMIT)
    if language not in LANGUAGES:
        raise UnknownLanguage(language=language)
    part = next((part for part in draft.parts if part.language == language), None)
    if part is None:
        part = Part(language=language, position=len(draft.parts), text="")
        draft.parts.append(part)
    part.recording = recording
    if text is not None:
        part.text = importing.clean(text)
    draft.search = _search(draft)
    if text is not None and language == VIETNAMESE:
        draft.edits += 1  # a form that is open elsewhere holds this text too, and would bring the old one back
    _note_writer(draft, actor, now)
    session.flush()
    _steps.record(session, draft, now, actor, "announcement.recorded", language=language, recording=str(recording))


def discard(session: Session, draft: Revision, actor: UUID, now: datetime) -> None:
    """Put a draft out of sight; `restore` brings it back. What was approved before airs on."""
    _steps.take(session, draft, after(draft.state, Step.DISCARD), Step.DISCARD, actor, now)


def revise(session: Session, approved: Revision, actor: UUID, now: datetime) -> Revision:
    """A new draft with the same words; the approved revision airs on until its successor is approved.

    Raises DraftExists while a newer draft or review exists.
    """
    announcement = approved.announcement
    newest = queries.latest(session, session.get_one(Node, announcement.node_id), announcement.uuid)
    if newest.state in {State.DRAFT, State.IN_REVIEW}:
        raise DraftExists
    number = queries.highest_number(session, announcement) + 1
    draft = _new_revision(session, announcement, number, _wording_of(approved), actor, now)
    _take_recordings(draft, approved)
    session.flush()
    _steps.record(session, draft, now, actor, "announcement.revised")
    return draft


def copy_as_new(
    session: Session, revision: Revision, villages: Sequence[Node], actor: UUID, now: datetime, today: date
) -> Revision:
    """Another announcement with the same words and recordings for these villages, for as many days from today on."""
    node = session.get_one(Node, revision.announcement.node_id)
    until_on = today + (revision.until_on - revision.from_on)
    wording = replace(_wording_of(revision), villages=villages, from_on=today, until_on=until_on)
    draft = start_draft(session, node, wording, actor, now)
    _take_recordings(draft, revision)
    session.flush()
    return draft


def _wording_of(revision: Revision) -> Wording:
    return Wording(
        title=revision.title,
        texts={part.language: part.text for part in revision.parts if part.recording is None},
        villages=revision.villages,
        from_on=revision.from_on,
        until_on=revision.until_on,
        category=revision.category,
        priority=Priority(revision.priority),
        times_per_day=revision.times_per_day,
        slots=[UUID(slot) for slot in revision.slots],
        every_slot=revision.every_slot,
        voice=revision.voice,
        pace=revision.pace,
    )


def _take_recordings(draft: Revision, source: Revision) -> None:
    draft.parts += [
        Part(language=part.language, position=part.position, text=part.text, recording=part.recording)
        for part in source.parts
        if part.recording is not None
    ]
    draft.search = _search(draft)


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
    draft.times_per_day, draft.every_slot = wording.times_per_day, wording.every_slot
    draft.slots = sorted(map(str, wording.slots))
    draft.voice, draft.pace = wording.voice, wording.pace
    _note_writer(draft, actor, now)
    draft.villages = list(wording.villages)
    kept = {part.language: part for part in draft.parts}
    recorded = [part for part in draft.parts if part.recording is not None and part.language not in wording.texts]
    draft.parts = [
        *(
            _with_text(kept.get(language) or Part(language=language), position, text)
            for position, (language, text) in enumerate(wording.texts.items())
        ),
        *recorded,
    ]
    draft.search = _search(draft)


def _note_writer(draft: Revision, actor: UUID, now: datetime) -> None:
    draft.edited_by, draft.edited_at = actor, now
    if str(actor) not in (draft.writers or ()):
        draft.writers = [*(draft.writers or ()), str(actor)]


def writers_of(revision: Revision) -> set[UUID]:
    """Everybody who wrote it: its announcement's author, and all who changed this revision."""
    return {revision.announcement.author, revision.edited_by, *map(UUID, revision.writers)}


def _with_text(part: Part, position: int, text: str) -> Part:
    part.position, part.text = position, importing.clean(text)
    return part


def _search(draft: Revision) -> str:
    return searchable(draft.title, *(part.text for part in draft.parts))
