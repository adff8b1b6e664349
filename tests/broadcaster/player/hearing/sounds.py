"""Sounds for the tests of hearing: something like speech, and a microphone on a tape."""

import numpy as np

from broadcaster.player.hearing.matching import SPAN
from broadcaster.player.sound.pcm import RATE_HZ


def babble(seconds, seed):
    """Noise in syllables: bursts of four a second, as loud as announcements are."""
    chance = np.random.default_rng(seed)
    samples = int(seconds * RATE_HZ)
    loud = np.interp(np.arange(samples), 6000 * np.arange(samples // 6000 + 2), chance.random(samples // 6000 + 2) ** 2)
    return (chance.normal(size=samples) * loud * 6000).clip(-32768, 32767).astype(np.int16)


def tone(seconds, hz=1000):
    return (np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ) * 8000).astype(np.int16)


def returned(played, *, delay_s=0.03, gain_db=-20.0, noise_db=-60.0, seed=9, also=None):
    """What a microphone makes of it: late, fainter, in noise (dB against full scale), with other sounds besides."""
    late = round(delay_s * RATE_HZ)
    came = np.concatenate([np.zeros(max(0, late)), played[max(0, -late) :], np.zeros(RATE_HZ)])[: len(played)]
    came = came * 10 ** (gain_db / 20)
    came += np.random.default_rng(seed).normal(size=len(played)) * 32768 * 10 ** (noise_db / 20)
    if also is not None:
        came += also[: len(played)]
    return came.clip(-32768, 32767).astype(np.int16)


def a_span(seed=1):
    """A span of something like speech."""
    return babble(SPAN / RATE_HZ, seed)


class Tape:
    """A microphone that plays back samples; the first is of the monotonic moment `begins`."""

    def __init__(self, samples, begins=0.0):
        self.samples = samples
        self.begins = begins
        self.is_open = False

    def open(self):
        self.is_open = True

    def close(self):
        self.is_open = False

    def captured(self, at, frames):
        first = round((at - self.begins) * RATE_HZ)
        return self.samples[first : first + frames] if 0 <= first <= len(self.samples) - frames else None
