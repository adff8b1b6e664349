"""One WAV file per occurrence, written in real time and readable while it grows: what a listener would have heard.

Rule: frame n of the file sounded at the occurrence's `starts_at` + n / 48000 s of player time. What came late is late
in the file; where the player or its device was silent, the file is silent. After a restart the same file goes on.
"""

import logging
import struct
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from broadcaster.player.clock import PlayerClock
from broadcaster.player.errors import OutputFailed
from broadcaster.player.files import write_atomically
from broadcaster.player.output.base import Session
from broadcaster.player.output.paced import Block, PacedOutput
from broadcaster.player.sound.feed import Feed
from broadcaster.player.sound.pcm import RATE_HZ, Samples

log = logging.getLogger(__name__)
KEEP_FILES = 20
HEADER_BYTES = 44
REFRESH_FRAMES = RATE_HZ // 2


class WavOutput(PacedOutput):
    """A paced device whose blocks go into the files of all open occurrences."""

    def __init__(self, feed: Feed, clock: PlayerClock, folder: Path) -> None:
        """Write into the folder, which must exist."""
        super().__init__(feed, clock)
        self._folder = folder
        self._files: dict[UUID, OccurrenceFile] = {}
        self._files_lock = threading.Lock()

    def keep_open(self, sessions: Collection[Session]) -> None:
        """Open and close files, then run while there are any."""
        wanted = {session.occurrence_uuid: session for session in sessions}
        with self._files_lock:
            for occurrence_uuid in self._files.keys() - wanted.keys():
                self._files.pop(occurrence_uuid).close()
            for occurrence_uuid in wanted.keys() - self._files.keys():
                self._files[occurrence_uuid] = self._open(wanted[occurrence_uuid])
        super().keep_open(sessions)

    def take(self, block: Block) -> None:
        """Write a block at its place in each open file."""
        with self._files_lock:
            for file in self._files.values():
                file.write(block, self.underruns)

    def _open(self, session: Session) -> "OccurrenceFile":
        try:
            file = OccurrenceFile(self._folder, session, self._clock, self.underruns)
            _prune(self._folder)
        except OSError as error:
            raise OutputFailed(f"Cannot write into {self._folder}: {error}") from error
        return file


@dataclass
class Opening:
    """A first block written after the file was opened: which frame, and when by both clocks of this machine."""

    frame: int
    written_at: str
    player_at: str


@dataclass
class FileFacts:
    """What the `.json` beside a WAV file says. `written_at` of its openings is the operating system's time."""

    occurrence_uuid: str
    starts_at: str
    openings: list[Opening] = field(default_factory=list)
    underruns: int = 0


_FACTS = TypeAdapter(FileFacts)


class OccurrenceFile:
    """A growing WAV file (48 kHz mono 16 bit) and the `.json` beside it."""

    def __init__(self, folder: Path, session: Session, clock: PlayerClock, underruns_before: int) -> None:
        """Create it, or go on with it after a restart."""
        starts_at = session.starts_at.astimezone(UTC)
        path = folder / f"{starts_at:%Y%m%dT%H%M%SZ}_{str(session.occurrence_uuid)[:8]}.wav"
        self._session, self._clock, self._note = session, clock, path.with_suffix(".json")
        self._underruns_before = underruns_before
        self._facts = self._facts_so_far()
        self._begun = False
        fresh = not path.exists() or path.stat().st_size < HEADER_BYTES
        self._file = path.open("w+b" if fresh else "r+b", buffering=1 << 16)
        self._frames = 0 if fresh else (path.stat().st_size - HEADER_BYTES) // 2
        self._refreshed = self._frames
        self._refresh()
        self._write_facts()

    def write(self, block: Block, underruns: int) -> None:
        """Put the block where its moment belongs; what lies before the occurrence's start or is written, is dropped."""
        frame = round((block.at - self._session.starts) * RATE_HZ)
        samples = block.samples[max(0, self._frames - frame) :]
        frame = max(frame, self._frames)
        if not len(samples):
            return
        if not self._begun:
            self._begin(frame)
        self._append(frame, samples)
        if self._frames - self._refreshed >= REFRESH_FRAMES:
            self._refresh()
            self._count(underruns)

    def close(self) -> None:
        """Bring the header up to date and close."""
        self._refresh()
        self._file.close()

    def _append(self, frame: int, samples: Samples) -> None:
        gap = frame - self._frames
        if gap:
            # Seeking over the gap leaves zeros: silence, without writing hours of it.
            self._file.seek(HEADER_BYTES + 2 * frame)
        self._file.write(samples.astype("<i2").tobytes())
        self._frames = frame + len(samples)

    def _begin(self, frame: int) -> None:
        self._begun = True
        self._facts.openings.append(Opening(frame, self._clock.wall().isoformat(), self._clock.now().isoformat()))
        self._write_facts()

    def _count(self, underruns: int) -> None:
        new = underruns - self._underruns_before
        if new:
            self._underruns_before = underruns
            self._facts.underruns += new
            self._write_facts()

    def _refresh(self) -> None:
        size = 2 * self._frames
        header = struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            *(b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16, b"data", size),
        )
        self._file.seek(0)
        self._file.write(header)
        self._file.seek(HEADER_BYTES + size)
        self._file.flush()
        self._refreshed = self._frames

    def _facts_so_far(self) -> "FileFacts":
        try:
            return _FACTS.validate_json(self._note.read_bytes())
        except (OSError, ValidationError):
            return FileFacts(str(self._session.occurrence_uuid), self._session.starts_at.isoformat())

    def _write_facts(self) -> None:
        write_atomically(self._note, _FACTS.dump_json(self._facts, indent=1), durable=False)


def _prune(folder: Path) -> None:
    for path in sorted(folder.glob("*_*.wav"))[:-KEEP_FILES]:
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
