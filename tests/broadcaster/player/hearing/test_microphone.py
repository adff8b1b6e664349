"""A real player over a virtual card whose sound comes back through virtual air, with noise in it (`-m sound`)."""

import subprocess
import sys
import threading

import pytest

from broadcaster.player.agent import Agent
from broadcaster.player.hearing.experience import Experience
from broadcaster.player.hearing.listening import Listening
from broadcaster.player.hearing.microphone import Microphone
from tests.broadcaster.player.test_process import wait_until
from tests.broadcaster.player.test_sound import Pulse, publish, rescanned, sounding

AIR = "module-null-sink sink_name=air rate=48000 channels=1"
LOUDSPEAKER = "module-loopback source=village.monitor sink=air latency_msec=60"
NOISE = """
import os
import numpy
while True:
    os.write(1, numpy.random.default_rng().normal(0, 150, 4800).astype("<i2").tobytes())
"""

pytestmark = pytest.mark.sound


class Village(Pulse):
    """The card `village`; what it sounds comes into the `air`, where there is noise; the microphone is there."""

    def start(self):
        super().start()
        self.tell("load-module", *AIR.split())
        self.tell("load-module", *LOUDSPEAKER.split())
        wind = subprocess.Popen([sys.executable, "-c", NOISE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        command = ["pacat", "-d", "air", "--rate=48000", "--channels=1", "--format=s16le", "--raw"]
        self.air = [subprocess.Popen(command, stdin=wind.stdout), wind]
        wind.stdout.close()

    def amplifier(self, *, works):
        self.tell("set-sink-mute", "village", "0" if works else "1")

    def end(self):
        for process in self.air:
            process.kill()
            process.wait()
        super().end()


@pytest.fixture
def village(tmp_path, monkeypatch):
    for name in ("XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    monkeypatch.setenv("PULSE_SINK", "village")
    monkeypatch.setenv("PULSE_SOURCE", "air.monitor")
    place = Village(tmp_path)
    place.start()
    yield place
    place.end()


@pytest.fixture
def playing(server, data, village):
    """Starts a player with a microphone."""
    running = []

    def start(microphone=None):
        sound = rescanned()
        ears = Listening(Microphone(microphone), Experience(data / "hearing.json", "any"))
        agent = Agent(data, lambda feed, clock: sound.SoundOutput(feed, clock, "pulse"), ears=ears)
        thread = threading.Thread(target=agent.run)
        thread.start()
        running.append((agent, thread))
        return agent

    yield start
    for agent, thread in running:
        agent.stop()
        thread.join()


def heard(server):
    return [row["heard"] for row in sorted(server.rows.values(), key=lambda row: row["planned_at"])]


def test_a_player_hears_itself_and_hears_when_it_does_not(server, playing, village):
    """The cue that the amplifier let out was heard, the next one, for which it was dead, was not; both were aired."""
    publish(server, 6, 6, gap=3, starts_in=8)
    playing()
    server.wait_for(lambda: len(server.rows) == 1, 60)
    village.amplifier(works=False)
    server.wait_for(lambda: len(server.rows) == 2, 60)
    assert heard(server) == [True, False]
    assert {row["outcome"] for row in server.rows.values()} == {"aired"}


def test_without_the_microphone_nothing_is_said_and_all_is_aired(server, playing, caplog):
    """One that is not there is told in the log, beside those that are."""
    publish(server, 4)
    playing("no-such-microphone")
    server.wait_for(lambda: len(server.rows) == 1, 60)
    assert heard(server) == [None]
    (lost,) = [record for record in caplog.records if record.message == "microphone_lost"][:1]
    assert "no-such-microphone" in lost.why
    assert "pulse" in lost.why


def test_a_microphone_that_dies_in_mid_cue_comes_back(server, playing):
    """Its process is killed: what was heard before is judged, and the next cue is heard again."""
    publish(server, 8, 8, gap=4, starts_in=8)
    agent = playing()
    sounding(server)
    microphone = agent.conductor._ears._microphone
    wait_until(lambda: microphone._child is not None)
    microphone._child.kill()
    server.wait_for(lambda: len(server.rows) == 2, 60)
    assert heard(server)[1] is True
