"""What goes was written into a file first, stayed beside it for a week, and can be put back."""

import gzip
import json
import tarfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select, update

from audio_out.models import Rendition
from broadcaster.fleet.models import Player, PlayerHour
from broadcaster.jobs.retention import archive_of
from broadcaster.retention import files, queries, service
from broadcaster.retention.errors import ArchiveNotWritten, ExportDamaged, ExportGone
from broadcaster.retention.models import Export, Retention
from broadcaster.retention.rules import GRACE, SOURCES, Kept, What
from broadcaster.retention.service import Done
from broadcaster.settings import Settings
from broadcaster.station import Station
from content.kernel import audit
from content.kernel.audit import Wanted
from content.kernel.db import unit_of_work
from content.kernel.units import Sha256
from content.models import Revision
from tests.broadcaster.web.conftest import Town, town

__all__ = ["town"]
FOR_EVER = Kept(0, 0, 90)


def hours(town: Town, *days_ago: int) -> None:
    """Hourly reports of so many days ago."""
    with unit_of_work(town.station.sessions) as session:
        player = session.scalars(select(Player)).first()
        if player is None:
            player = Player(
                village_id=town.villages[0].id, name="x", hardware="", token_sha256="x", paired_at=town.clock.now()
            )
            session.add(player)
            session.flush()
        now = town.clock.now()
        session.add_all(
            PlayerHour(player_id=player.id, at=now - timedelta(days=days), report={"version": "1", "days": days})
            for days in days_ago
        )


def left(station: Station) -> int:
    with unit_of_work(station.sessions, writes=False) as session:
        return session.scalar(select(func.count(PlayerHour.id))) or 0


def tidy(town: Town) -> Done:
    return service.tidy(archive_of(town.station), town.clock.now())


def a_week_later(town: Town) -> Done:
    town.clock.pass_by(days=GRACE.days, seconds=1)
    return tidy(town)


def exports(town: Town) -> list[Export]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return list(session.scalars(select(Export).order_by(Export.id)))


def lines_of(town: Town, one: Export) -> list[dict[str, object]]:
    with gzip.open(town.station.settings.data_dir / service.FOLDER / one.file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_whole_months_are_exported_and_go_a_week_later(town: Town) -> None:
    """The month in which the rule ends stays; each file holds its month's rows, and the audit log names it twice."""
    hours(town, 1, 60, 89, 120, 121, 150)
    done = tidy(town)
    assert [one.file for one in done.written] == ["player_hour-2026-06.jsonl.gz", "player_hour-2026-07.jsonl.gz"]
    assert (done.deleted, left(town.station)) == ((), 6)
    assert [row["report"] for row in lines_of(town, done.written[1])] == [
        {"version": "1", "days": 120},
        {"version": "1", "days": 121},
    ]
    assert tidy(town) == Done((), ())
    gone = a_week_later(town).deleted
    assert [one.file for one in gone] == [one.file for one in done.written]
    assert left(town.station) == 3
    with unit_of_work(town.station.sessions, writes=False) as session:
        told = audit.newest(session, [town.commune.id], Wanted(act="retention."), limit=9)
    assert sorted(entry.act for entry in told) == ["retention.deleted"] * 2 + ["retention.exported"] * 2
    assert tidy(town) == Done((), ())


def test_a_row_that_comes_late_gets_a_file_of_its_own(town: Town) -> None:
    """It neither goes with those that were exported before it, nor replaces their file."""
    hours(town, 150)
    (first,) = tidy(town).written
    hours(town, 149)
    assert tidy(town) == Done((), ())
    done = a_week_later(town)
    assert (len(done.deleted), left(town.station)) == (1, 1)
    (second,) = tidy(town).written
    assert (first.file, second.file) == ("player_hour-2026-06.jsonl.gz", "player_hour-2026-06-2.jsonl.gz")


def test_what_changed_meanwhile_is_exported_anew(town: Town) -> None:
    """What goes is what the file holds."""
    hours(town, 150)
    tidy(town)
    with unit_of_work(town.station.sessions) as session:
        session.execute(update(PlayerHour).values(report={"version": "2"}))
    assert a_week_later(town).deleted == ()
    (again,) = tidy(town).written
    assert lines_of(town, again)[0]["report"] == {"version": "2"}
    assert len(a_week_later(town).deleted) == 1


def test_somebody_can_say_no_and_yes_again(town: Town) -> None:
    """What is held stays for ever; let go, it waits for another week."""
    hours(town, 150)
    tidy(town)
    (one,) = exports(town)
    with unit_of_work(town.station.sessions) as session:
        service.hold(session, town.commune, one.uuid, town.commune.uuid, town.clock.now())
    assert a_week_later(town) == Done((), ())
    assert exports(town)[0].state == "held"
    with unit_of_work(town.station.sessions) as session:
        service.let_go(session, town.commune, one.uuid, town.commune.uuid, town.clock.now())
    assert tidy(town) == Done((), ())
    assert len(a_week_later(town).deleted) == 1


def test_what_was_removed_can_be_put_back(town: Town) -> None:
    """Every row as it was, one whose number was taken meanwhile too; then it stays, until somebody lets it go."""
    hours(town, 150, 151)
    before = rows(town)
    tidy(town)
    a_week_later(town)
    assert left(town.station) == 0
    hours(town, 1)
    (one,) = exports(town)
    with unit_of_work(town.station.sessions) as session:
        service.hold(session, town.commune, one.uuid, town.commune.uuid, town.clock.now())
    assert exports(town)[0].state == "back"
    assert service.put_back(archive_of(town.station), town.clock.now()) == 1
    assert service.put_back(archive_of(town.station), town.clock.now()) == 0
    assert rows(town)[:-1] == before
    assert exports(town)[0].state == "returned"
    assert a_week_later(town) == Done((), ())


def after_the_first(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Rows go one by one, and once the first is gone this happens."""
    read_rows = files.read_rows

    def read(file: Path, table: Table) -> Iterator[files.Row]:
        rows = read_rows(file, table)
        yield next(rows)
        happens()
        yield from rows

    monkeypatch.setattr(service, "_AT_ONCE", 1)
    monkeypatch.setattr(files, "read_rows", read)


def test_a_kill_between_removals_costs_no_row(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not reached stays and gets a file of its own; put back, each row is there once."""

    def kill() -> None:
        raise KeyboardInterrupt

    hours(town, 150, 151, 152)
    before = rows(town)
    tidy(town)
    with monkeypatch.context() as patched:
        after_the_first(patched, kill)
        with pytest.raises(KeyboardInterrupt):
            a_week_later(town)
    assert left(town.station) == 2
    (second,) = tidy(town).written
    assert (second.rows, second.file) == (2, "player_hour-2026-06-2.jsonl.gz")
    want_back(town)
    assert service.put_back(archive_of(town.station), town.clock.now()) == 1
    assert rows(town) == before


def test_what_is_wanted_back_in_mid_removal_goes_no_further(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The press counts at once."""
    hours(town, 150, 151, 152)
    before = rows(town)
    tidy(town)
    with monkeypatch.context() as patched:
        after_the_first(patched, lambda: want_back(town))
        a_week_later(town)
    assert left(town.station) == 2
    service.put_back(archive_of(town.station), town.clock.now())
    assert rows(town) == before


def want_back(town: Town) -> None:
    with unit_of_work(town.station.sessions) as session:
        service.hold(session, town.commune, exports(town)[0].uuid, town.commune.uuid, town.clock.now())


def rows(town: Town) -> list[tuple[datetime, str]]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return [(one.at, json.dumps(one.report)) for one in session.scalars(select(PlayerHour).order_by(PlayerHour.at))]


def test_a_file_that_is_not_what_was_written_costs_nothing(town: Town) -> None:
    """Damaged or moved away: nothing is removed, and the page says why."""
    hours(town, 150)
    (one,) = tidy(town).written
    path = town.station.settings.data_dir / service.FOLDER / one.file
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(ExportDamaged):
        a_week_later(town)
    path.unlink()
    with pytest.raises(ExportGone):
        tidy(town)
    with unit_of_work(town.station.sessions, writes=False) as session:
        state = queries.state(session, town.commune)
    assert state is not None
    assert one.file in state.error
    assert left(town.station) == 1
    path.write_bytes(whole)
    assert len(tidy(town).deleted) == 1


def test_what_cannot_be_written_is_not_removed(town: Town) -> None:
    """A full or read-only disk costs no row."""
    hours(town, 150)
    (town.station.settings.data_dir / service.FOLDER).write_text("in the way")
    with pytest.raises(ArchiveNotWritten):
        tidy(town)
    assert exports(town) == []
    assert left(town.station) == 1


def test_the_log_is_kept_for_ever_unless_told_otherwise(town: Town) -> None:
    """Then for two months at the least, since players send their last month again; a commune's choice goes first."""
    now = town.clock.now()
    usual = Kept.of(Settings(), None)
    assert [usual.before(what, now) for what in (What.LOG, What.AUDIO)] == [None, None]
    assert Kept(1, 0, 90).before(What.LOG, now) == datetime.fromisoformat("2026-09-01T00:00:00+00:00")
    assert {one.name for one in SOURCES} == {"player_hour", "as_run", "airing", "as_run_quarantine"}
    own = Retention(node_id=1, keep_log_months=0, keep_audio_months=24)
    assert Kept.of(Settings(keep_log_months=12, keep_health_days=30), own) == Kept(0, 24, 30)


@pytest.fixture
def sounds(town: Town) -> list[str]:
    """The masters of three announcements, of which two sound the same; audio is kept for a year."""
    for text in ("Họp thôn.", "Họp thôn.", "Cắt điện."):
        town.rendered(texts={"vi": text})
    with unit_of_work(town.station.sessions) as session:
        session.execute(update(Revision).values(state="approved"))
        service.choose(session, town.commune, Kept(0, 12, 90), town.commune.uuid, town.clock.now())
        return list(session.scalars(select(Rendition.sha256).order_by(Rendition.id)))


def until(town: Town, until_on: date, *which: int) -> None:
    with unit_of_work(town.station.sessions) as session:
        ids = session.scalars(select(Revision.id).order_by(Revision.id)).all()
        chosen = [ids[place] for place in which]
        session.execute(update(Revision).where(Revision.id.in_(chosen)).values(from_on=until_on, until_on=until_on))


def test_audio_goes_when_nothing_needs_it_any_more(town: Town, sounds: list[str]) -> None:
    """Not while another announcement sounds the same; its file holds the sound, and it can be put back."""
    shared, again, own = sounds
    assert shared == again != own
    store = town.station.store
    until(town, date(2025, 1, 31), 0, 2)
    (one,) = tidy(town).written
    assert (one.names, one.month.isoformat()[:7]) == ([own], "2025-01")
    with tarfile.open(town.station.settings.data_dir / service.FOLDER / one.file) as tar:
        assert tar.getnames() == [own]
    assert store.exists(Sha256(own))
    a_week_later(town)
    assert not store.exists(Sha256(own))
    assert store.exists(Sha256(shared))
    with unit_of_work(town.station.sessions) as session:
        assert list(queries.gone(session, town.commune, [own, shared])) == [own]
        service.hold(session, town.commune, one.uuid, town.commune.uuid, town.clock.now())
    service.put_back(archive_of(town.station), town.clock.now())
    store.verify(Sha256(own))


def test_audio_that_came_into_use_again_stays(town: Town, sounds: list[str]) -> None:
    """Also when it is exported already: the last look is before the removal."""
    until(town, date(2025, 1, 31), 2)
    tidy(town)
    until(town, date(2026, 12, 31), 2)
    a_week_later(town)
    assert town.station.store.exists(Sha256(sounds[2]))


def test_what_somebody_works_on_is_not_over(town: Town, sounds: list[str]) -> None:
    """Whatever its days are."""
    until(town, date(2025, 1, 31), 0, 1, 2)
    with unit_of_work(town.station.sessions) as session:
        session.execute(update(Revision).values(state="in_review"))
    assert tidy(town) == Done((), ())
    assert FOR_EVER.before(What.AUDIO, town.clock.now()) is None
