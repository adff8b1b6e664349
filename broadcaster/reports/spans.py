"""Over which local dates a report goes. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


class SpanKind(StrEnum):
    """How long."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last local date, both included."""

    kind: SpanKind
    first: date
    last: date

    @classmethod
    def around(cls, kind: SpanKind, on: date) -> "Span":
        """The day, the week from Monday, or the month that a date lies in."""
        if kind is SpanKind.DAY:
            return cls(kind, on, on)
        if kind is SpanKind.WEEK:
            monday = on - timedelta(days=on.weekday())
            return cls(kind, monday, monday + 6 * _DAY)
        first = on.replace(day=1)
        return cls(kind, first, (first + 31 * _DAY).replace(day=1) - _DAY)

    @property
    def before(self) -> "Span":
        """The one before."""
        return Span.around(self.kind, self.first - _DAY)

    @property
    def after(self) -> "Span":
        """The one after."""
        return Span.around(self.kind, self.last + _DAY)

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it begins in a zone, and when what comes after it does."""
        return datetime.combine(self.first, time(), zone), datetime.combine(self.last + _DAY, time(), zone)
