"""What an admin types about a village: quiet hours and volume, languages, sound, and what its device needs."""

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
from schedules.service.airing import LARGEST_OFFSET_MS, LONGEST_WARM_UP_MS, MOST_CACHE_MB, MOST_KBYTES_S

LOUDEST = 100
LEAST_LANGUAGES = 3
LEAST_SPANS = 2
LONGEST_NUMBER = 12
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
NO_OFFSET = mark("The delay is a number of seconds up to 10, such as 0.3; with a minus in front where it is early.")
NO_SPEED = mark("The speed is a whole number of kilobytes a second, up to 100,000; 0 for as fast as it can.")
NO_ROOM = mark("The room for audio is a whole number of megabytes, up to 1,000,000; 0 for no limit.")
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


class DeviceForm(BaseModel):
    """What the device in a village must know of its amplifier, line and disk, as typed; no time: no chime."""

    warm_up_s: str = "0"
    output_offset_s: str = "0"
    max_kbytes_s: str = "0"
    cache_mb: str = "0"
    test_chime_local: str = ""

    @classmethod
    def of(cls, airing: VillageAiring) -> "DeviceForm":
        """The form that would have made these settings."""
        return cls(
            warm_up_s=f"{airing.warm_up_ms / 1000:g}",
            output_offset_s=f"{airing.output_offset_ms / 1000:g}",
            max_kbytes_s=str(airing.max_kbytes_s),
            cache_mb=str(airing.cache_mb),
            test_chime_local=_shown(airing.test_chime_local),
        )

    def changes(self) -> tuple[dict[str, object], list[Problem]]:
        """What to change, and what could not be understood."""
        chime = clock_time(self.test_chime_local)
        offset_ms = _ms(self.output_offset_s, -LARGEST_OFFSET_MS, LARGEST_OFFSET_MS)
        typed = (
            ("warm_up_s", "warm_up_ms", _ms(self.warm_up_s, 0, LONGEST_WARM_UP_MS), NO_WARM_UP),
            ("output_offset_s", "output_offset_ms", offset_ms, NO_OFFSET),
            ("max_kbytes_s", "max_kbytes_s", _whole(self.max_kbytes_s, MOST_KBYTES_S), NO_SPEED),
            ("cache_mb", "cache_mb", _whole(self.cache_mb, MOST_CACHE_MB), NO_ROOM),
        )
        problems = [Problem(name, sentence) for name, _, value, sentence in typed if value is None]
        if self.test_chime_local and chime is None:
            problems.append(Problem("test_chime_local", NO_TIME))
        return {setting: value for _, setting, value, _ in typed} | {"test_chime_local": chime}, problems


def _shown(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def _percent(typed: str) -> int | None:
    return _whole(typed, LOUDEST)


def _whole(typed: str, most: int) -> int | None:
    return int(typed) if typed.isdecimal() and len(typed) < LONGEST_NUMBER and int(typed) <= most else None


def _span(begins: str, ends: str, percent: str) -> dict[str, object] | None:
    from_local, until_local, volume = clock_time(begins), clock_time(ends), _percent(percent)
    if from_local is None or until_local is None or volume is None or from_local == until_local:
        return None
    return {"from_local": _shown(from_local), "until_local": _shown(until_local), "percent": volume}


def _ms(seconds: str, least: int, most: int) -> int | None:
    try:
        typed = float(seconds.replace(",", ".")) * 1000
    except ValueError:
        return None
    return round(typed) if least <= typed <= most else None
