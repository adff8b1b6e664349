"""Lines of the header. No chip is here: a fake one stands at the boundary of the real library, with its own types."""

import errno
import threading
from types import SimpleNamespace

import pytest

from broadcaster.player.sound import button, gpio
from broadcaster.player.sound.gpio import GpioAmplifier, Line, NoSuchLine, watch_button

gpiod = pytest.importorskip("gpiod")
Value, Direction, Bias = gpiod.line.Value, gpiod.line.Direction, gpiod.line.Bias
NAMES = {"GPIO17": 17, "GPIO27": 27}


class Chips:
    """Two chips; the second has the header. `asked` are the settings with which lines were taken."""

    def __init__(self):
        self.asked = {}
        self.values = []
        self.broken = False
        self.events = []
        self.all_read = threading.Event()
        self.error = None

    def chip(self, path):
        def offset(name):
            if isinstance(name, int):
                return name
            if path.endswith("1") and name in NAMES:
                return NAMES[name]
            raise OSError(errno.ENOENT, "Unable to find line")

        return SimpleNamespace(line_offset_from_id=offset)

    def request(self, path, consumer, config):
        assert consumer
        if self.error:
            raise self.error
        self.asked[path] = config
        return SimpleNamespace(set_value=self.set_value, read_edge_events=self.read)

    def set_value(self, offset, value):
        if self.broken:
            raise OSError(errno.EIO, "gone")
        self.values.append((offset, value))

    def read(self):
        if self.events:
            return [self.events.pop(0)]
        self.all_read.set()
        threading.Event().wait()
        return []


class OpenChip:
    def __init__(self, chips, path):
        self.chips, self.path = chips, path

    def __enter__(self):
        return self.chips.chip(self.path)

    def __exit__(self, *_):
        pass


@pytest.fixture
def chips(monkeypatch, tmp_path):
    fakes = Chips()
    for number in range(2):
        (tmp_path / f"gpiochip{number}").touch()
    monkeypatch.setattr(gpio, "DEVICES", tmp_path)
    monkeypatch.setattr(gpiod, "Chip", lambda path: OpenChip(fakes, path))
    monkeypatch.setattr(gpiod, "request_lines", fakes.request)
    return fakes


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("GPIO17", Line(None, "GPIO17", False)),
        ("GPIO17!low", Line(None, "GPIO17", True)),
        ("gpiochip4:17", Line("gpiochip4", "17", False)),
    ],
)
def test_a_line_is_named_or_numbered(text, line):
    """By its name on whichever chip has it, or by chip and number."""
    assert Line.of(text) == line


@pytest.mark.parametrize("text", ["17", "", "GPIO 17", "GPIO17!high"])
def test_what_is_no_line_is_a_sentence(text):
    """A bare number names no chip: another Raspberry Pi has the header on another."""
    with pytest.raises(NoSuchLine, match="write GPIO17"):
        Line.of(text)


def test_a_relay_is_off_at_first_and_switched_once(chips, tmp_path):
    """Taking the line leaves the amplifier off; what is on is not switched on again."""
    relay = GpioAmplifier(Line.of("GPIO17!low"))
    (setting,) = chips.asked[str(tmp_path / "gpiochip1")].values()
    assert (setting.direction, setting.output_value, setting.active_low) == (Direction.OUTPUT, Value.INACTIVE, True)
    relay.on()
    relay.on()
    relay.off()
    assert chips.values == [(17, Value.ACTIVE), (17, Value.INACTIVE)]


def test_a_relay_that_fails_is_tried_again_and_stops_nothing(chips):
    """The village may hear all the same; the next sound switches again."""
    relay = GpioAmplifier(Line.of("gpiochip0:5"))
    chips.broken = True
    relay.on()
    chips.broken = False
    relay.on()
    assert chips.values == [(5, Value.ACTIVE)]


def test_a_relay_that_is_not_there_is_told_and_taken_when_it_comes(chips, caplog):
    """No such name, then no right to it: said once each, the player lives; the first sound after that switches it."""
    relay = GpioAmplifier(Line.of("GPIO22"))
    assert "No chip here has a line GPIO22" in relay.trouble
    chips.error = PermissionError(errno.EACCES, "Permission denied")
    NAMES["GPIO22"] = 22
    try:
        relay.on()
        relay.on()
        assert "Permission denied" in relay.trouble
        assert [record.message for record in caplog.records] == ["amplifier_failed"] * 2
        chips.error = None
        relay.on()
    finally:
        del NAMES["GPIO22"]
    assert (relay.trouble, chips.values) == ("", [(22, Value.ACTIVE)])


def test_a_chip_that_is_not_there_is_a_sentence():
    """The real library says what it misses."""
    assert "no-such-chip" in GpioAmplifier(Line.of("no-such-chip:17")).trouble


def test_a_button_that_is_not_there_is_looked_for_again(chips, monkeypatch):
    """A chip that comes after the player, or comes back, has its button watched."""
    monkeypatch.setattr(button, "_AGAIN_S", 0.01)
    chips.error = OSError(errno.EBUSY, "Device or resource busy")
    looked = threading.Event()
    watch_button(Line.of("gpiochip1:5"), pytest.fail, looked.set)
    assert looked.wait(5)
    chips.error = None
    assert chips.all_read.wait(5)


def test_a_button_tells_presses_and_releases(chips, tmp_path):
    """Pulled up when it joins the line to ground, and debounced by the kernel."""
    kinds = gpiod.EdgeEvent.Type
    chips.events = [SimpleNamespace(event_type=kind, Type=kinds) for kind in (kinds.RISING_EDGE, kinds.FALLING_EDGE)]
    said = []
    watch_button(Line.of("GPIO27!low"), lambda: said.append("pressed"), lambda: said.append("released"))
    assert chips.all_read.wait(5)
    assert said == ["pressed", "released"]
    (setting,) = chips.asked[str(tmp_path / "gpiochip1")].values()
    assert (setting.direction, setting.bias, setting.active_low) == (Direction.INPUT, Bias.PULL_UP, True)


def test_without_the_library_it_is_a_sentence(monkeypatch):
    """Which extra to install."""
    monkeypatch.setattr(gpio, "find_spec", lambda _: None)
    with pytest.raises(NoSuchLine, match="player-gpio"):
        GpioAmplifier(Line.of("GPIO17"))
