"""The web player on a sound card (PulseAudio's null sink): what leaves it is recorded and held against the plan."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from broadcaster.player.conformance.bench import Bench, cue
from broadcaster.player.conformance.hands import Commands, Processes
from broadcaster.player.conformance.village import RATE_HZ, Village
from tests.e2e import web_player_command

pytestmark = pytest.mark.sound

SINK = f"module-null-sink sink_name=village rate={RATE_HZ} channels=1"
COMMAND = f"{{python}} -m {web_player_command.__name__} --server {{server}} --code {{code}} --data {{data}}"
CUES = 10
EACH_S = 3.4
LOUD = 0.002
TOLERANCE_S = 0.25
"""What counts as in time (docs/player.md)."""


class Heard(NamedTuple):
    """A piece of the recording: when its last sample came, by the operating system's clock, and its samples."""

    at: float
    samples: "np.ndarray[tuple[int], np.dtype[np.int16]]"


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Heard]]:
    """A sound card that is none; the list grows by what leaves it."""
    for name in ("XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    server = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "-L", "module-native-protocol-unix"]
    card = subprocess.Popen([*server, "-L", SINK], stderr=subprocess.DEVNULL)
    while subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode:
        assert card.poll() is None
    command = ["parec", "-d", "village.monitor", f"--rate={RATE_HZ}", "--channels=1", "--format=s16le", "--raw"]
    recorder = subprocess.Popen([*command, "--latency-msec=5"], stdout=subprocess.PIPE)
    assert recorder.stdout is not None
    wire = recorder.stdout.fileno()
    heard: list[Heard] = []

    def listen() -> None:
        while piece := os.read(wire, 65_536):
            heard.append(Heard(time.time(), np.frombuffer(piece, np.int16)))

    listening = threading.Thread(target=listen)
    listening.start()
    yield heard
    for process in (recorder, card):
        process.kill()
        process.wait()
    listening.join()
    recorder.stdout.close()


def test_each_cue_leaves_the_card_in_time(recording: list[Heard], tmp_path: Path) -> None:
    """What Chromium gives to the sound card begins at the planned second, and the rows say the same."""
    folder = tmp_path / "player"
    folder.mkdir()
    village = Village()
    player = Processes(Commands(run=COMMAND, pair=None), folder, 60)
    bench = Bench(village, player, 90)
    try:
        bench.begin()
        first = bench.soon() + timedelta(seconds=4)
        starts = [first + timedelta(seconds=EACH_S * number) for number in range(CUES)]
        village.publish(*(village.occurrence(at, cue(str(n), village.tone(1))) for n, at in enumerate(starts)))
        late_ms = [bench.aired(str(number), EACH_S * CUES + 60).late_ms for number in range(CUES)]
    finally:
        player.close()
        village.close()
    begun = onsets(recording)
    assert len(begun) == CUES
    late_s = [at - planned.timestamp() for at, planned in zip(begun, starts, strict=True)]
    assert max(abs(each) for each in late_s) < TOLERANCE_S, late_s
    assert all(each is not None and abs(each) < 1000 * TOLERANCE_S for each in late_ms), late_ms


def onsets(recording: list[Heard]) -> list[float]:
    """When silence of half a second and more ended, by the operating system's clock."""
    counts = np.cumsum([len(piece.samples) for piece in recording])
    # A piece cannot come before its last sample has sounded: the least delayed ones tell when the recording began.
    began = min(piece.at - count / RATE_HZ for piece, count in zip(recording, counts, strict=True))
    loud = np.flatnonzero(np.abs(np.concatenate([piece.samples for piece in recording])) > LOUD * 32768)
    first = loud[np.insert(np.diff(loud) > RATE_HZ / 2, 0, True)]
    return [float(began + frame / RATE_HZ) for frame in first]
