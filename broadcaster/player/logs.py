"""Log lines for a person at a terminal or in the system's journal: time, level, event, facts as `key=value`."""

import logging
import sys

_STANDARD = frozenset(vars(logging.makeLogRecord({})))


class FactsFormatter(logging.Formatter):
    """Appends what was given as `extra`."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is the library's
        """Format one line."""
        facts = " ".join(f"{name}={value!s}" for name, value in vars(record).items() if name not in _OWN)
        line = super().formatMessage(record)
        return f"{line} {facts}" if facts else line


_OWN = _STANDARD | {"message", "asctime"}


def log_to_stderr() -> None:
    """Write everything from INFO on to standard error, in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FactsFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for chatty in ("httpx2", "httpcore2", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
