"""A commune with two villages, slots and bookings with valid defaults, and a shelf of playlists."""

from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from content.kernel.nodes import Node
from content.kernel.units import DurationMs, Sha256
from schedules.models import Booking, Slot, VillageAiring
from schedules.planner import Media, Part
from schedules.service import Airable, PlanReport, add_village_airing, book, open_slot, replan

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
"""Sunday noon in Vietnam."""
SUNDAY = date(2026, 11, 22)


class Station:
    """What the tests do to the schedule of one commune."""

    def __init__(self, session: Session, commune: Node, villages: list[Node]) -> None:
        self.session, self.commune, self.villages = session, commune, villages
        self.airables: dict[UUID, Airable] = {}
        self.shelf: dict[str, bytes] = {}

    def slot(self, start: str = "17:00", minutes: int = 5, **changes: Any) -> Slot:
        values: dict[str, Any] = {
            "name": f"Buổi {start}",
            "start_local": time.fromisoformat(start),
            "duration_ms": minutes * 60_000,
            "starts_on": SUNDAY,
            "villages": self.villages,
            "now": NOW,
            "rrule": "FREQ=DAILY",
        }
        return open_slot(self.session, self.commune, **{**values, **changes})

    def book(self, title: str = "Họp thôn", seconds: int = 60, **changes: Any) -> Booking:
        values: dict[str, Any] = {
            "announcement_uuid": uuid4(),
            "revision_uuid": uuid4(),
            "villages": self.villages,
            "from_on": SUNDAY,
            "until_on": date(2026, 11, 28),
            "now": NOW,
        }
        made = book(self.session, self.commune, **{**values, **changes})
        audio = Media(Sha256(sha256(f"{title}{seconds}".encode()).hexdigest()), DurationMs(seconds * 1000))
        self.airables[made.revision_uuid] = Airable(title, (Part("vi", (audio,)),))
        return made

    def save(self, data: bytes) -> str:
        name = sha256(data).hexdigest()
        assert name not in self.shelf, "an unchanged playlist was kept again"
        self.shelf[name] = data
        return name

    def replan(self, now: datetime = NOW, *, anew: bool = True, **more: Any) -> PlanReport:
        """By default as if nobody remembered what was planned from what: most tests ask what a plan comes to."""
        if anew:
            self.session.execute(update(VillageAiring).values(planned_from=""))
        return replan(self.session, self.commune, now, {"opus/plain": self.airables}, self.save, **more)


@pytest.fixture
def station(session: Session, commune: Node, villages: list[Node]) -> Station:
    for village in villages:
        add_village_airing(session, village)
    return Station(session, commune, villages)


@pytest.fixture
def uneven(session: Session, commune: Node, villages: list[Node]) -> Station:
    """Villages that differ in languages and in what is settled."""
    add_village_airing(session, villages[0])
    add_village_airing(session, villages[1], languages=("hmn", "vi"), freeze_minutes=30)
    return Station(session, commune, villages)
