"""Taking turns at what is slow: who would wait long is told so, instead of holding one of the threads of all pages."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from content.kernel.errors import Unavailable

WAITS_S = 10.0


class Busy(Unavailable):
    """All hands are full."""

    sentence = "Too much is being done at once here. Try again in a minute; what you have typed or sent is kept."


@contextmanager
def one_of(hands: threading.BoundedSemaphore) -> Iterator[None]:
    """One of the hands, for as long as the context lasts. Raises Busy after ten seconds."""
    if not hands.acquire(timeout=WAITS_S):
        raise Busy
    try:
        yield
    finally:
        hands.release()
