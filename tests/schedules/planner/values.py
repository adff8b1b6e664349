"""Makers of the planner's values: valid unless changed."""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from content.kernel.priority import Priority
from content.kernel.units import DurationMs, Sha256
from schedules.planner import Chime, Item, Media, Opening, Part, QuietHours, Village

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SUNDAY = date(2026, 11, 22)
QUIET = QuietHours(time(21, 30), time(5))


def part(seconds: int, language: str = "vi") -> Part:
    """One audio file of so many seconds."""
    name = Sha256(sha256(f"{language}{seconds}".encode()).hexdigest())
    return Part(language, (Media(name, DurationMs(seconds * 1000)),))


def item(number: int, seconds: int = 60, **changes: Any) -> Item:
    """A routine announcement for a week, once a day in any slot."""
    values: dict[str, Any] = {
        "announcement_uuid": UUID(int=number),
        "revision_uuid": UUID(int=1000 + number),
        "title": f"Bản tin {number}",
        "priority": Priority.ROUTINE,
        "parts": (part(seconds),),
        "from_on": SUNDAY,
        "until_on": SUNDAY + timedelta(days=6),
        "order": number,
    }
    return Item(**{**values, **changes})


def opening(at: str = "17:00", minutes: int = 5, on: date = SUNDAY, slot: int = 0, **changes: Any) -> Opening:
    """A slot's opening at a wall clock; each wall clock is a slot of its own unless named."""
    starts_at = datetime.combine(on, time.fromisoformat(at), tzinfo=ZONE).astimezone(UTC)
    number = slot or int(at.replace(":", "")) + 1
    return Opening(UUID(int=number), starts_at, DurationMs(minutes * 60_000), on, **changes)


def village(openings: list[Opening], items: list[Item], **changes: Any) -> Village:
    """A Vietnamese-speaking village without quiet hours."""
    values: dict[str, Any] = {"languages": ("vi",), "zone": ZONE, "quiet": None}
    return Village(openings=tuple(openings), items=tuple(items), **{**values, **changes})


def chime(seconds: int) -> Chime:
    """One of so many seconds."""
    return Chime(part(seconds, "chime").media[0], f"nhạc hiệu {seconds}")
