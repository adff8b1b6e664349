"""Codes on cards are guessed slowly: an address that was wrong too often is answered with nothing for a while.

Counted by address, so that who guesses locks out nobody elsewhere, and in memory: a restart forgives.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from broadcaster.asrun.errors import TooManyGuesses

WINDOW = timedelta(minutes=10)
MOST_WRONG = 20
MOST_ADDRESSES = 10_000


@dataclass
class Guesses:
    """Wrong codes of a sliding window by address; of too many addresses the oldest are forgotten."""

    now: Callable[[], datetime]
    _wrong: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)

    def check(self, address: str) -> None:
        """Raises TooManyGuesses while the window holds too many wrong codes of this address."""
        times = self._wrong.get(address)
        while times and times[0] <= self.now() - WINDOW:
            times.popleft()
        if times and len(times) >= MOST_WRONG:
            raise TooManyGuesses

    def wrong(self, address: str) -> None:
        """Note a wrong code."""
        self._wrong.setdefault(address, deque()).append(self.now())
        self._wrong.move_to_end(address)
        while len(self._wrong) > MOST_ADDRESSES:
            self._wrong.popitem(last=False)
