"""What people type, kept as they typed it, and made into values where it can be.

A form never loses a word: what cannot be understood becomes a problem beside its field, and a default stands in.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from pydantic import BaseModel

from audio_out.voices import AUTO, Pace
from broadcaster.web.words import CATEGORIES, mark
from content import importing
from content.importing import Imported
from content.kernel.errors import BroadcastError
from content.kernel.nodes import Node
from content.kernel.priority import Priority
from content.models import Revision
from content.service import LONGEST_TITLE, Wording

LANGUAGE = "vi"
"""The one language that pages write in so far."""
USUAL_SPAN = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence that belongs beside the field of this name (empty: to the whole form)."""

    field: str
    sentence: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)


def problem_of(error: BroadcastError) -> Problem:
    """An error, to be shown at its field."""
    return Problem(error.field or "", error.sentence, error.facts)


@dataclass(frozen=True, slots=True)
class Offered:
    """What the page “write an announcement” offers this person: what is not among it was not chosen there."""

    villages: Sequence[Node]
    slots: Collection[UUID]
    voices: Collection[str]


class AnnouncementForm(BaseModel):
    """The page “write an announcement”, field by field as typed.

    `without_official` belongs to a file that text is taken from, `language` to a part that is to be recorded.
    """

    title: str = ""
    text: str = ""
    category: str = "khac"
    priority: str = Priority.ROUTINE
    where: str = "all"
    villages: list[str] = []
    from_on: str = ""
    until_on: str = ""
    times_per_day: str = "1"
    every_slot: bool = False
    slots: list[str] = []
    voice: str = "auto"
    pace: str = Pace.CALM
    without_official: bool = False
    language: str = ""
    edits: int = 0
    do: str = "save"

    @classmethod
    def blank(cls, today: date, voice: str) -> "AnnouncementForm":
        """A new announcement: everywhere, from today for a week, once a day."""
        until_on = today + USUAL_SPAN
        return cls(from_on=today.isoformat(), until_on=until_on.isoformat(), voice=voice, without_official=True)

    @classmethod
    def of(cls, revision: Revision, villages: Sequence[Node]) -> "AnnouncementForm":
        """The form that would have made this revision."""
        heard_in = {node.id for node in revision.villages}
        return cls(
            title=revision.title,
            text=next((part.text for part in revision.parts if part.language == LANGUAGE), ""),
            category=revision.category,
            priority=revision.priority,
            where="all" if heard_in >= {node.id for node in villages} else "some",
            villages=[node.slug for node in revision.villages],
            from_on=revision.from_on.isoformat(),
            until_on=revision.until_on.isoformat(),
            times_per_day=str(revision.times_per_day),
            every_slot=revision.every_slot,
            slots=list(revision.slots),
            voice=revision.voice,
            pace=revision.pace,
            without_official=True,
            edits=revision.edits,
        )

    def with_imported(self, imported: Imported) -> "AnnouncementForm":
        """With the text of a file below what is there, and its title where there is none."""
        text = f"{self.text.rstrip()}\n\n{imported.text}" if self.text.strip() else imported.text
        title = self.title if self.title.strip() else (imported.title or "")[:LONGEST_TITLE]
        return self.model_copy(update={"title": title, "text": text})

    def in_unicode(self) -> "AnnouncementForm":
        """With title and text typed for a font of the nineties made Unicode; they are judged together."""
        title, _, text = importing.to_unicode(f"{self.title}\n{self.text}")[0].partition("\n")
        return self.model_copy(update={"title": title, "text": text})

    def wording(self, offered: Offered, today: date) -> tuple[Wording, list[Problem]]:
        """All that can be saved, and what could not be understood."""
        problems: list[Problem] = []
        if len(self.title) > LONGEST_TITLE:
            problems.append(Problem("title", TITLE_TOO_LONG, {"limit": LONGEST_TITLE}))
        from_on = typed_date(self.from_on, "from_on", today, problems)
        until_on = typed_date(self.until_on, "until_on", from_on + USUAL_SPAN, problems)
        wording = Wording(
            title=self.title,
            texts={LANGUAGE: self.text},
            villages=chosen(offered.villages, self.where, self.villages),
            from_on=from_on,
            until_on=until_on,
            category=_one_of(self.category, CATEGORIES, "khac", "category", problems),
            priority=Priority(_one_of(self.priority, set(Priority), Priority.ROUTINE, "priority", problems)),
            times_per_day=typed_number(self.times_per_day, "times_per_day", problems),
            every_slot=self.every_slot,
            slots=_among(self.slots, offered.slots, "slots", problems),
            voice=_one_of(self.voice, {AUTO, *offered.voices}, AUTO, "voice", problems),
            pace=_one_of(self.pace, set(Pace), Pace.CALM, "pace", problems),
        )
        return wording, problems


TITLE_TOO_LONG = mark("The title is too long: {limit} characters at most. Shorten it; the rest belongs in the text.")
NOT_OFFERED = mark("Choose again from the list.")
NO_DATE = mark("This is not a date. Choose one from the calendar, or write it as year-month-day.")
NO_NUMBER = mark("Write a whole number here.")
NO_TIME = mark("Write a time of day here, such as 17:30.")
NO_NAME = mark("Give it a name.")


def clock_time(typed: str) -> time | None:
    """A time of day as typed, None where it is none."""
    try:
        return time.fromisoformat(typed.strip()).replace(tzinfo=None)
    except ValueError:
        return None


def local(target: str, instead: str) -> str:
    """A path of this site; `instead` of anything that a browser could take for another site."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if inside else instead


def chosen(villages: Sequence[Node], where: str, slugs: Sequence[str]) -> list[Node]:
    """The villages that a form names."""
    return [node for node in villages if where == "all" or node.slug in slugs]


def typed_date(typed: str, name: str, instead: date, problems: list[Problem]) -> date:
    """The date of a field; `instead` and a problem at the field where it is none."""
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        problems.append(Problem(name, NO_DATE))
        return instead


def typed_number(typed: str, name: str, problems: list[Problem]) -> int:
    """The whole number of a field; 1 and a problem at the field where it is none."""
    try:
        return int(typed)
    except ValueError:
        problems.append(Problem(name, NO_NUMBER))
        return 1


def _one_of(typed: str, known: Collection[str], instead: str, name: str, problems: list[Problem]) -> str:
    if typed in known:
        return typed
    problems.append(Problem(name, NOT_OFFERED))
    return instead


def _among(typed: Collection[str], known: Collection[UUID], name: str, problems: list[Problem]) -> list[UUID]:
    if set(typed) - {str(one) for one in known}:
        problems.append(Problem(name, NOT_OFFERED))
    return [one for one in known if str(one) in typed]
