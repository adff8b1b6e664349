"""Wrong pairing codes are limited: a code has 40 bits and lives 15 minutes, so a few tries a minute are plenty."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from broadcaster.fleet.errors import TooManyTries

WINDOW = timedelta(minutes=1)
MOST_WRONG = 20


@dataclass
class Throttle:
    """Counts wrong tries in a sliding minute, over all addresses: guessing may come from many."""

    now: Callable[[], datetime]
    _wrong: deque[datetime] = field(default_factory=deque)

    def check(self) -> None:
        """Raises TooManyTries while the last minute saw too many wrong tries."""
        start = self.now() - WINDOW
        while self._wrong and self._wrong[0] < start:
            self._wrong.popleft()
        if len(self._wrong) >= MOST_WRONG:
            raise TooManyTries(seconds=int((self._wrong[0] - start).total_seconds()) + 1)

    def wrong(self) -> None:
        """Note a wrong try."""
        self._wrong.append(self.now())
