"""Two languages by gettext catalogues: English is in the code, Vietnamese in `locale/vi/LC_MESSAGES/messages.po`.

The catalogue is compiled in memory at the start, so that there is no build step and nothing to forget.
"""

import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("vi", "en")


def mark(message: str) -> str:
    """The message itself; marks it for the catalogue."""
    return message


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of the pages: words, dates and numbers."""

    code: str
    catalogue: gettext.NullTranslations

    def say(self, sentence: str, facts: Mapping[str, object] | None = None) -> str:
        """The message in this language, with its `{facts}` filled in."""
        words = self.catalogue.gettext(sentence) if sentence else ""
        return words.format(**{name: self._fact(fact) for name, fact in facts.items()}) if facts else words

    def day(self, on: date) -> str:
        """`Chủ nhật, 22/11/2026`."""
        if self.code == "vi":
            return f"{format_date(on, 'EEEE', locale='vi')}, {on:%d/%m/%Y}"
        return format_date(on, "EEEE, d MMMM y", locale="en_GB")

    def clock(self, at: datetime | time, zone: ZoneInfo | None = None, *, seconds: bool = False) -> str:
        """`17:30`, or `17:30:05` with seconds, in the given zone."""
        local = at.astimezone(zone) if zone and isinstance(at, datetime) else at
        if seconds and isinstance(local, datetime):  # 07:38:59.999994 was on time
            local += timedelta(milliseconds=50)
        return format_time(local, "HH:mm:ss" if seconds else "HH:mm", locale=self.code)

    def number(self, value: float) -> str:
        """`1.279` in Vietnamese, `1,279` in English."""
        return format_decimal(value, locale=self.code)

    def _fact(self, fact: object) -> object:
        if isinstance(fact, date) and not isinstance(fact, datetime):
            return f"{fact:%d/%m/%Y}"
        if isinstance(fact, int):
            return self.number(fact)
        return self.catalogue.gettext(str(fact)) if isinstance(fact, str) and fact else fact


@cache
def load(code: str) -> Tongue:
    """The language `vi` or `en`."""
    if code == "en":
        return Tongue("en", gettext.NullTranslations())
    source = files("broadcaster") / "locale" / code / "LC_MESSAGES" / "messages.po"
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=code))
    compiled.seek(0)
    return Tongue(code, gettext.GNUTranslations(compiled))
