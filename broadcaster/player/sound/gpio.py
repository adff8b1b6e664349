"""Lines of a Raspberry Pi's header: a relay that switches the amplifier, and a button.

Through the kernel's interface, by its own library (the extra `player-gpio`); all that knows it is in here. When the
player ends, however it ends, the kernel lets its lines go: wire the relay so that the amplifier is off then.
"""

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from broadcaster.player.errors import PlayerError
from broadcaster.player.sound.button import keep_following

log = logging.getLogger(__name__)
CONSUMER = "village-broadcaster"
DEBOUNCE = timedelta(milliseconds=30)
DEVICES = Path("/dev")
_SPELLING = re.compile(r"(?:(?P<chip>[\w./-]+):)?(?P<line>\w+)(?P<low>!low)?")


class NoSuchLine(PlayerError):
    """A line that cannot be had."""


@dataclass(frozen=True)
class Line:
    """As it is written: `GPIO17`, `gpiochip0:17`, and `!low` behind it when the line is active at 0 V."""

    chip: str | None
    name: str
    active_low: bool

    @classmethod
    def of(cls, text: str) -> "Line":
        """Read the spelling.

        Raises:
            NoSuchLine: it is none.
        """
        found = _SPELLING.fullmatch(text)
        if found is None or (found["chip"] is None and found["line"].isdecimal()):
            raise NoSuchLine(f"“{text}” is no line: write GPIO17, or gpiochip0:17, and GPIO17!low if it is on at 0 V")
        return cls(found["chip"], found["line"], bool(found["low"]))


class GpioAmplifier:
    """A relay on a line.

    One that hangs, or is not there, must not silence a village whose amplifier is on by itself: it is tried again.
    """

    def __init__(self, line: Line) -> None:
        """Take the line if it is there; the amplifier is off.

        Raises:
            NoSuchLine: the library is missing.
        """
        self._gpiod = _library()
        self._line = line
        self._taken: tuple[Any, int] | None = None
        self._lock = threading.Lock()
        self._is_on = False
        self.trouble = ""
        self._tried(self._take)

    def on(self) -> None:
        """Switch it on."""
        self._switch(on=True)

    def off(self) -> None:
        """Switch it off."""
        self._switch(on=False)

    def _switch(self, *, on: bool) -> None:
        with self._lock:
            if on == self._is_on:
                return
            if not self._tried(lambda: self._set(on=on)):
                return
            self._is_on = on
        log.info("amplifier_switched", extra={"on": on})

    def _set(self, *, on: bool) -> None:
        request, offset = self._taken or self._take()
        values = self._gpiod.line.Value
        request.set_value(offset, values.ACTIVE if on else values.INACTIVE)

    def _take(self) -> tuple[Any, int]:
        setting = self._gpiod.LineSettings(
            direction=self._gpiod.line.Direction.OUTPUT,
            active_low=self._line.active_low,
            output_value=self._gpiod.line.Value.INACTIVE,
        )
        self._taken = _take(self._gpiod, self._line, setting)
        return self._taken

    def _tried(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except (OSError, NoSuchLine) as error:
            if self.trouble != str(error):
                log.error("amplifier_failed", extra={"why": str(error)})  # noqa: TRY400
            self.trouble = str(error)
            return False
        self.trouble = ""
        return True


def watch_button(line: Line, pressed: Callable[[], None], released: Callable[[], None]) -> None:
    """Call back at each press and release, from a thread of its own; the button joins the line to ground if `!low`.

    A line that is not there, or goes away, is looked for again and again.

    Raises:
        NoSuchLine: the library is missing.
    """
    gpiod = _library()
    setting = gpiod.LineSettings(
        direction=gpiod.line.Direction.INPUT,
        edge_detection=gpiod.line.Edge.BOTH,
        bias=gpiod.line.Bias.PULL_UP if line.active_low else gpiod.line.Bias.PULL_DOWN,
        active_low=line.active_low,
        debounce_period=DEBOUNCE,
    )

    def follow() -> None:
        request, _ = _take(gpiod, line, setting)
        while True:
            for event in request.read_edge_events():
                rising = event.event_type is event.Type.RISING_EDGE
                (pressed if rising else released)()

    keep_following(follow, released)


def _library() -> Any:
    if find_spec("gpiod") is None:
        raise NoSuchLine("Lines need the extra: pip install village-broadcaster[player-gpio]")
    return import_module("gpiod")


def _take(gpiod: Any, line: Line, setting: Any) -> tuple[Any, int]:
    for path in _chips(line):
        try:
            with gpiod.Chip(str(path)) as chip:
                offset = chip.line_offset_from_id(int(line.name) if line.name.isdecimal() else line.name)
            return gpiod.request_lines(str(path), consumer=CONSUMER, config={offset: setting}), offset
        except OSError as error:
            # Not on this chip (ENOENT, EINVAL): perhaps on the next one.
            if line.chip or isinstance(error, PermissionError):
                raise NoSuchLine(f"Cannot have {line.name} on {path}: {error}") from error
    raise NoSuchLine(f"No chip here has a line {line.name}; `gpioinfo` lists them")


def _chips(line: Line) -> list[Path]:
    return [DEVICES / line.chip] if line.chip else sorted(DEVICES.glob("gpiochip*"))
