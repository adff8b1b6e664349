"""Log lines: constant event names, facts as `key=value`, one line each, on standard error."""

import logging

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class _Facts(logging.Formatter):
    """Appends the facts given in `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with facts before a traceback, if there is one."""
        facts = {name: fact for name, fact in vars(record).items() if name not in _STANDARD}
        line = super().format(record)
        return line if not facts else f"{line}  {' '.join(f'{name}={fact}' for name, fact in facts.items())}"


def set_up(level: str, process: str) -> None:
    """Log to standard error from now on; `process` is named in each line."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Facts(f"%(asctime)s {process} %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("apscheduler", "alembic", "httpx2", "urllib3", "gtts"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # A tick that comes while the one before still runs has nothing to add; `broadcaster.jobs.clock` notes what matters.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
