"""A button at the loudspeaker, as presses and as the events of a real input device would be."""

import os
import struct
import threading

import pytest

from broadcaster.player.errors import PlayerError
from broadcaster.player.sound import button
from broadcaster.player.sound.button import Held, watch_keys


class Phrase:
    """What a button starts and stops."""

    def __init__(self):
        self.sounds = False
        self.started = threading.Event()
        self.refused = False

    def start(self):
        self.started.set()
        if self.refused:
            raise PlayerError("no such phrase")
        self.sounds = True

    def stop(self):
        sounded, self.sounds = self.sounds, False
        return sounded


@pytest.fixture
def phrase():
    return Phrase()


def test_a_button_that_is_held_starts_the_phrase_and_a_press_stops_it(phrase, monkeypatch):
    """The press that stops does not start it again."""
    monkeypatch.setattr(button, "HOLD_S", 0.01)
    held = Held(phrase.start, phrase.stop)
    held.pressed()
    assert phrase.started.wait(5)
    held.released()
    phrase.started.clear()
    held.pressed()
    assert not phrase.sounds
    assert held._timer is None


def test_a_bump_starts_nothing(phrase):
    """Released before its time, a press is forgotten."""
    held = Held(phrase.start, phrase.stop)
    held.pressed()
    timer = held._timer
    held.released()
    timer.join()
    assert not phrase.started.is_set()


def test_a_phrase_that_is_not_there_is_a_line_in_the_log(phrase, monkeypatch, caplog):
    """The button goes on working."""
    monkeypatch.setattr(button, "HOLD_S", 0.01)
    phrase.refused = True
    held = Held(phrase.start, phrase.stop)
    held.pressed()
    held._timer.join()
    assert [record.message for record in caplog.records] == ["button_refused"]


def test_any_key_of_an_input_device_is_the_button_also_after_it_was_unplugged(tmp_path, monkeypatch):
    """Presses and releases are read as the kernel writes them; other events are none, and a gone device comes back."""
    monkeypatch.setattr(button, "_AGAIN_S", 0.01)
    device = tmp_path / "event3"
    os.mkfifo(device)
    said, news = [], threading.Semaphore(0)

    def note(what):
        said.append(what)
        news.release()

    watch_keys(device, lambda: note("pressed"), lambda: note("released"))
    for _ in range(2):
        with device.open("wb", buffering=0) as events:
            for kind, value in ((4, 458792), (1, 1), (0, 0), (1, 2), (1, 0)):
                events.write(struct.pack("llHHi", 1, 2, kind, 28, value))
        for _ in range(3):
            assert news.acquire(timeout=10)
    # After each loss of the device the button counts as released.
    assert said == ["pressed", "released", "released"] * 2
