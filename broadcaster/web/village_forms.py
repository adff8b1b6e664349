"""What an admin types about a village: quiet hours and volume, languages, and the sound of its players."""

from datetime import time
from typing import Final

from pydantic import BaseModel

from audio_out.codecs import Codec
from audio_out.mastering.horn import Preset
from broadcaster.web.forms import NO_NUMBER, NO_TIME, NOT_OFFERED, Problem, clock_time
from broadcaster.web.words import mark
from content.errors import UnknownLanguage
from content.languages import LANGUAGES
from schedules.models import VillageAiring

LOUDEST = 100
LEAST_LANGUAGES = 3
CODECS: Final = {
    Codec.OPUS: mark("Opus: small files, for our own players"),
    Codec.MP3: mark("MP3: larger, for devices that know nothing else"),
    Codec.WAV: mark("WAV: very large, for devices that decode nothing"),
}
PRESETS: Final = {
    Preset.PLAIN: mark("as it is: for boxes indoors, and close by"),
    Preset.HORN: mark("made for horns: clearer from 100 metres on and in wind"),
}
NO_LANGUAGE = mark("A tick stands beside no language. Choose the language there, or take the tick away.")
NO_VOLUME = mark("The volume is a whole number from 0 to 100.")
_QUIET_FIELDS = ("quiet_from_local", "quiet_until_local")


class AiringForm(BaseModel):
    """Quiet hours and volume, as typed; both times empty mean no quiet hours."""

    quiet_from_local: str = ""
    quiet_until_local: str = ""
    volume_percent: str = "100"

    @classmethod
    def of(cls, airing: VillageAiring) -> "AiringForm":
        """The form that would have made these settings."""
        return cls(
            quiet_from_local=_shown(airing.quiet_from_local),
            quiet_until_local=_shown(airing.quiet_until_local),
            volume_percent=str(airing.volume_percent),
        )

    def changes(self) -> tuple[dict[str, object], list[Problem]]:
        """What to change, and what could not be understood."""
        typed = {name: getattr(self, name) for name in _QUIET_FIELDS}
        times = {name: clock_time(value) for name, value in typed.items()}
        problems = [Problem(name, NO_TIME) for name, value in typed.items() if value and times[name] is None]
        if not (self.volume_percent.isdecimal() and int(self.volume_percent) <= LOUDEST):
            return {}, [*problems, Problem("volume_percent", NO_VOLUME)]
        return times | {"volume_percent": int(self.volume_percent)}, problems


class LanguagesForm(BaseModel):
    """The languages of a village, first to last as typed; `required` are the places (1, 2, ...) that were ticked."""

    languages: list[str] = []
    required: list[str] = []

    @classmethod
    def of(cls, airing: VillageAiring) -> "LanguagesForm":
        """The form that would have made these settings."""
        places = {language: str(place) for place, language in enumerate(airing.languages, 1)}
        return cls(languages=airing.languages, required=[places[language] for language in airing.required])

    @property
    def rows(self) -> list[tuple[str, bool]]:
        """A language and its tick for each row of the page: three at least, and always an empty one."""
        count = max(LEAST_LANGUAGES, len([language for language in self.languages if language]) + 1)
        languages = [*self.languages, *[""] * count][: max(count, len(self.languages))]
        return [(language, str(place) in self.required) for place, language in enumerate(languages, 1)]

    def changes(self) -> tuple[dict[str, object], list[Problem]]:
        """What to change, and what could not be understood."""
        if unknown := [language for language in self.languages if language and language not in LANGUAGES]:
            return {}, [Problem("languages", UnknownLanguage.sentence, {"language": unknown[0]})]
        if any(is_required and not language for language, is_required in self.rows):
            return {}, [Problem("languages", NO_LANGUAGE)]
        chosen = [language for language in self.languages if language]
        required = [language for language, is_required in self.rows if is_required]
        return {"languages": chosen, "required": required}, []


class SoundForm(BaseModel):
    """What the players of a village get, as typed."""

    codec: str = Codec.OPUS
    preset: str = Preset.PLAIN
    freeze_minutes: str = "5"

    @classmethod
    def of(cls, airing: VillageAiring) -> "SoundForm":
        """The form that would have made these settings."""
        return cls(
            codec=airing.codec,
            preset=airing.preset,
            freeze_minutes=str(airing.freeze_minutes),
        )

    def changes(self) -> tuple[dict[str, object], list[Problem]]:
        """What to change, and what could not be understood."""
        problems = [
            Problem(name, NOT_OFFERED)
            for name, known in (("codec", CODECS), ("preset", PRESETS))
            if getattr(self, name) not in known
        ]
        if not self.freeze_minutes.isdecimal():
            problems.append(Problem("freeze_minutes", NO_NUMBER))
        if problems:
            return {}, problems
        return {"codec": self.codec, "preset": self.preset, "freeze_minutes": int(self.freeze_minutes)}, []


def _shown(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""
