"""Log lines for a person at a terminal or in the system's journal: time, level, event, facts as `key=value`."""

import contextlib
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_STANDARD = frozenset(vars(logging.makeLogRecord({})))


class FactsFormatter(logging.Formatter):
    """Appends what was given as `extra`."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is the library's
        """Format one line."""
        facts = " ".join(f"{name}={value!s}" for name, value in vars(record).items() if name not in _OWN)
        line = super().formatMessage(record)
        return f"{line} {facts}" if facts else line


_OWN = _STANDARD | {"message", "asctime"}


FILE = "player.log"
FILE_BYTES = 1 << 20
FILES_BEFORE = 2


def start_logging(data: Path) -> None:
    """Write everything from INFO on, in UTC, to standard error and to `player.log`: 3 MiB at the most.

    Whoever keeps standard error (journald, a terminal) sees to its size. A full disk costs lines, nothing else.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    with contextlib.suppress(OSError):
        handlers.append(
            RotatingFileHandler(data / FILE, maxBytes=FILE_BYTES, backupCount=FILES_BEFORE, encoding="utf-8")
        )
    for handler in handlers:
        handler.setFormatter(FactsFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.raiseExceptions = False
    logging.basicConfig(level=logging.INFO, handlers=handlers)
