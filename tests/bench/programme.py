"""A changed programme: nine players with 96 items each, from the plan to the signed bytes they fetch.

Floor: writing the very same documents as JSON and signing each manifest, which no server can do without.
The second figure is the worker's whole tick with database and planner, for which there is no goal yet.
"""

import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, time as wall_clock, timedelta
from pathlib import Path
from statistics import median
from uuid import uuid4

from sqlalchemy.orm import Session

from audio_out.models import DeliverableRow, Rendition
from audio_out.queries import reading_name
from broadcaster import migrations, pipeline, sample
from broadcaster.fleet.models import Player
from broadcaster.publishing import programme
from broadcaster.publishing import service as publishing
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from content import service as content
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node, villages_of
from content.kernel.units import DurationMs
from content.service import Wording
from schedules import service as schedules
from schedules.planner import playlist_bytes
from tests.bench.result import Result

PLAYERS, ITEMS, ROUNDS = 9, 96, 7
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def measure() -> list[Result]:
    """CPU milliseconds per player."""
    with tempfile.TemporaryDirectory() as folder:
        station = _station(Path(folder))
        with unit_of_work(station.sessions) as session:
            commune = _commune(session)
            tick = _cpu_ms(lambda: publishing.plan_and_publish(session, commune, station.press(), NOW))
            bytes_ms = median(_bytes_ms(session, commune, station) for _ in range(ROUNDS))
            floor_ms = median(_floor_ms(session, commune, station) for _ in range(ROUNDS))
    return [
        Result(
            "changed programme: 9 players x 96 items",
            bytes_ms / PLAYERS,
            "CPU ms/player",
            floor_ms / PLAYERS,
            goal=1.5,
            goal_is_for_the="value",
        ),
        Result("the worker's whole tick for it", tick / PLAYERS, "CPU ms/player"),
    ]
