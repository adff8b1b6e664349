"""Two villages with a player each, and an evening slot to be planned."""

from datetime import time

import pytest
from sqlalchemy.orm import Session

from broadcaster.fleet.models import Player
from broadcaster.publishing import service as publishing
from content.kernel.nodes import Node
from content.kernel.units import DurationMs
from schedules import service as schedules
from tests.conftest import HandClock


@pytest.fixture
def players(session: Session, commune: Node, villages: list[Node], clock: HandClock) -> list[Player]:
    """A player in each of two villages, and an evening slot in half an hour."""
    found = []
    for village in villages:
        schedules.add_village_airing(session, village)
        player = Player(village_id=village.id, name="x", hardware="", token_sha256=village.slug, paired_at=clock.now())
        session.add(player)
        found.append(player)
    schedules.open_slot(
        session,
        commune,
        name="Bản tin chiều",
        start_local=time(17, 30),
        duration_ms=DurationMs(900_000),
        rrule="FREQ=DAILY",
        starts_on=clock.now().date(),
        villages=villages,
        now=clock.now(),
    )
    publishing.want_plan(session, commune)
    return found
