"""What an admin types about a village: quiet hours and volume, languages, and the sound of its players."""

from datetime import time
from itertools import zip_longest
from typing import Final

from pydantic import BaseModel

from audio_out.codecs import Codec
from audio_out.mastering.horn import Preset
from broadcaster.web.forms import NO_NUMBER, NO_TIME, NOT_OFFERED, Problem, clock_time
from broadcaster.web.words import mark
from content.errors import UnknownLanguage
from content.languages import LANGUAGES
from schedules.models import VillageAiring
from schedules.service.airing import LONGEST_WARM_UP_MS

LOUDEST = 100
LEAST_LANGUAGES = 3
LEAST_SPANS = 2
LONGEST_WARM_UP_S = LONGEST_WARM_UP_MS / 1000
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
NO_SPAN = mark("A time of day needs a beginning, an end and a volume from 0 to 100. Give all three, or none.")
NO_WARM_UP = mark("The amplifier's warm-up is a number of seconds from 0 to 60, such as 2 or 0.5.")
_QUIET_FIELDS = ("quiet_from_local", "quiet_until_local")
_VOLUME_FIELDS = ("volume_percent", "emergency_volume_percent")


class AiringForm(BaseModel):
    """Quiet hours and volume, as typed; both times empty mean no quiet hours."""

    quiet_from_local: str = ""
    quiet_until_local: str = ""
    volume_percent: str = "100"
    emergency_volume_percent: str = "100"
    volume_from: list[str] = []
    volume_until: list[str] = []
    volume_there: list[str] = []

    @classmethod
    def of(cls, airing: VillageAiring) -> "AiringForm":
        """The form that would have made these settings."""
        return cls(
            quiet_from_local=_shown(airing.quiet_from_local),
            quiet_until_local=_shown(airing.quiet_until_local),
            volume_percent=str(airing.volume_percent),
            emergency_volume_percent=str(airing.emergency_volume_percent),
            volume_from=[str(span["from_local"]) for span in airing.volumes],
            volume_until=[str(span["until_local"]) for span in airing.volumes],
            volume_there=[str(span["percent"]) for span in airing.volumes],
        )

    @property
    def spans(self) -> list[tuple[str, str, str]]:
        """Beginning, end and volume for each row of the page: two at least, and always an empty one."""
        typed = zip_longest(self.volume_from, self.volume_until, self.volume_there, fillvalue="")
        filled = [row for row in typed if any(row)]
        return filled + [("", "", "")] * max(1, LEAST_SPANS - len(filled))

    def changes(self) -> tuple[dict[str, object], list[Problem]]:
        """What to change, and what could not be understood."""
        typed = {name: getattr(self, name) for name in _QUIET_FIELDS}
        times = {name: clock_time(value) for name, value in typed.items()}
        problems = [Problem(name, NO_TIME) for name, value in typed.items() if value and times[name] is None]
        volumes = {name: _percent(getattr(self, name)) for name in _VOLUME_FIELDS}
        problems += [Problem(name, NO_VOLUME) for name, value in volumes.items() if value is None]
        spans = [_span(*row) for row in self.spans if any(row)]
        if None in spans:
            problems.append(Problem("volumes", NO_SPAN))
        return times | volumes | {"volumes": spans}, problems


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
    warm_up_s: str = "0"

    @classmethod
    def of(cls, airing: VillageAiring) -> "SoundForm":
        """The form that would have made these settings."""
        return cls(
            codec=airing.codec,
            preset=airing.preset,
            freeze_minutes=str(airing.freeze_minutes),
            warm_up_s=f"{airing.warm_up_ms / 1000:g}",
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
        warm_up_ms = _ms(self.warm_up_s)
        if warm_up_ms is None:
            problems.append(Problem("warm_up_s", NO_WARM_UP))
        if problems:
            return {}, problems
        freeze_minutes = int(self.freeze_minutes)
        changes = {
            "codec": self.codec,
            "preset": self.preset,
            "freeze_minutes": freeze_minutes,
            "warm_up_ms": warm_up_ms,
        }
        return changes, []


def _shown(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def _percent(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and int(typed) <= LOUDEST else None


def _span(begins: str, ends: str, percent: str) -> dict[str, object] | None:
    from_local, until_local, volume = clock_time(begins), clock_time(ends), _percent(percent)
    if from_local is None or until_local is None or volume is None or from_local == until_local:
        return None
    return {"from_local": _shown(from_local), "until_local": _shown(until_local), "percent": volume}


def _ms(seconds: str) -> int | None:
    try:
        typed = float(seconds.replace(",", "."))
    except ValueError:
        return None
    return round(typed * 1000) if 0 <= typed <= LONGEST_WARM_UP_S else None
