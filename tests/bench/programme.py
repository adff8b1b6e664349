"""A changed programme: nine players with 96 items each, from the plan to the signed bytes they fetch.

Floor: writing the very same documents as JSON and signing each manifest, which no server can do without.
The second figure is the worker's whole tick with database and planner, for which there is no goal yet.
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_clock
from pathlib import Path
from statistics import median
from uuid import uuid4

from sqlalchemy.orm import Session

from audio_out.models import DeliverableRow, Rendition
from audio_out.queries import source_name
from broadcaster import migrations, pipeline, sample
from broadcaster.fleet.models import Player
from broadcaster.publishing import manifest, programme
from broadcaster.publishing import service as publishing
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from content import service as content
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node, villages_of
from content.kernel.units import DurationMs
from content.service import Wording
from schedules import queries
from schedules import service as schedules
from schedules.planner import Programme, playlist_bytes
from schedules.service.writing import programme_of
from tests.bench.result import Result

PLAYERS, ITEMS, ROUNDS = 9, 96, 7
TODAY = date(2026, 11, 22)
HORIZON = timedelta(days=14)
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


def _bytes_ms(session: Session, commune: Node, station: Station) -> float:
    """From the planned rows to nine new signed manifests, and the changed playlists' bytes."""
    programmes = _programmes(session, commune)
    villages = villages_of(session, commune)

    def work() -> None:
        for each in programmes:
            playlist_bytes(each)
        contents = programme.contents(session, commune, villages, NOW, 60)
        for number, content_of in enumerate(contents.values(), start=1):
            body = manifest.issue(content_of, epoch=1, manifest_id=number, issued_at=NOW, valid_until=NOW + HORIZON)
            manifest.name_of(manifest.canonical(content_of))
            station.signer.sign(body)

    return _cpu_ms(work)


def _floor_ms(session: Session, commune: Node, station: Station) -> float:
    """The same documents written by json.dumps and signed, without anything of ours."""
    documents = [json.loads(playlist_bytes(each)) for each in _programmes(session, commune)]
    contents = list(programme.contents(session, commune, villages_of(session, commune), NOW, 60).values())

    def work() -> None:
        for document in documents:
            json.dumps(document)
        for content_of in contents:
            station.signer.key.sign(json.dumps(content_of).encode())

    return _cpu_ms(work)


def _programmes(session: Session, commune: Node) -> list[Programme]:
    """The distinct programmes of the horizon."""
    villages = villages_of(session, commune)
    rows = [row for each in villages for row in queries.occurrences_between(session, each, NOW, NOW + HORIZON)]
    by_name = {row.playlist.sha256: row for row in rows if row.playlist}
    return [programme_of(queries.cues(row), row.reasons) for row in by_name.values()]


def _station(folder: Path) -> Station:
    settings = Settings(data_dir=folder / "data")
    settings.data_dir.mkdir()
    migrations.upgrade(settings.database)
    return open_station(settings)


def _commune(session: Session) -> Node:
    """Nine villages with a player each, three slots a day, 96 approved announcements for all."""
    commune = sample.make_commune(session, "Bench", "bench", NOW)[0]
    villages = [
        add_node(session, NodeKind.VILLAGE, slug, name, parent=commune) for slug, name in sample.VILLAGES.items()
    ]
    for village in villages:
        schedules.add_village_airing(session, village)
        token = hashlib.sha256(village.slug.encode()).hexdigest()
        session.add(Player(village_id=village.id, name=village.slug, hardware="", token_sha256=token, paired_at=NOW))
    for hour in (6, 12, 17):
        schedules.open_slot(
            session,
            commune,
            name=f"{hour} h",
            start_local=wall_clock(hour),
            duration_ms=DurationMs(3_600_000),
            rrule="FREQ=DAILY",
            starts_on=TODAY,
            villages=villages,
            now=NOW,
        )
    for number in range(ITEMS):
        _announcement(session, commune, villages, number)
    publishing.want_plan(session, commune)
    return commune


def _announcement(session: Session, commune: Node, villages: list[Node], number: int) -> None:
    """One approved announcement with audio on record, by the product's own steps but for the rendering."""
    wording = Wording(f"Bản tin {number}", {"vi": "Mời bà con họp thôn."}, villages, TODAY, TODAY + timedelta(days=13))
    draft = content.start_draft(session, commune, wording, uuid4(), NOW)
    content.submit(session, draft, draft.edited_by, NOW)
    name = hashlib.sha256(str(number).encode()).hexdigest()
    measured = {"sha256": name, "duration_ms": 45_000, "lufs": -16.0, "peak_dbtp": -2.0}
    source = source_name(draft, draft.parts[0])
    deliverable = DeliverableRow(mime="audio/ogg", size_bytes=270_000, **measured)
    session.add(
        Rendition(
            part_id=draft.parts[0].id,
            source_sha256=source,
            voice="espeak:vi+f2",
            wished_voice="auto",
            edit_list=[],
            created_at=NOW,
            deliverables=[deliverable],
            **measured,
        )
    )
    session.flush()
    pipeline.approve(session, commune, draft, pipeline.shown_digest(session, draft), uuid4(), NOW)


def _cpu_ms(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000
