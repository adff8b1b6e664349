"""The file: a tar of the database's snapshot, the keys and every stored object, and last a list of all of them.

Written aside, read back and only then given its name. A file without its list was cut off; each file in it is held
against the list's sha256. Nothing is compressed: audio is already.
"""

import contextlib
import hashlib
import io
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import DBAPIError

from audio_out.errors import ObjectDamaged, ObjectMissing
from audio_out.store import Store, flush_folder
from broadcaster.backup.database import snapshot
from broadcaster.backup.errors import BackupDamaged, BackupNotWritten, BackupThere, NotABackup

DATABASE, KEYS, OBJECTS, LIST = "broadcaster.db", "keys", "objects", "backup.json"
FORMAT = 1
_CHUNK_BYTES = 1 << 20


class Kept(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(frozen=True)

    name: str
    size_bytes: int
    sha256: str


class Contents(BaseModel):
    """The list at the end. `left_out`: stored objects that were damaged already when the backup was made."""

    model_config = ConfigDict(frozen=True)

    format: int
    version: str
    made_at: AwareDatetime
    files: tuple[Kept, ...]
    left_out: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(kept.size_bytes for kept in self.files)


class Source(NamedTuple):
    """A file to be kept under a name."""

    name: str
    path: Path


def write(file: Path, database_url: str, keys: Path, store: Store, now: datetime) -> Contents:
    """Keep everything in `file`, which is for its owner alone; whoever finds it finds it whole.

    The database may be in use: its snapshot is taken first, so that every object that it names is kept with it.

    Raises:
        BackupThere: the file exists.
        BackupNotWritten: no room, or no right to write there; a database that cannot be read.
    """
    if file.exists():
        raise BackupThere(file=file)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as aside:
            part = Path(aside) / "part"
            kept = Source(DATABASE, Path(aside) / DATABASE)
            snapshot(database_url, kept.path)
            contents = _write(part, kept, keys, store, now)
            read(part, None)
            part.rename(file)
        flush_folder(file.parent)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        cause = error.strerror if isinstance(error, OSError) else None
        raise BackupNotWritten(folder=file.parent, cause=cause or error) from error
    return contents


def read(file: Path, into: Path | None) -> Contents:
    """Hold every file of a backup against its list; with `into` also put them there.

    Raises:
        NotABackup: another kind of file, or one that was cut off.
        BackupDamaged: a file in it is not what was kept.
    """
    found: list[Kept] = []
    try:
        with tarfile.open(file, "r|") as tar:
            for member in tar:
                source = tar.extractfile(member)
                if source is None or not _is_ours(member.name):
                    raise NotABackup(file=file, cause=f"“{member.name}” does not belong into one")
                if member.name == LIST:
                    return _checked(file, source.read(), found)
                with _target(into, member) as target:
                    found.append(_copied(member.name, source, target))
    except FileNotFoundError:
        raise NotABackup(file=file, cause="there is no such file") from None
    except (tarfile.TarError, EOFError) as error:
        raise NotABackup(file=file, cause=str(error) or "it was cut off") from error
    raise NotABackup(file=file, cause="it was cut off")


def _write(part: Path, database: Source, keys: Path, store: Store, now: datetime) -> Contents:
    left_out: list[str] = []
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with (
        os.fdopen(descriptor, "wb") as raw,
        tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        named = [database, *(Source(f"{KEYS}/{path.name}", path) for path in sorted(keys.iterdir()))]
        kept = [_add(tar, source, now) for source in (*named, *_objects(store, left_out))]
        contents = Contents(
            format=FORMAT,
            version=version("village-broadcaster"),
            made_at=now,
            files=tuple(kept),
            left_out=tuple(left_out),
        )
        body = contents.model_dump_json(indent=1).encode()
        tar.addfile(_member(LIST, len(body), now), io.BytesIO(body))
        tar.close()
        raw.flush()
        os.fsync(raw.fileno())
    return contents


def _objects(store: Store, left_out: list[str]) -> Iterator[Source]:
    for name in store:
        try:
            store.verify(name)
        except (ObjectDamaged, ObjectMissing):
            left_out.append(name)
        else:
            yield Source(f"{OBJECTS}/{name[:2]}/{name[2:]}", store.path(name))


def _add(tar: tarfile.TarFile, source: Source, now: datetime) -> Kept:
    with source.path.open("rb") as file:
        size_bytes = os.fstat(file.fileno()).st_size
        hashing = _Hashing(file)
        tar.addfile(_member(source.name, size_bytes, now), hashing)
    return Kept(name=source.name, size_bytes=size_bytes, sha256=hashing.digest.hexdigest())


class _Hashing(io.RawIOBase):
    """A file that hashes what is read of it, so that each is read once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.digest.update(chunk)
        return chunk


def _member(name: str, size_bytes: int, now: datetime) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size_bytes, int(now.timestamp()), 0o600
    return member


def _is_ours(name: str) -> bool:
    """Only the names that `write` gives: nothing may be put elsewhere by a file that somebody changed."""
    match PurePosixPath(name).parts:
        case ("broadcaster.db" | "backup.json",):
            return True
        case ("keys", key):
            return key not in {".", ".."} and "\\" not in key
        case ("objects", first, rest):
            return len(first + rest) == 64 and all(letter in "0123456789abcdef" for letter in first + rest)
    return False


@contextlib.contextmanager
def _target(into: Path | None, member: tarfile.TarInfo) -> Iterator[IO[bytes] | None]:
    if into is None:
        yield None
        return
    path = into / member.name
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o644 if member.name.startswith(f"{OBJECTS}/") else 0o600
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _copied(name: str, source: IO[bytes], target: IO[bytes] | None) -> Kept:
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        size_bytes += len(chunk)
        if target:
            target.write(chunk)
    return Kept(name=name, size_bytes=size_bytes, sha256=digest.hexdigest())


def _checked(file: Path, body: bytes, found: Iterable[Kept]) -> Contents:
    try:
        contents = Contents.model_validate_json(body)
    except ValidationError as error:
        raise NotABackup(file=file, cause="its list cannot be read") from error
    if not any(kept.name == DATABASE for kept in contents.files):
        raise NotABackup(file=file, cause="it holds no database")
    wrong = set(contents.files) ^ set(found)
    if wrong:
        raise BackupDamaged(file=file, name=min(kept.name for kept in wrong))
    return contents
