"""The same programme after a restore, from and to both kinds of database."""

from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from broadcaster import migrations
from broadcaster.backup import service
from broadcaster.backup.errors import DatabaseNotEmpty
from broadcaster.fleet import lives
from broadcaster.fleet.models import Player
from broadcaster.protocol import Manifest
from broadcaster.publishing import service as publishing
from broadcaster.publishing.models import ManifestRow
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from content.kernel import audit
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node, the_commune
from content.kernel.units import DurationMs
from schedules import service as schedules
from schedules.models import Occurrence, Playlist
from tests import factories
from tests.conftest import HandClock
from tests.databases import PostgreSQL

DAYS = 5
Opener = Callable[[str, str], Station]


@pytest.fixture
def open_on(tmp_path: Path, clock: HandClock, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens a station of a name on a kind of database."""
    closing: list[Callable[[], object]] = []

    def settings(name: str, kind: str) -> Settings:
        url = ""
        if kind == "postgresql":
            server: PostgreSQL = request.getfixturevalue("postgresql")
            database = server.database("template0")
            url = database.__enter__()
            closing.append(lambda: database.__exit__(None, None, None))
        return Settings(data_dir=tmp_path / name / "data", database_url=url)

    def opened(name: str, kind: str) -> Station:
        chosen = settings(name, kind)
        backup = tmp_path / "b.tar"
        if backup.exists():
            service.restore(chosen, backup, clock.now())
        else:
            chosen.data_dir.mkdir(parents=True)
            migrations.upgrade(chosen.database)
        station = open_station(chosen, clock)
        closing.append(station.sessions.kw["bind"].dispose)
        return station

    yield opened
    for close in reversed(closing):
        close()


def furnish(station: Station) -> None:
    """Nine villages with a loudspeaker each, two slots, three announcements for some of them; nothing planned yet."""
    now = station.clock.now()
    with unit_of_work(station.sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        villages = [add_node(session, NodeKind.VILLAGE, f"v{n}", f"Thôn {n}", parent=commune) for n in range(9)]
        lives.epoch(session, now)
        for village in villages:
            schedules.add_village_airing(session, village)
            known = {"village_id": village.id, "name": "Nhà văn hóa", "hardware": "", "paired_at": now}
            session.add(Player(token_sha256=village.slug, **known))
        for name, start in (("Sáng", time(5, 30)), ("Chiều", time(17, 30))):
            schedules.open_slot(
                session,
                commune,
                name=name,
                start_local=start,
                duration_ms=DurationMs(900_000),
                rrule="FREQ=DAILY",
                starts_on=now.date(),
                villages=villages,
                now=now,
            )
        for title, some in (("Họp thôn", villages), ("Tiêm chủng", villages[:4]), ("Nước sạch", villages[3:])):
            factories.approved(session, commune, some, now, title=title)


def plan(station: Station) -> dict[tuple[str, Any], tuple[str, bytes]]:
    """What the worker does: what each village is to hear when, by sha256 and by byte."""
    press = publishing.Press(station.store, station.signer, DAYS, 60)
    with unit_of_work(station.sessions) as session:
        publishing.want_plan(session, commune_of(session))
        publishing.plan_and_publish(session, commune_of(session), press, station.clock.now())
        found = session.execute(
            select(Node.slug, Occurrence.uuid, Playlist.sha256)
            .join(Occurrence, Occurrence.village_id == Node.id)
            .join(Playlist, Playlist.id == Occurrence.playlist_id)
        )
        return {(slug, uuid): (sha256, station.store.read(sha256)) for slug, uuid, sha256 in found}


def commune_of(session: Any) -> Node:
    commune = the_commune(session)
    assert commune is not None
    return commune


def manifests(station: Station) -> dict[str, Manifest]:
    """By the token of the loudspeaker, which is the slug of its village."""
    with unit_of_work(station.sessions, writes=False) as session:
        query = select(Player.token_sha256, ManifestRow.body).join(Player, Player.id == ManifestRow.player_id)
        return {slug: Manifest.model_validate_json(body) for slug, body in session.execute(query)}


@pytest.mark.parametrize(
    ("before", "after"),
    [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite"), ("postgresql", "postgresql")],
)
def test_the_same_programme_after_a_restore(
    open_on: Opener, tmp_path: Path, clock: HandClock, before: str, after: str
) -> None:
    """Planned from a restored database every village's playlists are the same bytes; after the press, players get them.

    The backup is made before anything was planned, so that both servers plan by themselves.
    """
    old = open_on("old", before)
    furnish(old)
    service.back_up(old, tmp_path / "b.tar")
    new = open_on("new", after)
    clock.pass_by(hours=3)
    expected = plan(old)
    assert len({slug for slug, _ in expected}) == 9
    assert len({sha256 for sha256, _ in expected.values()}) == 3
    assert plan(new) == expected
    assert manifests(new) == {}
    with unit_of_work(new.sessions) as session:
        commune = commune_of(session)
        assert service.release(session, commune, commune.uuid, clock.now())
        assert audit.check_chain(session, commune.id) is None
    plan(new)
    told, known = manifests(new), manifests(old)
    assert {slug: one.occurrences for slug, one in told.items()} == {
        slug: one.occurrences for slug, one in known.items()
    }
    assert all(told[slug].server_epoch > known[slug].server_epoch for slug in known)
    assert new.signer.public == old.signer.public


def test_a_database_in_use_is_left_as_it_is(open_on: Opener, tmp_path: Path) -> None:
    """An empty data folder is not enough: where the settings name a database with rows, nothing is put anywhere."""
    old = open_on("old", "postgresql")
    furnish(old)
    service.back_up(old, tmp_path / "b.tar")
    chosen = Settings(data_dir=tmp_path / "new" / "data", database_url=old.settings.database_url)
    with pytest.raises(DatabaseNotEmpty):
        service.restore(chosen, tmp_path / "b.tar", old.clock.now())
    assert not list(chosen.data_dir.iterdir())
    assert not lives_held(old)


def lives_held(station: Station) -> bool:
    with unit_of_work(station.sessions, writes=False) as session:
        return lives.held(session) is not None
