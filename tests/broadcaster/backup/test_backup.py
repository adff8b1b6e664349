"""A whole installation in one file and back: nothing is lost, nothing is believed unchecked, nothing airs unseen."""

import shutil
import sqlite3
import tarfile
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster import migrations, sample
from broadcaster.accounts import logins
from broadcaster.accounts.models import User
from broadcaster.backup import archive, service
from broadcaster.backup.errors import BackupDamaged, BackupThere, BackupTooNew, FolderNotEmpty, NotABackup
from broadcaster.fleet import lives
from broadcaster.fleet.models import Player
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from content.kernel import audit
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune, villages_of
from tests.conftest import HandClock


@pytest.fixture
def kept(tmp_path: Path, clock: HandClock, migrated: Path) -> Station:
    """The sample commune with a stored sound and somebody logged in."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    shutil.copy(migrated, settings.data_dir / archive.DATABASE)
    station = open_station(settings, clock)
    station.store.put(b"a sound")
    with unit_of_work(station.sessions) as session:
        sample.make_sample_commune(session, clock.now())
        lives.epoch(session, clock.now())
        logins.begin(session, session.scalars(select(User)).first() or User(), "x", "x", clock.now())
    return station


def restored(kept: Station, file: Path, tmp_path: Path) -> Station:
    settings = Settings(data_dir=tmp_path / "elsewhere" / "data")
    service.restore(settings, file, kept.clock.now())
    return open_station(settings, kept.clock)


def test_all_comes_back_on_an_empty_machine(kept: Station, tmp_path: Path, clock: HandClock) -> None:
    """Villages, sounds and keys are the same; the audit chain holds and tells of the restore."""
    service.back_up(kept, tmp_path / "b.tar")
    clock.pass_by(hours=2)
    back = restored(kept, tmp_path / "b.tar", tmp_path)
    assert back.signer.public == kept.signer.public
    assert [back.store.read(name) for name in back.store] == [b"a sound"]
    with unit_of_work(back.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        assert len(villages_of(session, commune)) == 9
        assert audit.check_chain(session, commune.id) is None
        assert logins.last_seen(session, commune)
        assert not [one for user in session.scalars(select(User)) for one in logins.of(session, user, clock.now())]


def test_a_restored_life_is_newer_than_any_before(kept: Station, tmp_path: Path, clock: HandClock) -> None:
    """A second restore from the same backup has a higher epoch than the first one."""
    service.back_up(kept, tmp_path / "b.tar")
    epochs = [_epoch(kept)]
    for place in ("first", "second"):
        clock.pass_by(minutes=2)
        epochs.append(_epoch(restored(kept, tmp_path / "b.tar", tmp_path / place)))
    assert epochs == sorted(set(epochs))


def _epoch(station: Station) -> int:
    with unit_of_work(station.sessions, writes=False) as session:
        return lives.epoch(session, station.clock.now())


def test_keys_are_for_the_owner_alone(kept: Station, tmp_path: Path) -> None:
    """Nobody else on the machine reads the backup, nor the keys that come out of it."""
    service.back_up(kept, tmp_path / "b.tar")
    back = restored(kept, tmp_path / "b.tar", tmp_path)
    for path in (tmp_path / "b.tar", back.settings.data_dir / "keys" / "signing.key"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_backup_is_taken_while_others_write(kept: Station, tmp_path: Path) -> None:
    """What is not committed yet is not in it, and nobody waits."""
    with unit_of_work(kept.sessions) as session:
        session.add(Node(kind="nation", slug="half-done", name="x"))
        session.flush()
        service.back_up(kept, tmp_path / "b.tar")
    back = restored(kept, tmp_path / "b.tar", tmp_path)
    with unit_of_work(back.sessions) as session:
        assert session.scalars(select(Node).where(Node.slug == "half-done")).first() is None


def test_nothing_is_overwritten(kept: Station, tmp_path: Path) -> None:
    """Neither another backup nor an installation."""
    service.back_up(kept, tmp_path / "b.tar")
    with pytest.raises(BackupThere):
        service.back_up(kept, tmp_path / "b.tar")
    with pytest.raises(FolderNotEmpty):
        service.restore(kept.settings, tmp_path / "b.tar", kept.clock.now())


def test_a_killed_restore_can_be_begun_again(kept: Station, tmp_path: Path) -> None:
    """What it left aside is cleared away."""
    service.back_up(kept, tmp_path / "b.tar")
    left = tmp_path / "elsewhere" / "data" / ".restoring-x" / "keys"
    left.mkdir(parents=True)
    back = restored(kept, tmp_path / "b.tar", tmp_path)
    assert {path.name for path in back.settings.data_dir.iterdir()} >= {"broadcaster.db", "keys", "objects"}
    assert not left.exists()


@pytest.mark.parametrize("cut", [0, 10, 5_000, -11_000])
def test_a_file_that_was_cut_off_is_refused(kept: Station, tmp_path: Path, cut: int) -> None:
    """Wherever it ends: nothing of it is taken."""
    service.back_up(kept, tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[:cut])
    with pytest.raises(NotABackup):
        restored(kept, tmp_path / "cut.tar", tmp_path)
    assert not list((tmp_path / "elsewhere" / "data").iterdir())


def test_a_changed_byte_is_found(kept: Station, tmp_path: Path) -> None:
    """The file is held against its own list, and what is wrong is named."""
    service.back_up(kept, tmp_path / "b.tar")
    body = bytearray((tmp_path / "b.tar").read_bytes())
    body[body.index(b"a sound")] ^= 1
    (tmp_path / "b.tar").write_bytes(body)
    with pytest.raises(BackupDamaged) as refused:
        archive.read(tmp_path / "b.tar", None)
    assert "objects/" in str(refused.value)


def test_names_that_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    """A file made by somebody else writes nothing outside."""
    victim = tmp_path / "victim"
    victim.write_text("x")
    for name in ("../evil", "keys/../evil", "/etc/evil", "objects/ab/short"):
        with tarfile.open(tmp_path / "evil.tar", "w") as tar:
            tar.add(victim, name)
        with pytest.raises(NotABackup):
            archive.read(tmp_path / "evil.tar", tmp_path / "into")
    assert not (tmp_path / "evil").exists()


def test_a_damaged_sound_does_not_hinder_the_others(kept: Station, tmp_path: Path) -> None:
    """It is left out and named."""
    name = kept.store.put(b"another sound")
    kept.store.path(name).write_bytes(b"bad")
    assert service.back_up(kept, tmp_path / "b.tar").left_out == (name,)
    assert len(archive.read(tmp_path / "b.tar", None).files) == 3


def test_a_backup_of_an_earlier_release_is_upgraded(kept: Station, tmp_path: Path) -> None:
    """Its database is brought to this version's schema before anything looks at it."""
    old = tmp_path / "old"
    old.mkdir()
    command.upgrade(migrations.config(f"sqlite:///{old / 'broadcaster.db'}"), "0006")
    _tell(
        old / "broadcaster.db",
        f"INSERT INTO node (uuid, kind, slug, name, time_zone) VALUES ('{'0' * 32}', 'commune', 'x', 'X', 'UTC')",
    )
    archive.write(
        tmp_path / "b.tar",
        f"sqlite:///{old / 'broadcaster.db'}",
        kept.settings.data_dir / "keys",
        kept.store,
        kept.clock.now(),
    )
    back = restored(kept, tmp_path / "b.tar", tmp_path)
    with unit_of_work(back.sessions) as session:
        assert lives.held(session)
        assert the_commune(session)


def test_a_backup_of_a_later_release_is_refused(kept: Station, tmp_path: Path) -> None:
    """With a sentence, and nothing is left in the folder."""
    _tell(kept.settings.data_dir / "broadcaster.db", "UPDATE alembic_version SET version_num = '9999'")
    service.back_up(kept, tmp_path / "b.tar")
    with pytest.raises(BackupTooNew):
        restored(kept, tmp_path / "b.tar", tmp_path)
    assert not list((tmp_path / "elsewhere" / "data").iterdir())


def _tell(database: Path, sql: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(sql)
    connection.close()


def test_the_release_outdoes_what_players_report(session: Session, clock: HandClock) -> None:
    """An epoch that a player has seen, and this database does not know, is not used again."""
    life = lives.begin_restored(session, clock.now(), clock.now())
    assert lives.held(session) is life
    report = {"sent_at": clock.now().isoformat(), "clock_state": "trusted", "server_epoch": life.id + 7}
    node = Node(kind="village", slug="x", name="x")
    session.add(node)
    session.flush()
    session.add(
        Player(village_id=node.id, name="x", hardware="", token_sha256="x", paired_at=clock.now(), heartbeat=report)
    )
    session.flush()
    assert lives.release(session, clock.now())
    assert lives.epoch(session, clock.now()) == life.id + 8
    assert lives.held(session) is None
    assert not lives.release(session, clock.now())
