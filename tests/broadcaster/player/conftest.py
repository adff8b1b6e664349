import io
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from broadcaster.player.agent import Agent
from broadcaster.player.keeping.identity import Identity
from broadcaster.player.output.paced import PacedOutput
from tests.broadcaster.player.fake_server import FakeServer


@pytest.fixture
def server():
    fake = FakeServer()
    yield fake
    fake.close()


@pytest.fixture
def data(server, tmp_path):
    """The folder of a paired player."""
    folder = tmp_path / "player"
    folder.mkdir()
    Identity(server=server.url, **server.pair_answer().model_dump()).save(folder)
    return folder


@pytest.fixture
def make_agent(data):
    """Makes agents over the folder whose steps the test takes itself; nothing sounds."""
    agents = []

    def make(sources=None):
        agents.append(Agent(data, PacedOutput, sources))
        return agents[-1]

    yield make
    for agent in agents:
        agent.close()


@pytest.fixture
def player(data):
    """Starts players over the folder and sees to it that none outlives the test."""
    started = []

    def start(*more):
        command = [
            sys.executable,
            "-m",
            "broadcaster.player",
            "run",
            "--data",
            str(data),
            *(more or ("--output", "wav")),
        ]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdin.close()


def noise(seconds, seed=1):
    """White noise: a correlation finds its place to the sample."""
    return np.random.default_rng(seed).uniform(-0.3, 0.3, int(48_000 * seconds)).astype(np.float32)


def encoded(samples, container="FLAC", subtype="PCM_16", rate_hz=48_000):
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=container, subtype=subtype)
    return file.getvalue()
