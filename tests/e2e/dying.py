"""A real player that is killed by its own hand (SIGKILL) in the middle of one kind of work.

    python -m tests.e2e.dying KIND NTH LAST_WORDS run --data DIR ...

KIND is play, sync, journal or upload; it dies the NTH time it comes there, and then says in the file LAST_WORDS what it
was doing.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

from broadcaster.player.__main__ import main
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.keeping.sturdy import SturdyDb
from broadcaster.player.network.server import Server
from broadcaster.protocol import AsRunAnswer, AsRunRow


def doomed(kind: str, nth: int, last_words: Path) -> None:
    """Put the trap where this kind of work is done."""
    calls = count(1)

    def die(said: str) -> None:
        last_words.write_text(said)
        os.kill(os.getpid(), signal.SIGKILL)

    def is_time() -> bool:
        return next(calls) == nth

    {"play": _play, "sync": _sync, "journal": _journal, "upload": _upload}[kind](die, is_time, early=nth % 2 == 0)


def _play(die: Callable[[str], None], is_time: Callable[[], bool], *, early: bool) -> None:
    marked = Journal.mark

    def mark(self: Journal, row: AsRunRow) -> None:
        marked(self, row)
        if row.started_at and is_time():
            threading.Timer(0.1 if early else 0.5, die, [str(row.row_uuid)]).start()

    Journal.mark = mark  # type: ignore[method-assign]


def _sync(die: Callable[[str], None], is_time: Callable[[], bool], *, early: bool) -> None:
    written = Cache._write

    def write(self: Cache, part: Path, sha256: str, size: int, chunks: Iterable[bytes], *, resume: bool) -> None:
        dies = is_time()

        def some() -> Iterator[bytes]:
            for chunk in chunks:
                if dies and early:
                    yield chunk[: len(chunk) // 2]
                    die(f"half of {sha256}")
                yield chunk

        written(self, part, sha256, size, some(), resume=resume)
        if dies:
            die(f"{sha256} before its rename")

    Cache._write = write  # type: ignore[method-assign]


def _journal(die: Callable[[str], None], is_time: Callable[[], bool], *, early: bool) -> None:
    left = SturdyDb.__exit__

    def leave(self: SturdyDb, kind: Any, error: BaseException | None, trace: TracebackType | None) -> None:
        dies = is_time()
        if dies and early:
            die("before a commit")
        left(self, kind, error, trace)
        if dies:
            die("after a commit")

    SturdyDb.__exit__ = leave  # type: ignore[method-assign]


def _upload(die: Callable[[str], None], is_time: Callable[[], bool], *, early: bool) -> None:
    sent = Server.as_run

    def as_run(self: Server, rows: Any) -> AsRunAnswer:
        dies = is_time()
        if dies and early:
            die("before rows were sent")
        answer = sent(self, rows)
        if dies:
            die("before the answer was kept")
        return answer

    Server.as_run = as_run  # type: ignore[method-assign]


if __name__ == "__main__":
    doomed(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
    sys.exit(main(sys.argv[4:]))
