"""The sound card: its clock and its losses with made-up times, and real PortAudio on a virtual card (`-m sound`)."""

import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from importlib import import_module
from uuid import UUID

import numpy as np
import pytest

from broadcaster.player.agent import Agent
from broadcaster.player.airings import Airing, was_torn
from broadcaster.player.output import paced
from broadcaster.player.output.fitted import FittedClock, Moment, Puller
from broadcaster.player.sound.feed import Ended
from broadcaster.player.sound.pcm import RATE_HZ
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import cue
from tests.broadcaster.player.sound.test_feed import Samples, a_feed, a_sound
from tests.broadcaster.player.test_conductor import FragileOutput
from tests.broadcaster.player.test_process import place_of, wait_until

BLOCK = 4800
BLOCK_S = 0.1
DELAY = 0.4
SINK = "module-null-sink sink_name=village rate=48000 channels=1"


class Hands:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


class FakeStream:
    """A card that calls back as PortAudio does: its buffer filled at once, then a block for each that has sounded."""

    def __init__(self, feed):
        self.clock = Hands()
        self.puller = Puller(feed, self.clock)
        self.heard = []
        self.served = []
        self.open()

    def open(self, stall=0.0):
        self.puller.begin(DELAY)
        self.sounds = self.clock.now
        self.fill()
        self.stand_still(stall)

    def fill(self, *, ran_dry=False):
        while self.sounds - self.clock.now < DELAY:
            self.call(ran_dry=ran_dry)
            ran_dry = False

    def call(self, *, late=0.0, ran_dry=False, told=None):
        card = 1_700_000_000.0
        told = told or Moment(card, card + self.sounds - self.clock.now)
        self.clock.now += late
        block = self.puller.pull(BLOCK, told, ran_dry=ran_dry)
        self.clock.now -= late
        if block is not None:
            self.served.append(self.sounds)
            self.heard += [(self.sounds + int(frame) / RATE_HZ, int(block[frame])) for frame in np.flatnonzero(block)]
        self.sounds += BLOCK_S

    def stand_still(self, seconds):
        """The promised moments come later by so much; nothing says so."""
        self.clock.now += seconds
        self.sounds += seconds

    def run_dry(self, hang, stall):
        self.clock.now = self.sounds + hang
        self.sounds = self.clock.now
        self.fill(ran_dry=True)
        self.stand_still(stall)

    def play(self, seconds, **more):
        for _ in range(round(seconds / BLOCK_S)):
            self.clock.now += BLOCK_S
            self.call(**more)


def test_a_clock_is_not_known_before_time_has_passed():
    """Blocks taken in one go at the opening tell nothing yet."""
    fitted = FittedClock()
    for _ in range(10):
        fitted.see(5.0, 5.0)
    assert fitted.origin is None
    fitted.see(5.36, 5.0)
    fitted.see(5.37, 5.0)
    fitted.see(5.38, 5.0)
    assert fitted.origin == 5.0


def test_estimates_of_a_busy_machine_move_no_start():
    """A callback that looks at the clock too late does not make the fitted clock late."""
    feed, told = a_feed()
    stream = FakeStream(feed)
    for late in (0.0, 0.17, 0.05, 0.0) * 3:
        stream.play(BLOCK_S, late=late)
    starts = stream.clock.now + 1.5
    feed.place(a_sound(1, Samples(7), starts))
    for late in (0.17, 0.0, 0.09, 0.06) * 6:
        stream.play(BLOCK_S, late=late)
    assert stream.heard == [(pytest.approx(starts, abs=0.001), 7)]
    assert told[0].at == pytest.approx(starts, abs=0.001)


def test_a_stream_that_begins_by_standing_still_is_not_believed():
    """What a card promises for the blocks it took before it ran is off by its stall: nothing begins on it."""
    feed, told = a_feed()
    feed.place(a_sound(1, Samples(7), 100.3))
    stream = FakeStream(feed)
    stream.open(stall=1.8)
    stream.play(1)
    ((heard_at, _),) = stream.heard
    assert heard_at == pytest.approx(told[0].at, abs=0.001)
    assert heard_at > 101.8


def test_times_that_are_nonsense_are_replaced_by_the_latency():
    """A driver that tells no times gets starts by the stream's latency."""
    feed, _ = a_feed()
    stream = FakeStream(feed)
    stream.play(2, told=Moment(0.0, 0.0))
    starts = stream.clock.now + 1
    feed.place(a_sound(1, Samples(7), starts))
    stream.play(3, told=Moment(0.0, 0.0))
    assert stream.heard[0][0] == pytest.approx(starts, abs=BLOCK_S)


def test_a_cue_that_ran_dry_goes_on_and_tells_what_it_lost():
    """After an underrun the rest of the sound follows, not a sample missing, and its end is told as late as it is."""
    feed, told = a_feed()
    stream = FakeStream(feed)
    stream.play(1)
    starts = stream.clock.now + 1
    feed.place(a_sound(1, Samples(*[5] * 2 * RATE_HZ), starts))
    stream.play(1.5)
    stream.run_dry(hang=0.2, stall=1.9)
    stream.play(4)
    began, ended = told
    assert stream.puller.underruns == 1
    assert len(stream.heard) == ended.frames == 2 * RATE_HZ
    assert ended.at == pytest.approx(stream.heard[-1][0], abs=0.001)
    assert ended.at - began.at > 2 + 2.1


def test_the_cue_after_an_underrun_begins_as_soon_as_it_may():
    """A start that was fixed and then fell into an underrun comes with the next block that can be trusted."""
    feed, told = a_feed()
    stream = FakeStream(feed)
    stream.play(1)
    feed.place(a_sound(1, Samples(7), stream.sounds + 1.12))
    stream.play(1)
    served = len(stream.served)
    stream.run_dry(hang=0.0, stall=0.0)
    stream.play(2)
    assert stream.heard == [(pytest.approx(stream.served[served], abs=0.001), 7)]
    assert told[0].at == pytest.approx(stream.heard[0][0], abs=0.001)


def test_an_underrun_between_cues_delays_nothing():
    """The next cue, if its time has not come, begins at its moment."""
    feed, _ = a_feed()
    stream = FakeStream(feed)
    stream.play(1)
    stream.run_dry(hang=0.3, stall=1.9)
    starts = stream.clock.now + 1.5
    feed.place(a_sound(1, Samples(7), starts))
    stream.play(3)
    assert stream.heard == [(pytest.approx(starts, abs=0.001), 7)]


def test_a_card_that_stood_still_without_a_word_is_found_out():
    """Time lost that no flag tells is counted as an underrun, and later starts are right again."""
    feed, _ = a_feed()
    stream = FakeStream(feed)
    stream.play(1)
    stream.stand_still(1.5)
    stream.play(2)
    assert stream.puller.underruns == 1
    starts = stream.clock.now + 1
    feed.place(a_sound(1, Samples(7), starts))
    stream.play(2)
    assert stream.heard == [(pytest.approx(starts, abs=0.001), 7)]


def test_a_slow_crystal_is_followed():
    """A card that runs 100 ppm slow still starts a sound at its moment an hour later."""
    feed, _ = a_feed()
    stream = FakeStream(feed)
    for _ in range(36_000):
        stream.clock.now += BLOCK_S * 100e-6
        stream.sounds += BLOCK_S * 100e-6
        stream.play(BLOCK_S)
    assert stream.puller.underruns == 0
    starts = stream.clock.now + 1
    feed.place(a_sound(1, Samples(7), starts))
    stream.play(2)
    assert stream.heard == [(pytest.approx(starts, abs=0.001), 7)]


@pytest.fixture
def pulse(tmp_path, monkeypatch):
    """A PulseAudio of the test's own, with one card that is none."""
    for name in ("XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    server = Pulse(tmp_path)
    server.start()
    yield server
    server.end()


class Pulse:
    def __init__(self, folder):
        self.folder = folder
        self.recorder = None

    def start(self):
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "-L", "module-native-protocol-unix"]
        self.process = subprocess.Popen([*command, "-L", SINK], stderr=subprocess.DEVNULL)
        wait_until(lambda: not subprocess.run(["pactl", "info"], capture_output=True, check=False).returncode)

    def record(self):
        self.file = (self.folder / "heard.raw").open("wb+")
        command = ["parec", "-d", "village.monitor", "--rate=48000", "--channels=1", "--format=s16le", "--raw"]
        self.recorder = subprocess.Popen(command, stdout=self.file)

    def recording(self):
        """Return what was heard so far, as samples from -1 to 1."""
        self.recorder.terminate()
        self.recorder.wait()
        self.recorder = None
        heard = np.fromfile(self.file.name, np.int16).astype(np.float32) / 32768
        self.file.close()
        return heard

    def take_away(self, how):
        match how:
            case "killed":
                self.process.kill()
                self.process.wait()
            case "unplugged":
                self.tell("unload-module", "module-null-sink")
            case "hung":
                self.process.send_signal(signal.SIGSTOP)
            case "suspended":
                self.tell("suspend-sink", "village", "1")

    def bring_back(self, how):
        match how:
            case "killed":
                self.start()
            case "unplugged":
                self.tell("load-module", *SINK.split())
            case "hung":
                self.process.send_signal(signal.SIGCONT)
            case "suspended":
                self.tell("suspend-sink", "village", "0")

    def tell(self, *words):
        subprocess.run(["pactl", *words], check=True, capture_output=True)

    def end(self):
        for process in filter(None, (self.recorder, self.process)):
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


@pytest.fixture
def playing(server, data, pulse):
    """Starts an agent on the virtual card."""
    agents = []

    def start(device=None):
        sound = rescanned()
        agent = Agent(data, lambda feed, clock: sound.SoundOutput(feed, clock, device))
        thread = threading.Thread(target=agent.run)
        thread.start()
        agents.append((agent, thread))
        return agent

    yield start
    pulse.process.send_signal(signal.SIGCONT)
    for agent, thread in agents:
        agent.stop()
        thread.join()


def rescanned():
    """Import the output and let PortAudio look for devices again: it did so for an earlier test."""
    sound = import_module("broadcaster.player.output.sound")
    sound.sounddevice._terminate()
    sound.sounddevice._initialize()
    return sound


def publish(server, *seconds, gap=1.0, starts_in=6.0):
    clips = [noise(length, seed=number) for number, length in enumerate(seconds)]
    offsets = np.cumsum([0.0, *(length + gap for length in seconds[:-1])])
    cues = [
        cue(str(number), server.add(encoded(clip)), offset_ms=int(offset * 1000), duration_ms=len(clip) // 48)
        for number, (clip, offset) in enumerate(zip(clips, offsets, strict=True))
    ]
    server.publish([server.occurrence(server.now() + timedelta(seconds=starts_in), cues)])
    return clips, offsets


def sounding(server):
    server.wait_for(lambda: server.heartbeats and server.heartbeats[-1].get("playing"))


@pytest.mark.sound
def test_a_card_plays_cues_where_they_belong(server, playing, pulse):
    """Cues lie in what the card sounded as far apart as planned, whole, and are journalled in time."""
    pulse.record()
    clips, offsets = publish(server, 1, 0.5, 2, 1)
    playing()
    server.wait_for(lambda: len(server.rows) == 4, 60)
    heard = pulse.recording()
    places = [place_of(clip, heard) for clip in clips]
    apart = [(frame - places[0][0]) / RATE_HZ for frame, _ in places]
    assert min(likeness for _, likeness in places) > 0.99
    assert apart == pytest.approx(list(offsets), abs=0.02)
    assert {row["outcome"] for row in server.rows.values()} == {"aired"}


@pytest.mark.sound
@pytest.mark.parametrize("how", ["killed", "unplugged", "hung", "suspended"])
def test_a_card_that_vanishes_leaves_a_partial_cue_and_comes_back(server, playing, pulse, how):
    """In mid-cue the sound system dies, or only stops: that cue is partial/output_failed, the next one airs."""
    publish(server, 15, 1, gap=10)
    playing()
    sounding(server)
    pulse.take_away(how)
    server.wait_for(lambda: server.outcomes() == {"0": ("partial", "output_failed")})
    (row,) = server.rows.values()
    assert 0 < row["position_ms"] < 15_000
    pulse.bring_back(how)
    server.wait_for(lambda: server.outcomes().get("1") == ("aired", None), 60)


@pytest.mark.sound
def test_a_process_that_was_held_up_tells_of_a_torn_cue(server, data, pulse):
    """A player that had no time for its card for a second has a torn cue: partial, ending as late as it did."""
    publish(server, 4, 1, gap=8)
    command = [sys.executable, "-m", "broadcaster.player", "run", "--data", str(data), "--output", "sound"]
    player = subprocess.Popen(command)
    try:
        sounding(server)
        player.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        player.send_signal(signal.SIGCONT)
        server.wait_for(lambda: len(server.rows) == 2, 60)
    finally:
        player.terminate()
        player.wait()
    assert server.outcomes() == {"0": ("partial", "output_failed"), "1": ("aired", None)}


@pytest.mark.sound
def test_a_card_that_is_not_there_is_named_beside_those_that_are(server, player, data, pulse):
    """With a wrong --device the player lives, tells the commune, and lists those there are to choose from."""
    server.publish()
    process = player("--output", "sound", "--device", "no-such-card")
    server.wait_for(lambda: server.heartbeats)
    assert any(said.startswith("output: Cannot play on no-such-card") for said in server.heartbeats[-1]["problems"])
    log = (data / "player.log").read_text()
    assert "no-such-card" in log
    assert "pulse, ALSA" in log
    assert process.poll() is None


@pytest.mark.sound
def test_a_card_that_comes_after_the_player_is_played_on(server, playing, pulse):
    """The power came back, the card a few seconds later: the first cue airs."""
    pulse.take_away("killed")
    publish(server, 1, starts_in=20.0)
    playing()
    server.wait_for(lambda: server.heartbeats)
    assert any(said.startswith("output: ") for said in server.heartbeats[-1]["problems"])
    pulse.bring_back("killed")
    server.wait_for(lambda: server.outcomes() == {"0": ("aired", None)}, 60)


@pytest.mark.parametrize(
    ("length", "took", "torn"),
    [(2.0, 2.24, False), (2.0, 2.26, True), (60.0, 62.9, False), (60.0, 63.1, True)],
)
def test_a_cue_with_too_much_silence_in_it_is_torn(length, took, torn):
    """Up to 250 ms, or a twentieth of its length, a cue counts as aired whole."""
    airing = Airing(None, None, None, 10.0, None, began=10.0)
    assert was_torn(airing, Ended(UUID(int=1), 10.0 + took, int(length * RATE_HZ), whole=True)) is torn


def test_a_cue_that_a_lost_device_had_not_sounded_yet_may_still_air(server, data, monkeypatch):
    """What lay in the buffer of a device that went away was not heard: no row says so, and it airs when it is back."""
    monkeypatch.setattr(paced, "BUFFER_BLOCKS", 300)
    audio = server.add(encoded(noise(1)))
    server.publish([server.occurrence(server.now() + timedelta(seconds=2), [cue("one", audio, duration_ms=1000)])])
    agent = Agent(data, FragileOutput)
    thread = threading.Thread(target=agent.run)
    thread.start()
    try:
        wait_until(lambda: any(sound.begun for sound in agent.conductor.feed._sounds))
        gone_at = server.now()
        agent.conductor.output.pull_out()
        agent.conductor.output.gone = False
        server.wait_for(lambda: server.outcomes() == {"one": ("aired", None)})
    finally:
        agent.stop()
        thread.join()
    (row,) = server.rows.values()
    assert datetime.fromisoformat(row["started_at"]) > gone_at + timedelta(seconds=3)
