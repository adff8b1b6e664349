"""Files on their way in: pieces that may come over many cut connections, kept until they are whole and taken.

A folder per person, so that nobody reaches another's; in it each upload's bytes and, beside them, what was said of it
at the beginning and never changes. How far it is, is the length of the file, so that no second truth can differ from
it after a kill. What the bytes mean is nobody's business here, nor is HTTP.
"""

import errno
import json
import os
import shutil
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from content.kernel.db import StorageFull
from content.kernel.errors import Conflict, Invalid, NotFound

LIVES = timedelta(hours=24)
"""An upload in which nothing has come for so long is thrown away."""
MOST_OPEN = 4
"""For each person; one more drops the oldest, so that nobody is kept out by their own broken attempts."""
LONGEST_NAME = 200
_ABOUT = ".json"
_FULL = {errno.ENOSPC, errno.EDQUOT}


class NoSuchUpload(NotFound):
    """Never begun, taken, or thrown away."""

    sentence = "This upload is not here any more. Please send the file again."


class UploadElsewhere(Conflict):
    """The next piece belongs to another place."""

    sentence = "The server has {offset} bytes of this file. Go on from there."


class UploadTooLong(Invalid):
    """More bytes than were announced."""

    sentence = "More was sent than the {length} bytes of this file. Please send it again."


class UploadUnfinished(Conflict):
    """Not all of it has come."""

    sentence = "The file has not arrived completely yet. Please send it again."


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way: `offset` of its `length` bytes have come, and the newest of them at `touched_at`."""

    uuid: UUID
    path: Path
    file_name: str
    length: int
    offset: int
    touched_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When it is thrown away unless more comes."""
        return self.touched_at + LIVES


_APPENDING = threading.Lock()
"""One web process takes uploads; a piece is on the disk in some milliseconds."""


class Uploads:
    """All uploads below one folder, made when first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, person: UUID, length: int, file_name: str, now: datetime) -> Upload:
        """Room for a file of so many bytes. Throws away what has expired, everybody's. Raises StorageFull."""
        self.sweep(now)
        for oldest in self._oldest_first(str(person))[: 1 - MOST_OPEN]:
            _forget(oldest)
        path = self._path(person, uuid4())
        about = {"length": length, "file_name": file_name[:LONGEST_NAME]}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            _about(path).write_text(json.dumps(about), encoding="utf-8")
        except OSError as error:
            raise _named(error) from error
        return self.find(person, UUID(path.name))

    def find(self, person: UUID, uuid: UUID) -> Upload:
        """A person's upload. Raises NoSuchUpload."""
        path = self._path(person, uuid)
        try:
            about, stat = json.loads(_about(path).read_text(encoding="utf-8")), path.stat()
        except (FileNotFoundError, ValueError):
            raise NoSuchUpload from None
        touched_at = datetime.fromtimestamp(stat.st_mtime, UTC)
        return Upload(uuid, path, about["file_name"], about["length"], stat.st_size, touched_at)

    def whole(self, person: UUID, uuid: UUID) -> Upload:
        """A person's upload of which every byte has come. Raises NoSuchUpload, UploadUnfinished."""
        upload = self.find(person, uuid)
        if upload.offset != upload.length:
            raise UploadUnfinished
        return upload

    def append(self, person: UUID, uuid: UUID, offset: int, piece: bytes) -> Upload:
        """Add a piece; what this returns is on the disk.

        One piece after the other, also where an old connection still delivers: the slower one finds the file longer
        than it thought.

        Raises:
            NoSuchUpload: it is not here.
            UploadElsewhere: `offset` is not where the file ends.
            UploadTooLong: more than was announced; nothing of the piece is kept.
            StorageFull: the disk is.
        """
        with _APPENDING:
            upload = self.find(person, uuid)
            if offset != upload.offset:
                raise UploadElsewhere(offset=upload.offset)
            if offset + len(piece) > upload.length:
                raise UploadTooLong(length=upload.length)
            if piece:
                try:
                    _append(upload.path, piece)
                except OSError as error:
                    raise _named(error) from error
            return self.find(person, uuid)

    def take_in(self, person: UUID, file: BinaryIO, file_name: str, now: datetime) -> Upload:
        """A file that came at once, as if it had come in pieces. Raises StorageFull."""
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
        upload = self.begin(person, length, file_name, now)
        try:
            with upload.path.open("wb") as target:
                shutil.copyfileobj(file, target)
        except OSError as error:
            self.remove(person, upload.uuid)
            raise _named(error) from error
        return self.find(person, upload.uuid)

    def remove(self, person: UUID, uuid: UUID) -> None:
        """Forget an upload; one that is not here is no error."""
        _forget(self._path(person, uuid))

    def sweep(self, now: datetime) -> int:
        """Throw away what has expired; how many uploads that were."""
        before = (now - LIVES).timestamp()
        expired = [path for path in self._oldest_first("*") if _touched(path) < before]
        for path in expired:
            _forget(path)
        return len(expired)

    def _oldest_first(self, folder: str) -> list[Path]:
        found = (path for path in self._root.glob(f"{folder}/*") if path.suffix != _ABOUT)
        return sorted(found, key=_touched)

    def _path(self, person: UUID, uuid: UUID) -> Path:
        return self._root / str(person) / str(uuid)


def _append(path: Path, piece: bytes) -> None:
    with path.open("ab") as file:
        file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _about(path: Path) -> Path:
    return path.with_name(path.name + _ABOUT)


def _forget(path: Path) -> None:
    _about(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _named(error: OSError) -> OSError | StorageFull:
    return StorageFull() if error.errno in _FULL else error
