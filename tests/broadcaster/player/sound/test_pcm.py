import threading
import time

import numpy as np
import pytest

from broadcaster.player.sound.pcm import AHEAD_BLOCKS, RATE_HZ, Pcm
from tests.broadcaster.player.conftest import encoded, noise


@pytest.fixture
def opened(tmp_path):
    """Opens audio files in a row and waits until the first samples are there."""

    def open_files(*files):
        paths = [tmp_path / str(number) for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        ready = threading.Event()
        pcm = Pcm(paths, ready.set)
        assert ready.wait(30)
        return pcm

    return open_files


def everything(pcm):
    taken = []
    while not pcm.finished:
        taken.append(pcm.read(1000))
    return np.concatenate(taken)


def test_files_in_a_row_are_one_sound(opened):
    """The samples of all media follow each other without a gap."""
    first, second = noise(0.7, 1), noise(0.4, 2)
    heard = everything(opened(encoded(first), encoded(second)))
    assert len(heard) == len(first) + len(second)
    assert np.abs(heard / 32767 - np.concatenate([first, second])).max() < 1e-4


def test_stereo_is_mixed(opened):
    """Two channels become their mean."""
    left = noise(0.1)
    heard = everything(opened(encoded(np.stack([left, -left], axis=1))))
    assert np.abs(heard).max() <= 1


@pytest.mark.parametrize("rate_hz", [8000, 22_050, 44_100, 96_000])
def test_other_rates_keep_their_pitch(opened, rate_hz):
    """A tone of another rate is as long and as high at 48 kHz, over all the blocks of the decoder."""
    tone = np.sin(2 * np.pi * 440 * np.arange(int(1.3 * rate_hz)) / rate_hz) * 0.5
    heard = everything(opened(encoded(tone, "WAV", rate_hz=rate_hz)))
    assert abs(len(heard) - 1.3 * RATE_HZ) < 16
    spectrum = np.abs(np.fft.rfft(heard))
    assert abs(np.argmax(spectrum) * RATE_HZ / len(heard) - 440) < 1
    expected = np.sin(2 * np.pi * 440 * np.arange(len(heard)) / RATE_HZ) * 0.5 * 32767
    assert np.corrcoef(heard, expected)[0, 1] > 0.99


def test_what_overshoots_is_clipped(opened):
    """A lossy file that goes over full scale is loud, not a crackle of wrapped samples."""
    heard = everything(opened(encoded(np.full(4800, 1.5, np.float32), "WAV", "FLOAT")))
    assert (heard == 32767).all()


def test_a_long_file_is_not_held_in_memory(opened):
    """The decoder stops ahead of the reader and goes on as it reads."""
    pcm = opened(encoded(noise(20)))
    end = time.monotonic() + 30
    while len(pcm._blocks) < AHEAD_BLOCKS and time.monotonic() < end:
        time.sleep(0.01)
    assert len(pcm._blocks) == AHEAD_BLOCKS
    assert not pcm.finished
    assert len(everything(pcm)) == 20 * RATE_HZ


def test_a_closed_sound_ends_its_thread(opened):
    """Closing lets the decoder go, also when it waits for room."""
    pcm = opened(encoded(noise(20)))
    pcm.close()
    for thread in threading.enumerate():
        if thread.name == "decode":
            thread.join(30)
            assert not thread.is_alive()


def test_what_is_no_audio_fails(opened):
    """A file that cannot be decoded is told as failed and gives no samples."""
    pcm = opened(b"no audio")
    assert (pcm.failed, len(pcm.read(10)), pcm.finished) == (True, 0, True)
