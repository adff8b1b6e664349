"""A phone gives the time: what somebody at the loudspeaker may do after a power cut without a network.

The rule itself is the clock's (`PlayerClock.set_by_phone`); here it is joined with the manifest in force and written
down. Whether that somebody may (the PIN) is the local page's question.
"""

import logging
from datetime import datetime

from broadcaster.player.clock import PlayerClock
from broadcaster.player.errors import ClockRefused
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.keeping.manifests import Manifests

log = logging.getLogger(__name__)
NOTE = "clock_set_by_phone"


def set_by_phone(clock: PlayerClock, journal: Journal, manifests: Manifests, at: datetime, error_s: float) -> float:
    """Take a phone's time `at` (aware, now) that may be wrong by `error_s`; return the seconds the clock was moved.

    Raises:
        ClockRefused: no manifest to hold it against, outside floor and `valid_until`, or the clock is known better.
    """
    if manifests.current is None:
        raise ClockRefused("This player has no programme yet: there is nothing that a time could be held against")
    before = clock.read()
    moved_s = clock.set_by_phone(at, error_s, manifests.current.valid_until)
    facts = {"moved_s": round(moved_s, 3), "was": before.state.value, "error_s": error_s}
    journal.note(at, NOTE, facts)
    log.warning(NOTE, extra=facts)
    return moved_s
