from uuid import UUID

import numpy as np

from broadcaster.player.sound.feed import Began, Ended, Feed, Sound
from broadcaster.player.sound.pcm import RATE_HZ

BLOCK = 480


class Samples:
    """A decoder that has everything at once, or `held` until it is released."""

    def __init__(self, *values, held=False, failed=False):
        self.left = np.array(values, np.int16)
        self.held = held
        self.failed = failed
        self.closed = False

    @property
    def finished(self):
        return not len(self.left) and not self.held

    def read(self, frames):
        if self.held:
            return np.zeros(0, np.int16)
        taken, self.left = self.left[:frames], self.left[frames:]
        return taken

    def close(self):
        self.closed = True


def a_feed():
    told = []
    return Feed(told.append), told


def a_sound(number, samples, starts, **more):
    return Sound(UUID(int=number), samples, starts, **more)


def pull(feed, blocks, first=0, origin=0.0):
    frames = range(first, first + blocks * BLOCK, BLOCK)
    return np.concatenate([feed.pull(frame, origin + frame / RATE_HZ, BLOCK) for frame in frames])


def test_a_sound_begins_at_its_frame():
    """The first sample lies at the frame of its moment, in the middle of a block."""
    feed, told = a_feed()
    feed.place(a_sound(1, Samples(7, 8, 9), 700 / RATE_HZ))
    heard = pull(feed, 3)
    assert list(np.flatnonzero(heard)) == [700, 701, 702]
    assert told[0] == Began(UUID(int=1), 700 / RATE_HZ)
    assert told[1] == Ended(UUID(int=1), 703 / RATE_HZ, 3, whole=True)


def test_a_sound_placed_late_begins_at_once():
    """What should have begun already begins with the next block, whole."""
    feed, told = a_feed()
    feed.place(a_sound(1, Samples(7, 8, 9), 0.0))
    heard = pull(feed, 1, first=4800)
    assert list(heard[:3]) == [7, 8, 9]
    assert told[0].at == 0.1


def test_two_sounds_in_a_row_have_no_gap_and_never_overlap():
    """The next sound begins with the frame after the last one's end, though its moment had come before."""
    feed, _ = a_feed()
    feed.place(a_sound(1, Samples(*[1] * 1000), 0.0))
    feed.place(a_sound(2, Samples(*[2] * 1000), 990 / RATE_HZ))
    assert list(pull(feed, 5)[:2001]) == [1] * 1000 + [2] * 1000 + [0]


def test_a_start_is_fixed_once():
    """A device's clock that wavers after the start is fixed moves nothing: frames are counted."""
    feed, _ = a_feed()
    feed.place(a_sound(1, Samples(7), 0.2))
    feed.pull(0, 0.0, BLOCK)
    heard = pull(feed, 30, first=BLOCK, origin=0.003)
    assert list(np.flatnonzero(heard) + BLOCK) == [9600]


def test_an_emergency_cuts_at_its_first_frame():
    """The lower sound ends where the emergency begins, and tells how much of it was heard."""
    feed, told = a_feed()
    feed.place(a_sound(1, Samples(*[1] * 5000), 0.0))
    feed.place(a_sound(2, Samples(2, 2), 700 / RATE_HZ, rank=2, cuts=True))
    assert list(pull(feed, 3)[698:703]) == [1, 1, 2, 2, 0]
    assert told[1] == Ended(UUID(int=1), 700 / RATE_HZ, 700, whole=False, cut_by=UUID(int=2))


def test_an_emergency_does_not_cut_an_emergency():
    """Equals wait for each other."""
    feed, _ = a_feed()
    feed.place(a_sound(1, Samples(*[1] * 900), 0.0, rank=2, cuts=True))
    feed.place(a_sound(2, Samples(2), 700 / RATE_HZ, rank=2, cuts=True))
    assert list(pull(feed, 3)[898:902]) == [1, 1, 2, 0]


def test_a_slow_decoder_is_silence_and_is_counted():
    """Where samples are missing there is silence; the sound goes on after it, nothing is dropped."""
    feed, told = a_feed()
    samples = Samples(5, 6, held=True)
    feed.place(a_sound(1, samples, 0.0))
    pull(feed, 2)
    assert feed.starved == 2
    samples.held = False
    assert list(pull(feed, 1, first=960)[:3]) == [5, 6, 0]
    assert told[-1].whole


def test_a_file_that_breaks_off_is_told():
    """A sound whose decoder failed is over, and not whole."""
    feed, told = a_feed()
    feed.place(a_sound(1, Samples(5, failed=True), 0.0))
    pull(feed, 1)
    assert told[-1] == Ended(UUID(int=1), 1 / RATE_HZ, 1, whole=False, failed=True)


def test_volume_is_a_factor():
    """Half the volume is half the amplitude."""
    feed, _ = a_feed()
    feed.place(a_sound(1, Samples(100, -100), 0.0, gain=0.5))
    assert list(pull(feed, 1)[:2]) == [50, -50]


def test_withdrawing_tells_how_much_the_device_has():
    """A sound taken out before its start was not heard at all; one in the middle was, up to there."""
    feed, _ = a_feed()
    early, running = Samples(1), Samples(*[1] * 5000)
    feed.place(a_sound(1, early, 1.0))
    feed.place(a_sound(2, running, 0.0))
    pull(feed, 2)
    assert feed.withdraw(UUID(int=1)) == 0
    assert feed.withdraw(UUID(int=2)) == 960
    assert early.closed
    assert running.closed
    assert not pull(feed, 2, first=960).any()


def test_the_level_is_that_since_the_last_question():
    """The highest level is told once; silence has none."""
    feed, _ = a_feed()
    feed.place(a_sound(1, Samples(16384), 0.0))
    pull(feed, 1)
    assert feed.take_peak_dbfs() == -6.0
    assert feed.take_peak_dbfs() is None


def test_what_a_device_gives_back_was_not_heard_of_the_sound_that_is_cut():
    """The cutter begins at the first frame given back, and the cut sound tells only what was really heard."""
    feed, told = a_feed()
    feed.place(a_sound(1, Samples(*[1] * 5000), 0.0))
    pull(feed, 3)
    feed.place(a_sound(2, Samples(2, 2), 0.005, rank=2, cuts=True))
    assert feed.take_back(BLOCK / RATE_HZ, 2 * BLOCK)
    assert list(pull(feed, 1, first=BLOCK)[:3]) == [2, 2, 0]
    assert told[1] == Ended(UUID(int=1), BLOCK / RATE_HZ, BLOCK, whole=False, cut_by=UUID(int=2))


def test_nothing_is_taken_back_of_a_sound_that_goes_on():
    """A decoder cannot go back: without a cutter, or with one of no higher rank, the buffer stays the device's."""
    feed, _ = a_feed()
    feed.place(a_sound(1, Samples(*[1] * 5000), 0.0, rank=2))
    pull(feed, 3)
    assert not feed.take_back(BLOCK / RATE_HZ, 2 * BLOCK)
    feed.place(a_sound(2, Samples(2), 0.005, rank=2, cuts=True))
    assert not feed.take_back(BLOCK / RATE_HZ, 2 * BLOCK)


def test_frames_of_which_something_was_told_are_not_taken_back():
    """What began in the device's buffer is in the journal's hands already."""
    feed, _ = a_feed()
    feed.place(a_sound(1, Samples(*[1] * 5000), 700 / RATE_HZ))
    pull(feed, 3)
    feed.place(a_sound(2, Samples(2), 0.005, rank=2, cuts=True))
    assert not feed.take_back(BLOCK / RATE_HZ, 2 * BLOCK)
