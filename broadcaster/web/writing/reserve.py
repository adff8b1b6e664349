"""Whether a reserve voice reads an announcement, and whether the better one is back. Nothing here changes a row."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audio_out import queries as audio
from audio_out.voices import Voice
from broadcaster.jobs.upgrading import better_voices
from broadcaster.station import Station


@dataclass(frozen=True, slots=True)
class Reserve:
    """The voice that should have read; `is_back`: it has read something else since."""

    better: Voice
    is_back: bool


def reserves(session: Session, station: Station, sounds: Mapping[str, audio.Sound]) -> dict[str, Reserve]:
    """By language: where a lower rung of the ladder spoke."""
    found = {language: better_voices(station, sound, language) for language, sound in sounds.items()}
    return {
        language: Reserve(
            better[0], audio.has_spoken_since(session, better[0].id, sounds[language].rendition.created_at)
        )
        for language, better in found.items()
        if better
    }
