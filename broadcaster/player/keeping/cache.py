"""Immutable files named by their sha256. What is here under its name has been hashed by this process: verified.

Written aside (`*.part`), hashed while written, fsynced, renamed. A file found at the start is hashed before it counts.
"""

import errno
import hashlib
import logging
import os
import threading
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from broadcaster.player.errors import DiskFull, NotTrusted
from broadcaster.player.files import sync_folder
from broadcaster.player.keeping.room import Held

log = logging.getLogger(__name__)
CHUNK = 1 << 18
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Cache:
    """The folder `objects`. Any thread may read, add and remove; each way of adding has one thread (`way`)."""

    def __init__(self, folder: Path) -> None:
        """Open the folder; nothing in it counts before `verify`."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._present: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    @property
    def present(self) -> frozenset[str]:
        """The sha256 of all verified objects."""
        return self._present

    def path(self, sha256: str) -> Path:
        """Where the object is, or would be."""
        return self._folder / sha256

    def size_bytes(self) -> int:
        """Return how much the folder holds, parts included."""
        return sum(held.size_bytes for held in self.held())

    def held(self) -> list[Held]:
        """Return the files there are; a part counts for its object."""
        found = []
        for path in self._folder.iterdir():
            try:
                facts = path.stat()
            except OSError:  # renamed or removed meanwhile
                continue
            found.append(Held(path.name.partition(".")[0], facts.st_size, facts.st_mtime))
        return found

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._folder

    def read(self, sha256: str) -> bytes:
        """Return a small object's bytes, hashed once more.

        Raises:
            NotTrusted: the file has gone or changed since it was verified; it is discarded.
        """
        try:
            data = self.path(sha256).read_bytes()
        except OSError as error:
            self.discard(sha256)
            raise NotTrusted(f"Object {sha256} cannot be read") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            self.discard(sha256)
            raise NotTrusted(f"Object {sha256} has changed on the disk")
        return data

    def verify(self, sha256s: Iterable[str]) -> Iterator[str]:
        """Hash what lies in the folder of these, one by one in order; corrupt files are discarded. Yields the good."""
        for sha256 in sha256s:
            path = self.path(sha256)
            if sha256 in self._present or not path.exists():
                continue
            if _sha256_of(path) == sha256:
                self._add(sha256)
                yield sha256
            else:
                log.warning("object_corrupt", extra={"sha256": sha256})
                self.discard(sha256)

    def partial_bytes(self, sha256: str) -> int:
        """How much of it an earlier, broken download left."""
        part = self._part(sha256)
        return part.stat().st_size if part.exists() else 0

    def store(self, sha256: str, size_bytes: int, chunks: Iterable[bytes], *, resume: bool, way: str = "") -> None:
        """Write the object from its bytes; with `resume` they continue the part that is there.

        `way` tells apart who brings it: the line and a stick may bring the same object at the same time.

        Raises:
            NotTrusted: other bytes than promised; the part is discarded.
            DiskFull: there is no room for it; the part is discarded.
        Whatever `chunks` raises leaves the part, to be resumed.
        """
        part = self._part(sha256, way)
        try:
            self._write(part, sha256, size_bytes, chunks, resume=resume)
            part.replace(self.path(sha256))
            sync_folder(self._folder)
        except OSError as error:
            if error.errno not in FULL:
                raise
            part.unlink(missing_ok=True)
            raise DiskFull(f"The disk is full: object {sha256} ({size_bytes} bytes) has no room") from error
        self._add(sha256)

    def _write(self, part: Path, sha256: str, size_bytes: int, chunks: Iterable[bytes], *, resume: bool) -> None:
        digest, size = _digest_of(part) if resume else (hashlib.sha256(), 0)
        with part.open("ab" if resume else "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > size_bytes:
                    break
                file.write(chunk)
                digest.update(chunk)
            file.flush()
            os.fsync(file.fileno())
        if size != size_bytes or digest.hexdigest() != sha256:
            part.unlink()
            raise NotTrusted(f"Object {sha256} came with other bytes ({size} of {size_bytes})")

    def _add(self, sha256: str) -> None:
        with self._lock:
            self._present |= {sha256}

    def _remove(self, sha256: str) -> None:
        with self._lock:
            self._present -= {sha256}

    def discard_part(self, sha256: str) -> None:
        """Forget what a broken download left."""
        self._part(sha256).unlink(missing_ok=True)

    def discard(self, sha256: str) -> None:
        """Forget an object and its file."""
        self._remove(sha256)
        self.path(sha256).unlink(missing_ok=True)

    def evict(self, needed: Collection[str], older_than: float) -> int:
        """Remove files that no manifest needs and that came before `older_than` (seconds of Unix time)."""
        gone = [
            path
            for path in self._folder.iterdir()
            if path.name.partition(".")[0] not in needed and path.stat().st_mtime < older_than
        ]
        for path in gone:
            self._remove(path.name)
            path.unlink(missing_ok=True)
        return len(gone)

    def _part(self, sha256: str, way: str = "") -> Path:
        return self._folder / f"{sha256}{way and f'.{way}'}.part"


def _sha256_of(path: Path) -> str | None:
    try:
        return _digest_of(path)[0].hexdigest()
    except OSError:
        return None


def _digest_of(path: Path) -> tuple["hashlib._Hash", int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest, size
