"""What is kept how long: the settings' defaults, the commune's own choice, and what follows from them at an instant."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import InstrumentedAttribute

from broadcaster.asrun.models import Airing, AsRunEntry, QuarantinedRow
from broadcaster.fleet.models import PlayerHour
from broadcaster.retention.models import Retention
from broadcaster.settings import Settings

LOG_AT_LEAST_MONTHS: Final = 2
"""Players keep what they aired for 30 days, and send it again after a restore: it must find its equal here."""
GRACE: Final = timedelta(days=7)
"""So long the originals stay beside their export, for somebody to say no."""


class What(StrEnum):
    """What a rule is about."""

    LOG = "log"
    AUDIO = "audio"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Kept:
    """How long each is kept: months of log and audio (0: for ever), days of the players' hourly reports."""

    log_months: int
    audio_months: int
    health_days: int

    @classmethod
    def of(cls, settings: Settings, own: Retention | None) -> Self:
        """The commune's own choice, else the settings'."""

        def chosen(name: str) -> int:
            said = getattr(own, name) if own else None
            return int(getattr(settings, name) if said is None else said)

        return cls(chosen("keep_log_months"), chosen("keep_audio_months"), chosen("keep_health_days"))

    def before(self, what: What, now: datetime) -> datetime | None:
        """The beginning (UTC) of the month up to which this goes; None: it is kept for ever."""
        match what:
            case What.HEALTH:
                return month_of(now - timedelta(days=self.health_days))
            case What.LOG:
                months = max(self.log_months, LOG_AT_LEAST_MONTHS) if self.log_months else 0
            case What.AUDIO:
                months = self.audio_months
        return month_of(now) - relativedelta(months=months) if months else None


@dataclass(frozen=True, slots=True)
class Source:
    """A table of which old rows go, by this instant."""

    what: What
    at: InstrumentedAttribute[datetime]

    @property
    def name(self) -> str:
        """What the table is called."""
        return str(self.at.class_.__tablename__)


SOURCES: Final = (
    Source(What.HEALTH, PlayerHour.at),
    Source(What.LOG, AsRunEntry.planned_at),
    Source(What.LOG, Airing.planned_at),
    Source(What.LOG, QuarantinedRow.received_at),
)
SOUNDS: Final = "audio"
"""What exports of audio are called, beside the tables."""


def what_of(source: str) -> What:
    """By which rule a table, or audio, goes."""
    return next((one.what for one in SOURCES if one.name == source), What.AUDIO)


def month_of(at: datetime) -> datetime:
    """The beginning, in UTC, of the month of an instant."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
