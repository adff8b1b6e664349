"""Exports as files: rows as JSON lines (gzip), sounds in a tar. Each is written, and read back."""

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Date, Table, Uuid
from sqlalchemy.types import TypeEngine

from audio_out.store import Store, flush_folder
from content.kernel.db import UtcDateTime
from content.kernel.units import Sha256

Row = dict[str, object]
_CHUNK = 1 << 20


class Written(NamedTuple):
    """How many things a file holds, the sha256 of what it holds, and of itself."""

    rows: int
    content_sha256: str
    file_sha256: str


def line_of(row: Row) -> str:
    """A row as it stands in a file."""
    return json.dumps(row, default=_text, ensure_ascii=False) + "\n"


def content_of(rows: Iterable[Row]) -> tuple[int, str]:
    """How many rows these are, and the sha256 of what a file of them would hold."""
    digest, count = hashlib.sha256(), 0
    for row in rows:
        digest.update(line_of(row).encode())
        count += 1
    return count, digest.hexdigest()


def write_rows(file: Path, rows: Iterable[Row]) -> Written:
    """Write a new file and read it back. Raises OSError."""

    def fill(raw: io.BufferedWriter) -> None:
        with gzip.open(raw, "wt", encoding="utf-8") as lines:
            lines.writelines(map(line_of, rows))

    _write(file, fill)
    digest, count = hashlib.sha256(), 0
    with gzip.open(file, "rb") as back:
        for line in back:
            digest.update(line)
            count += 1
    return Written(count, digest.hexdigest(), sha256_of(file))


def read_rows(file: Path, table: Table) -> Iterator[Row]:
    """The rows of a file as the table takes them; columns that it has not any more are let go."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            said = json.loads(line)
            yield {name: _value(table.c[name].type, said[name]) for name in said if name in table.c}


def write_sounds(file: Path, store: Store, names: Iterable[str]) -> Written:
    """Write these objects, each held against its name, into a new tar, and read it back. Raises OSError."""

    def fill(raw: io.BufferedWriter) -> None:
        with tarfile.open(fileobj=raw, mode="w") as tar:
            for name in names:
                data = store.read(Sha256(name))
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))

    _write(file, fill)
    held = [hashlib.sha256(data).hexdigest() for _, data in read_sounds(file)]
    return Written(len(held), hashlib.sha256("".join(held).encode()).hexdigest(), sha256_of(file))


def read_sounds(file: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each sound in a file."""
    with tarfile.open(file) as tar:
        for entry in tar:
            data = tar.extractfile(entry)
            if data is not None:
                yield entry.name, data.read()


def sha256_of(file: Path) -> str:
    """Of the whole file."""
    with file.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def free_name(folder: Path, name: str, ending: str) -> Path:
    """The first of name, name-2, name-3... that nobody has."""
    names = (f"{name}{number}{ending}" for number in ("", *(f"-{number}" for number in range(2, 10_000))))
    return next(folder / each for each in names if not (folder / each).exists())


def _write(file: Path, fill: Callable[[io.BufferedWriter], None]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as raw:
        fill(raw)
        raw.flush()
        os.fsync(raw.fileno())
    flush_folder(file.parent)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _value(kind: TypeEngine[object], said: object) -> object:
    if not isinstance(said, str):
        return said
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(said)
    if isinstance(kind, Date):
        return date.fromisoformat(said)
    return UUID(said) if isinstance(kind, Uuid) else said
