"""A button at the loudspeaker: held for a second it starts a prepared phrase, pressed again it stops it.

It may be on a GPIO line, or a key of anything that is a keyboard to Linux: a foot switch, an USB buzzer.
"""

import logging
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from broadcaster.player.errors import PlayerError

log = logging.getLogger(__name__)
HOLD_S = 1.0
"""A bump must not wake a village."""
_EVENT = struct.Struct("llHHi")
"""`struct input_event` of linux/input.h: seconds, microseconds, type, code, value."""
_EV_KEY, _RELEASED, _PRESSED = 1, 0, 1
_AGAIN_S = 5.0


class Held:
    """Turns presses and releases into `start` and `stop`."""

    def __init__(self, start: Callable[[], None], stop: Callable[[], bool]) -> None:
        """`stop` tells whether anything that was started here sounded."""
        self._start = start
        self._stop = stop
        self._timer: threading.Timer | None = None

    def pressed(self) -> None:
        """Stop what sounds; if nothing does, begin to count."""
        self.released()
        if self._tried(self._stop):
            return
        self._timer = threading.Timer(HOLD_S, self._tried, [self._start])
        self._timer.daemon = True
        self._timer.start()

    def released(self) -> None:
        """Too early: nothing happens."""
        if self._timer:
            self._timer.cancel()
        self._timer = None

    @staticmethod
    def _tried(act: Callable[[], object]) -> bool:
        try:
            return bool(act())
        except PlayerError as error:
            log.warning("button_refused", extra={"why": str(error)})
            return False


def watch_keys(device: Path, pressed: Callable[[], None], released: Callable[[], None]) -> threading.Thread:
    """Take any key of an input device (/dev/input/by-id/...) for the button; one that is unplugged may come back."""

    def follow() -> None:
        with device.open("rb", buffering=0) as events:
            _follow(events.read, pressed, released)

    return keep_following(follow, released)


def keep_following(follow: Callable[[], None], released: Callable[[], None]) -> threading.Thread:
    """Follow a button from a thread of its own; one that is not there, or goes away, is looked for again and again.

    After each loss it counts as released. Why it is not there is said once.
    """

    def watch() -> None:
        pause = threading.Event()
        said = ""
        while True:
            try:
                follow()
            except (OSError, PlayerError) as error:
                if said != str(error):
                    log.warning("button_gone", extra={"why": str(error)})
                said = str(error)
            released()
            pause.wait(_AGAIN_S)

    thread = threading.Thread(target=watch, name="button", daemon=True)
    thread.start()
    return thread


def _follow(read: Callable[[int], bytes | None], pressed: Callable[[], None], released: Callable[[], None]) -> None:
    while len(event := read(_EVENT.size) or b"") == _EVENT.size:
        *_, kind, _code, value = _EVENT.unpack(event)
        if kind == _EV_KEY and value == _PRESSED:
            pressed()
        elif kind == _EV_KEY and value == _RELEASED:
            released()
