"""The conductor with real audio, in real time, over devices that fail on demand."""

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from broadcaster.player.agent import Agent
from broadcaster.player.errors import OutputFailed
from broadcaster.player.hearing.judging import Verdict
from broadcaster.player.hearing.listening import Deaf
from broadcaster.player.output.paced import PacedOutput
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import cue


class FragileOutput(PacedOutput):
    """A device that is pulled out and put back by hand."""

    def __init__(self, feed, clock):
        super().__init__(feed, clock)
        self.gone = False
        self.opened = threading.Event()

    def keep_open(self, sessions):
        if self.gone and sessions:
            raise OutputFailed("gone")
        super().keep_open(sessions)
        if sessions:
            self.opened.set()

    def pull_out(self):
        self.gone = True
        self._stop.set()
        self._died = True


@pytest.fixture
def playing(server, data):
    """A running agent whose device the test has in its hands, and its `stop`."""
    agent = Agent(data, FragileOutput)
    thread = threading.Thread(target=agent.run)

    def start():
        thread.start()
        return agent

    yield start
    agent.stop()
    thread.join()


def publish(server, seconds, *, starts_in=2.0, latest_start_ms=None, **more):
    audio = server.add(encoded(noise(seconds)))
    planned = cue("one", audio, duration_ms=int(seconds * 1000), latest_start_ms=latest_start_ms)
    server.publish([server.occurrence(server.now() + timedelta(seconds=starts_in), [planned])], **more)


def test_a_device_that_goes_away_leaves_the_cue_partial(server, playing):
    """When the device vanishes in mid-cue the row says how far it came, and the cue is not begun again."""
    publish(server, 20)
    agent = playing()
    server.wait_for(lambda: server.heartbeats and server.heartbeats[-1].get("playing"))
    agent.conductor.output.pull_out()
    agent.conductor.output.gone = False
    server.wait_for(lambda: server.outcomes() == {"one": ("partial", "output_failed")})


def test_a_device_that_stays_away_fails_the_cue(server, playing):
    """A cue that finds no device until its latest start is failed/output_failed."""
    publish(server, 1, latest_start_ms=1500)
    agent = playing()
    agent.conductor.output.gone = True
    server.wait_for(lambda: server.outcomes() == {"one": ("failed", "output_failed")})


def test_a_device_that_comes_back_is_used(server, playing):
    """A cue waits for its device as long as it may."""
    publish(server, 1)
    agent = playing()
    agent.conductor.output.gone = True
    server.wait_for(lambda: server.asked["heartbeat"] >= 5)
    agent.conductor.output.gone = False
    server.wait_for(lambda: server.outcomes() == {"one": ("aired", None)}, 60)


def test_audio_that_cannot_be_decoded_fails_its_cue_and_no_other(server, playing):
    """A file that is what it was promised to be, but no audio, is failed; the next cue airs."""
    noise_ = server.add(encoded(noise(0.5)))
    cues = [cue("bad", server.add(b"no audio" * 100), duration_ms=500), cue("good", noise_, offset_ms=800)]
    server.publish([server.occurrence(server.now() + timedelta(seconds=2), cues)])
    playing()
    server.wait_for(lambda: len(server.rows) == 2)
    assert server.outcomes() == {"bad": ("failed", "media_incomplete"), "good": ("aired", None)}


def test_audio_that_arrives_late_is_aired_late(server, playing, monkeypatch):
    """A cue whose audio comes after its time, but before its latest start, airs and says how late."""
    monkeypatch.setattr("broadcaster.player.sync.OBJECT_PAUSES_S", (0.5, 0.5))
    audio = encoded(noise(0.5))
    sha256 = server.add(audio)
    occurrence = server.occurrence(server.now() + timedelta(seconds=1), [cue("one", sha256, duration_ms=500)])
    server.publish([occurrence])
    del server.objects[sha256]
    playing()
    server.wait_for(lambda: server.heartbeats and server.heartbeats[-1]["objects_missing"] == 1)
    server.wait_for(lambda: server.now() > occurrence.starts_at + timedelta(seconds=1))
    server.objects[sha256] = audio
    server.wait_for(lambda: server.outcomes() == {"one": ("aired", None)}, 60)
    (row,) = server.rows.values()
    assert row["late_ms"] >= 1000


def test_the_volume_of_the_village_is_journalled(server, playing):
    """The row says at which volume a cue was heard."""
    publish(server, 0.5, settings={"poll_seconds": 1, "volume_percent": 40})
    playing()
    server.wait_for(lambda: server.rows)
    (row,) = server.rows.values()
    assert row["volume_percent"] == 40


def test_the_volume_of_the_time_of_day_is_the_one_that_counts(server, playing):
    """A span of the whole day but a minute far away rules over the usual volume."""
    hour = server.now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).hour
    span = {"from_local": f"{(hour + 2) % 24:02}:00", "until_local": f"{(hour + 2) % 24:02}:00:01", "percent": 10}
    rest = {"from_local": span["until_local"], "until_local": span["from_local"], "percent": 30}
    publish(server, 0.5, settings={"poll_seconds": 1, "volume_percent": 90, "volumes": [span, rest]})
    playing()
    server.wait_for(lambda: server.rows)
    (row,) = server.rows.values()
    assert row["volume_percent"] == 30


def test_a_cue_that_sounded_silently_is_no_success(server, playing):
    """At volume zero nothing is heard: failed/output_silent, though it took its time."""
    publish(server, 1, settings={"poll_seconds": 1, "volume_percent": 0})
    playing()
    server.wait_for(lambda: server.outcomes() == {"one": ("failed", "output_silent")})
    (row,) = server.rows.values()
    assert row["position_ms"] == 1000


class Ears(Deaf):
    """Ears that note what they are asked."""

    def __init__(self):
        self.asked = []
        self.closed = threading.Event()

    def keep_open(self, *, wanted):
        if not wanted and self.asked:
            self.closed.set()

    def begin(self, at, offset_s):
        assert at > 0
        self.asked.append(offset_s)

    def verdict(self):
        return Verdict(heard=True, score=21.5)


def test_what_the_ears_say_is_journalled(server, data):
    """With its score; they are told of the output offset, and let go when the device is."""
    publish(server, 0.5, settings={"poll_seconds": 1, "output_offset_ms": 40})
    ears = Ears()
    agent = Agent(data, FragileOutput, ears=ears)
    thread = threading.Thread(target=agent.run)
    thread.start()
    try:
        server.wait_for(lambda: server.rows)
        assert ears.closed.wait(30)
    finally:
        agent.stop()
        thread.join()
    (row,) = server.rows.values()
    assert (row["heard"], row["heard_score"], ears.asked) == (True, 21.5, [0.04])
