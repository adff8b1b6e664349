"""What is deleted was written into a file first, by whole months, and told in the audit log."""

import gzip
import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from broadcaster.fleet.models import Player, PlayerHour
from broadcaster.retention import service
from broadcaster.retention.service import ArchiveNotWritten
from broadcaster.settings import Settings
from broadcaster.station import Station
from content.kernel import audit
from content.kernel.audit import Wanted
from content.kernel.db import unit_of_work
from tests.broadcaster.web.conftest import Town, town
from tests.conftest import HandClock

__all__ = ["town"]


def hours(town: Town, *at: datetime) -> None:
    with unit_of_work(town.station.sessions) as session:
        player = session.scalars(select(Player)).first()
        if player is None:
            player = Player(
                village_id=town.villages[0].id, name="x", hardware="", token_sha256="x", paired_at=town.clock.now()
            )
            session.add(player)
            session.flush()
        session.add_all(PlayerHour(player_id=player.id, at=one, report={"version": "1"}) for one in at)


def left(station: Station) -> int:
    with unit_of_work(station.sessions, writes=False) as session:
        return session.scalar(select(func.count(PlayerHour.id))) or 0


def test_whole_months_are_kept_in_files_and_deleted(town: Town, clock: HandClock) -> None:
    """The month in which the rule ends stays; each file holds its month's rows, and the audit log names it."""
    now = clock.now()
    hours(town, *(now - timedelta(days=days) for days in (1, 60, 89, 120, 121, 150)))
    gone = service.tidy(town.station)
    assert [one.batch.name for one in gone] == ["player_hour-2026-06", "player_hour-2026-07"]
    assert left(town.station) == 3
    with gzip.open(gone[1].file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert [row["report"] for row in rows] == [{"version": "1"}] * 2
    with unit_of_work(town.station.sessions, writes=False) as session:
        told = audit.newest(session, [town.commune.id], Wanted(act="retention."), limit=9)
    assert sorted(str(entry.facts["file"]) for entry in told) == sorted(one.file.name for one in gone)
    assert service.tidy(town.station) == []


def test_a_second_file_never_replaces_the_first(town: Town, clock: HandClock) -> None:
    """A row that comes late for a month that is gone gets a file of its own."""
    old = clock.now() - timedelta(days=150)
    hours(town, old)
    (first,) = service.tidy(town.station)
    hours(town, old + timedelta(hours=1))
    (second,) = service.tidy(town.station)
    assert first.file != second.file
    assert first.file.exists()


def test_what_cannot_be_written_is_not_deleted(town: Town, clock: HandClock) -> None:
    """A full or read-only disk costs no row."""
    hours(town, clock.now() - timedelta(days=150))
    (town.station.settings.data_dir / service.FOLDER).write_text("in the way")
    with pytest.raises(ArchiveNotWritten):
        service.tidy(town.station)
    assert left(town.station) == 1


def test_the_log_is_kept_for_ever_unless_told_otherwise(clock: HandClock) -> None:
    """Then for two months at the least, since players send their last month again."""
    assert [rule.table for rule in service.rules(Settings(), clock.now())] == ["player_hour"]
    found = {rule.table: rule.before for rule in service.rules(Settings(keep_log_months=1), clock.now())}
    assert found["as_run"] == datetime.fromisoformat("2026-09-01T00:00:00+00:00")
    assert set(found) == {"player_hour", "as_run", "airing", "as_run_quarantine"}
