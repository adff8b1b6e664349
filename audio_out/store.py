"""Immutable objects on a local disk, each named by the sha256 of its bytes.

An object is written aside, flushed to the disk, read back and only then given its name: whoever finds the name
finds the whole object, after a power cut too. What an object means is nobody's business here.
"""

import contextlib
import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from audio_out.errors import ObjectDamaged, ObjectMissing, StoreFull, StoreNotWritable
from content.kernel.units import Sha256

_NAME = re.compile(r"[0-9a-f]{64}")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CHUNK_BYTES = 1 << 20
_PART = ".part"


class Store:
    """The objects below one folder: `root/ab/cdef...`, made when first needed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, source: bytes | Path) -> Sha256:
        """Keep these bytes, or a copy of that file; keeping the same twice is harmless and mends a damaged copy.

        Raises:
            StoreFull, StoreNotWritable: nothing was kept, and nothing half-kept was left behind.
        """
        try:
            name = _sha256_of(source)
            if not self._is_intact(name):
                self._write(name, source)
        except OSError as error:
            raise self._named(error) from error
        return name

    def path(self, sha256: Sha256) -> Path:
        """Where the object lies, or would lie."""
        if not _NAME.fullmatch(sha256):
            raise ObjectMissing(sha256=sha256)
        return self._root / sha256[:2] / sha256[2:]

    def exists(self, sha256: Sha256) -> bool:
        """Whether the object is here; `verify` says whether it is still whole."""
        return self.path(sha256).is_file()

    def open(self, sha256: Sha256) -> BinaryIO:
        """The object, to be read; the caller closes it.

        Raises:
            ObjectMissing: it is not here.
        """
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise ObjectMissing(sha256=sha256) from None

    def read(self, sha256: Sha256) -> bytes:
        """The object's bytes, held against its name.

        Raises:
            ObjectMissing: it is not here.
            ObjectDamaged: its bytes are no longer those of its name.
        """
        with self.open(sha256) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ObjectDamaged(sha256=sha256)
        return data

    def verify(self, sha256: Sha256) -> None:
        """Read the whole object and hold it against its name.

        Raises:
            ObjectMissing: it is not here.
            ObjectDamaged: its bytes are no longer those of its name.
        """
        try:
            _hold_against(self.path(sha256), sha256)
        except FileNotFoundError:
            raise ObjectMissing(sha256=sha256) from None

    def delete(self, sha256: Sha256) -> None:
        """Forget the object; one that is not here is no error."""
        self.path(sha256).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[Sha256]:
        """The names of all objects, sorted."""
        for path in sorted(self._root.glob("??/*")):
            name = path.parent.name + path.name
            if _NAME.fullmatch(name):
                yield Sha256(name)

    def sweep(self, before: datetime) -> int:
        """Delete what a killed writer left aside before that instant; how many files that were."""
        left = [path for path in self._root.glob(f"??/*{_PART}") if path.stat().st_mtime < before.timestamp()]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _is_intact(self, sha256: Sha256) -> bool:
        try:
            self.verify(sha256)
        except (ObjectMissing, ObjectDamaged):
            return False
        return True

    def _write(self, name: Sha256, source: bytes | Path) -> None:
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(suffix=_PART, dir=target.parent)
        part = Path(aside)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                file.writelines(_chunks(source))
                file.flush()
                os.fsync(file.fileno())
            _hold_against(part, name)
            part.chmod(0o644)
            part.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        flush_folder(target.parent)

    def _named(self, error: OSError) -> StoreFull | StoreNotWritable:
        if error.errno in _FULL:
            return StoreFull(folder=str(self._root))
        return StoreNotWritable(folder=str(self._root), detail=error.strerror or str(error))


def _chunks(source: bytes | Path) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _sha256_of(source: bytes | Path) -> Sha256:
    digest = hashlib.sha256()
    for chunk in _chunks(source):
        digest.update(chunk)
    return Sha256(digest.hexdigest())


def _hold_against(path: Path, name: Sha256) -> None:
    if _sha256_of(path) != name:
        raise ObjectDamaged(sha256=name)


def flush_folder(folder: Path) -> None:
    """A new name is safe from a power cut only when its folder is flushed; Windows does this by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
