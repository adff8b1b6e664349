"""In which languages an announcement is heard, as the form tells it. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio_out.models import Recording
from content.kernel.nodes import Node
from content.kernel.units import DurationMs
from content.languages import LANGUAGES, VIETNAMESE
from content.models import Revision
from schedules import queries as schedules


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: where it is heard, where what is important needs it, and how long its recording lasts.

    `length_ms` None: nothing is recorded in it yet.
    """

    language: str
    villages: tuple[str, ...]
    required_in: tuple[str, ...]
    length_ms: DurationMs | None


def tongues(session: Session, commune: Node, chosen: Collection[Node], draft: Revision | None) -> list[Tongue]:
    """The languages of the chosen villages and of what is recorded, as villages sound them; Vietnamese always first."""
    ids = {village.id for village in chosen}
    airings = [each for each in schedules.village_airings(session, commune) if each.village_id in ids]
    lengths = _lengths(session, draft)
    wanted = (language for each in airings for language in [*each.languages, *each.required])
    return [
        Tongue(
            language,
            tuple(each.village.name for each in airings if language in each.languages),
            tuple(each.village.name for each in airings if language in each.required),
            lengths.get(language),
        )
        for language in dict.fromkeys([VIETNAMESE, *wanted, *lengths])
        if language in LANGUAGES
    ]


def _lengths(session: Session, draft: Revision | None) -> dict[str, DurationMs]:
    recorded = {part.language: part.recording for part in draft.parts if part.recording} if draft else {}
    rows = session.execute(select(Recording.uuid, Recording.duration_ms).where(Recording.uuid.in_(recorded.values())))
    length_of = {uuid: DurationMs(duration_ms) for uuid, duration_ms in rows}
    return {language: length_of[uuid] for language, uuid in recorded.items() if uuid in length_of}
