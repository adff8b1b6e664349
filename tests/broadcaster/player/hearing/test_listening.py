"""The player's ear over a device and a microphone that the test has in its hands."""

import numpy as np

from broadcaster.player.hearing.experience import Experience
from broadcaster.player.hearing.listening import Listening
from broadcaster.player.hearing.ring import KEEP, Ring
from broadcaster.player.sound.pcm import RATE_HZ
from tests.broadcaster.player.hearing.sounds import Tape, babble, returned

BLOCK = RATE_HZ // 10
BEGINS = 1000.0
BEFORE_S = 3


def played_and(seconds, **more):
    """Silence, a cue of so many seconds, silence; and what came back."""
    cue = babble(seconds, 3)
    played = np.concatenate([np.zeros(BEFORE_S * RATE_HZ, np.int16), cue, np.zeros(2 * RATE_HZ, np.int16)])
    return played, returned(played, **more)


def listen(ears, played, *, until=None, offset_s=0.0):
    """Play it block by block; the device tells each block's moment."""
    for first in range(0, until or len(played), BLOCK):
        ears.played(first, BEGINS + first / RATE_HZ, played[first : first + BLOCK])
        if first == BEFORE_S * RATE_HZ:
            ears.begin(BEGINS + BEFORE_S, offset_s)


def experience(tmp_path):
    return Experience(tmp_path / "hearing.json", "usb")


def test_a_cue_that_came_back_is_heard(tmp_path):
    """And one that did not is not, with a score each."""
    for gain_db, heard in ((-20, True), (-200, False)):
        played, captured = played_and(6, gain_db=gain_db)
        ears = Listening(Tape(captured, BEGINS), experience(tmp_path))
        listen(ears, played)
        verdict = ears.verdict()
        assert verdict.heard is heard
        assert (verdict.score > 8) is heard


def test_the_output_offset_is_counted_in(tmp_path):
    """A card that says nothing of its own second of delay is heard where the village's setting tells of it."""
    played, captured = played_and(6, delay_s=1.0)
    for offset_s, heard in ((0.0, False), (1.0, True)):
        ears = Listening(Tape(captured, BEGINS), experience(tmp_path))
        listen(ears, played, offset_s=offset_s)
        assert ears.verdict().heard is heard


def test_without_a_microphone_nobody_can_say(tmp_path):
    """One that is gone, or gave too little, makes no verdict; the next cue is judged by itself."""
    played, captured = played_and(6)
    ears = Listening(Tape(captured[: 2 * RATE_HZ], BEGINS), experience(tmp_path))
    listen(ears, played)
    assert ears.verdict().heard is None
    assert ears.verdict().heard is None


def test_an_amplifier_that_dies_early_in_a_long_programme_is_found_out(tmp_path, monkeypatch):
    """Most of the programme was not heard, whatever its first minutes were."""
    monkeypatch.setattr("broadcaster.player.hearing.listening.STRETCH", 4)
    played, captured = played_and(12)
    captured[6 * RATE_HZ :] = returned(played, gain_db=-200, noise_db=-50)[6 * RATE_HZ :]
    ears = Listening(Tape(captured, BEGINS), experience(tmp_path))
    for first in range(0, len(played), BLOCK):
        ears.played(first, BEGINS + first / RATE_HZ, played[first : first + BLOCK])
        if first == BEFORE_S * RATE_HZ:
            ears.begin(BEGINS + BEFORE_S, 0.0)
    assert ears.verdict().heard is False


def test_the_microphone_is_open_only_while_the_device_is(tmp_path):
    """Between programmes nothing listens."""
    tape = Tape(np.zeros(0, np.int16))
    ears = Listening(tape, experience(tmp_path))
    states = []
    for wanted in (True, True, False, False):
        ears.keep_open(wanted=wanted)
        states.append(tape.is_open)
    assert states == [True, True, False, False]


def test_what_is_usual_is_remembered_over_restarts_and_for_one_microphone(tmp_path):
    """Three cues make an experience; a few faint ones do not change it; another microphone begins anew."""
    first = experience(tmp_path)
    for gain_db in (-20, -21):
        first.add(gain_db)
    assert first.usual_gain_db is None
    for gain_db in (-19, -55, -60):
        first.add(gain_db)
    assert experience(tmp_path).usual_gain_db in (-20, -19)
    assert Experience(tmp_path / "hearing.json", "another").usual_gain_db is None


def test_a_ring_gives_what_it_has_whole_and_nothing_else():
    """Frames by their numbers, over its end too; none that are too old, to come, or before a gap."""
    ring = Ring()
    samples = np.arange(KEEP + 3 * BLOCK).astype(np.int16)
    for first in range(0, len(samples), BLOCK):
        ring.put(first, samples[first : first + BLOCK])
    assert np.array_equal(ring.get(KEEP - 10, 2 * BLOCK), samples[KEEP - 10 : KEEP - 10 + 2 * BLOCK])
    assert ring.get(0, 10) is None
    assert ring.get(ring.end - 5, 10) is None
    ring.put(ring.end + 7, samples[:BLOCK])
    assert ring.get(ring.end - BLOCK - 8, 10) is None
