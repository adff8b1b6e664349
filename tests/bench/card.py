"""Starts on a sound card: cues played over PortAudio into a virtual one (PulseAudio's null sink), by what it sounded.

Beside each cue's place in what the sink sounded stands what the card reported, which is what the journal has. Nothing
is measured where PulseAudio or PortAudio is missing: `apt install libportaudio2 pulseaudio libasound2-plugins`.
"""

import os
import shutil
import tempfile
import threading
from ctypes.util import find_library
from pathlib import Path

import numpy as np

from broadcaster.player.agent import Agent
from broadcaster.player.keeping.identity import Identity
from broadcaster.player.sound.pcm import RATE_HZ
from tests.bench.result import Result
from tests.broadcaster.player.fake_server import FakeServer
from tests.broadcaster.player.test_process import place_of
from tests.broadcaster.player.test_sound import Pulse, publish, rescanned

CUES = 40
CUE_S, GAP_S = 0.4, 0.6
LONGEST_WAIT_S = 40.0
REACH_S = 0.5


def measure() -> list[Result]:
    """How far each start lies from its planned instant, in milliseconds, by the card's word and in its sound."""
    if not shutil.which("pulseaudio") or not find_library("portaudio"):
        return []
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"XDG_RUNTIME_DIR": folder, "HOME": folder}
        os.environ.pop("PULSE_SERVER", None)
        pulse = Pulse(Path(folder))
        pulse.start()
        try:
            reported, sounded = _played(Path(folder), pulse)
        finally:
            pulse.end()
    return [
        Result("sound card, start against plan as reported, p50", float(np.percentile(reported, 50)), "ms"),
        Result(
            "sound card, start against plan as reported, p99",
            float(np.percentile(reported, 99)),
            "ms",
            goal=20,
            goal_is_for_the="value",
        ),
        Result("sound card, starts apart from plan in its sound, p50", float(np.percentile(sounded, 50)), "ms"),
        Result("sound card, starts apart from plan in its sound, p99", float(np.percentile(sounded, 99)), "ms"),
    ]


def _played(folder: Path, pulse: Pulse) -> tuple[list[float], list[float]]:
    """Play the cues; return how late each was by its row, and by its distance from the others in the recording."""
    server = FakeServer()
    data = folder / "player"
    data.mkdir()
    Identity(server=server.url, **server.pair_answer().model_dump()).save(data)
    sound = rescanned()
    agent = Agent(data, lambda feed, clock: sound.SoundOutput(feed, clock, None))
    thread = threading.Thread(target=agent.run)
    pulse.record()
    clips, offsets = publish(server, *[CUE_S] * CUES, gap=GAP_S)
    thread.start()
    try:
        server.wait_for(lambda: len(server.rows) == CUES, CUES * (CUE_S + GAP_S) + LONGEST_WAIT_S)
    finally:
        agent.stop()
        thread.join()
        server.close()
    return [abs(row["late_ms"]) for row in server.rows.values()], _apart(clips, offsets, pulse.recording())


def _apart(clips: list[np.ndarray], offsets: np.ndarray, heard: np.ndarray) -> list[float]:
    """Find each cue; nobody knows when a recorder really began, so what all have in common is left out."""
    first, _ = place_of(clips[0], heard)
    late = []
    for clip, offset in zip(clips, offsets, strict=True):
        begins = max(0, first + round((offset - REACH_S) * RATE_HZ))
        frame, _ = place_of(clip, heard[begins : begins + round(2 * REACH_S * RATE_HZ) + len(clip)])
        late.append((begins + frame - first) / RATE_HZ - offset)
    return [abs(each) * 1000 for each in np.array(late) - np.median(late)]
