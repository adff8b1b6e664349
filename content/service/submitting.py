"""Sending a draft for approval: what keeps it back, and freezing what is sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.orm import Session

from content import importing, reading
from content.errors import (
    DaysTooFar,
    LanguageMissing,
    TextMissing,
    TimesPerDayOutOfRange,
    TitleMissing,
    UntilBeforeFrom,
    UntilIsPast,
    VillagesMissing,
)
from content.kernel.errors import Invalid
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.languages import VIETNAMESE
from content.models import Part, Revision
from content.service import _steps
from content.service.writing import MOST_TIMES_PER_DAY
from content.workflow import Step, after

FARTHEST = timedelta(days=730)
EVERY_SLOT = "every"
"""How often, as a submission is kept, where each opening is meant."""
"""How far from today an announcement's days may lie."""
Required = Mapping[str, Sequence[str]]
"""By language: the names of the chosen villages that must hear what is important in it."""
NOTHING_REQUIRED: Required = MappingProxyType({})


def submit(
    session: Session,
    draft: Revision,
    actor: UUID,
    now: datetime,
    lexicon: Sequence[reading.LexiconEntry] = (),
    required: Required = NOTHING_REQUIRED,
) -> None:
    """Freeze a draft for review: text and reading. Raises the Invalid error of the first field that is wrong."""
    state = after(draft.state, Step.SUBMIT)
    today = now.astimezone(session.get_one(Node, draft.announcement.node_id).zone).date()
    check(draft, today, required)
    unheard = {part.language: part.text for part in draft.parts if part.text.strip() and not _holds_something(part)}
    draft.parts = [part for part in draft.parts if _holds_something(part)]
    for part in draft.parts:
        if part.recording is None:
            part.reading = reading.read(part.text, lexicon, today=today).spoken
    _steps.take(session, draft, state, Step.SUBMIT, actor, now, content={**_content(draft), "unheard": unheard})


def recall(session: Session, revision: Revision, actor: UUID, now: datetime) -> None:
    """Take back what was sent, to write on: it is a draft again, and what was sent stays in the events."""
    state = after(revision.state, Step.RECALL)
    for part in revision.parts:
        part.reading = None
    _steps.take(session, revision, state, Step.RECALL, actor, now)


def check(draft: Revision, today: date, required: Required = NOTHING_REQUIRED) -> None:
    """Refuse what cannot be aired. Raises the first of its `problems`."""
    for problem in problems(draft, today, required):
        raise problem


def problems(draft: Revision, today: date, required: Required = NOTHING_REQUIRED) -> Iterator[Invalid]:
    """Everything that keeps a draft from being submitted, each an error that names its field."""
    if not draft.title:
        yield TitleMissing()
    yield from _problems_of_parts(draft)
    if not draft.villages:
        yield VillagesMissing()
    first, last = today - FARTHEST, today + FARTHEST
    if draft.from_on < first or draft.until_on > last:
        yield DaysTooFar(first=first, last=last)
    if draft.until_on < draft.from_on:
        yield UntilBeforeFrom(from_on=draft.from_on, until_on=draft.until_on)
    elif draft.until_on < today:
        yield UntilIsPast(until_on=draft.until_on)
    if not 1 <= draft.times_per_day <= MOST_TIMES_PER_DAY:
        yield TimesPerDayOutOfRange(times=draft.times_per_day, limit=MOST_TIMES_PER_DAY)
    if draft.priority != Priority.ROUTINE:
        yield from _missing_languages(draft, required)


def _problems_of_parts(draft: Revision) -> Iterator[Invalid]:
    said = [part for part in draft.parts if _holds_something(part)]
    if not said:
        yield TextMissing()
    for part in said:
        if part.recording is None:
            try:
                importing.check_speakable(part.text)
            except Invalid as error:
                yield error


def _missing_languages(draft: Revision, required: Required) -> Iterator[LanguageMissing]:
    held = {part.language for part in draft.parts if _holds_something(part)}
    for language, villages in required.items():
        if language not in held:
            yield LanguageMissing(language=language, villages=", ".join(villages))


def _holds_something(part: Part) -> bool:
    """Whether anything would sound: a recording, or a text in the one language that is voiced."""
    return part.recording is not None or (part.language == VIETNAMESE and bool(part.text.strip()))


def _content(revision: Revision) -> dict[str, object]:
    return {
        "title": revision.title,
        "category": revision.category,
        "texts": {part.language: part.text for part in revision.parts},
        "readings": {part.language: part.reading for part in revision.parts},
        "recordings": {part.language: str(part.recording) for part in revision.parts if part.recording},
        "villages": [node.slug for node in revision.villages],
        "from_on": revision.from_on.isoformat(),
        "until_on": revision.until_on.isoformat(),
        "priority": revision.priority,
        "times_per_day": EVERY_SLOT if revision.every_slot else revision.times_per_day,
        "slots": list(revision.slots),
        "voice": revision.voice,
        "pace": revision.pace,
    }
