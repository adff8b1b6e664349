"""Backing up a running installation, and restoring one onto an empty data folder.

A restored database is older than what its players have: it begins a new life, in which nothing is published until an
admin has looked (`fleet.lives`). What it cannot know is what happened after the backup: what was withdrawn, who was
closed or paired.
"""

import contextlib
import logging
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from alembic.util import CommandError
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from broadcaster import migrations
from broadcaster.accounts.models import LoginSession
from broadcaster.backup import archive, database
from broadcaster.backup.archive import DATABASE, Contents
from broadcaster.backup.errors import BackupTooNew, FolderNotEmpty
from broadcaster.fleet import lives
from broadcaster.notices.models import Delivery
from broadcaster.publishing import service as publishing
from broadcaster.publishing.models import ManifestRow
from broadcaster.settings import Settings
from broadcaster.station import Station, check_data_dir
from content.kernel import audit
from content.kernel.db import open_engine, session_factory, unit_of_work
from content.kernel.nodes import Node, the_commune

log = logging.getLogger(__name__)
_ASIDE = ".restoring-"
_NO_DATA = {"lost+found"}
"""What an empty disk has."""


def back_up(station: Station, file: Path) -> Contents:
    """Keep the installation in a file while it goes on working. Raises BackupThere, BackupNotWritten."""
    settings = station.settings
    contents = archive.write(
        file, settings.database, settings.data_dir / archive.KEYS, station.store, station.clock.now()
    )
    log.info("backup.made", extra={"files": len(contents.files), "bytes": contents.size_bytes})
    return contents


def restore(settings: Settings, file: Path, now: datetime) -> Contents:
    """Put a backup into the empty data folder, brought up to this version, held until an admin has looked.

    Its database goes where the settings say, into an empty one, whichever kind it came from. Everything is unpacked,
    checked and upgraded aside first; a restore that was killed can be begun again.

    Raises:
        FolderNotEmpty, DatabaseNotEmpty: there is something already.
        NotABackup, BackupDamaged, RowsRefused: the file cannot be trusted.
        BackupTooNew: it was made by a newer release.
    """
    folder = settings.data_dir
    check_data_dir(folder)
    for left in folder.glob(f"{_ASIDE}*"):
        shutil.rmtree(left)
    for path in folder.iterdir():
        if path.name not in _NO_DATA:
            raise FolderNotEmpty(folder=folder, name=path.name)
    with tempfile.TemporaryDirectory(prefix=_ASIDE, dir=folder) as aside:
        contents = archive.read(file, Path(aside))
        kept = Path(aside) / DATABASE
        _renew(kept, contents, now)
        if database.file_of(settings.database):
            _move(Path(aside), folder, archive.OBJECTS, archive.KEYS, DATABASE)
        else:
            with database.pour(kept, settings.database):
                _move(Path(aside), folder, archive.OBJECTS, archive.KEYS)
    return contents


def begin_anew(session: Session, backup_at: datetime, now: datetime) -> None:
    """Make of a restored database a life of its own: held, everybody logged out, nothing old sent to anybody."""
    life = lives.begin_restored(session, backup_at, now)
    # Numbers go on above what players report; an old manifest must not reach one that has a newer.
    session.execute(delete(ManifestRow))
    session.execute(update(LoginSession).where(LoginSession.ended_at.is_(None)).values(ended_at=now))
    waiting = Delivery.sent_at.is_(None), Delivery.given_up_at.is_(None)
    session.execute(update(Delivery).where(*waiting).values(given_up_at=now, error="restored from a backup"))
    if commune := the_commune(session):
        publishing.want_plan(session, commune)
        facts = {"backup_at": backup_at.isoformat(), "epoch": life.id}
        audit.record(session, commune.id, now, None, "server.restored", f"node:{commune.slug}", **facts)


def release(session: Session, commune: Node, actor: UUID, now: datetime) -> bool:
    """An admin has looked: from now on the restored server publishes; whether it was held."""
    if not lives.release(session, now):
        return False
    publishing.want_plan(session, commune)
    audit.record(session, commune.id, now, actor, "server.released", f"node:{commune.slug}")
    return True


def _move(aside: Path, folder: Path, *names: str) -> None:
    for name in names:
        if (aside / name).exists():
            (aside / name).rename(folder / name)


def _renew(file: Path, contents: Contents, now: datetime) -> None:
    url = f"sqlite:///{file.resolve()}"
    try:
        migrations.upgrade(url)
    except CommandError as error:
        raise BackupTooNew(version=contents.version, ours=version("village-broadcaster")) from error
    with _opened(url) as session:
        begin_anew(session, contents.made_at, now)


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Session]:
    engine = open_engine(url)
    try:
        with unit_of_work(session_factory(engine)) as session:
            yield session
    finally:
        engine.dispose()
