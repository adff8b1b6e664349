"""Real streams over the loopback: what is fetched and what is not, each format decoded in a real child."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from broadcaster.player.relay import fetching
from broadcaster.player.relay import stream as streams
from broadcaster.player.relay.fetching import Allowance, Fetcher, Unreachable
from broadcaster.player.relay.stream import Stream
from broadcaster.player.sound.pcm import RATE_HZ
from tests.broadcaster.player.stations import Station, pitch_hz
from tests.broadcaster.player.test_process import wait_until


@pytest.fixture
def station():
    on_air = Station()
    yield on_air
    on_air.close()


@pytest.fixture
def tune_in():
    """Opens streams and hangs up after the test."""
    opened = []

    def open_stream(url):
        opened.append(Stream(url, 60, time.monotonic))
        return opened[-1]

    yield open_stream
    for stream in opened:
        stream.close()
    for thread in threading.enumerate():
        if thread.name == "relay":
            thread.join(30)
            assert not thread.is_alive()


def heard(stream, frames=RATE_HZ):
    """Wait for samples and take them."""
    taken = [np.zeros(0, np.int16)]

    def enough():
        taken.append(stream.take(frames - sum(map(len, taken))))
        return sum(map(len, taken)) == frames

    wait_until(enough)
    return np.concatenate(taken)


@pytest.mark.parametrize(("kind", "path"), [("mp3", ""), ("ogg", ""), ("aac", ""), ("ts", ""), ("mp3", ".m3u8")])
def test_each_format_becomes_samples(station, tune_in, kind, path):
    """MP3, Ogg Opus, AAC, MPEG-TS and HLS come out as the tone that went in."""
    station.kind = kind
    stream = tune_in(station.url + path)
    assert pitch_hz(heard(stream)) == pytest.approx(440, abs=3)


def test_lists_and_redirects_are_followed(station, tune_in):
    """A PLS that points to a redirect that points to a stream is relayed."""
    station.lists["/radio.pls"] = (200, "audio/x-scpls", b"[playlist]\nFile1=/moved\n")
    station.lists["/moved"] = (302, "/live", b"")
    stream = tune_in(station.url.replace("/live", "/radio.pls"))
    assert pitch_hz(heard(stream)) == pytest.approx(440, abs=3)
    assert station.asked[:3] == ["/radio.pls", "/moved", "/live"]


def test_a_stream_that_dies_is_asked_for_again(station, tune_in):
    """When the station is back, so is the stream."""
    stream = tune_in(station.url)
    heard(stream)
    station.away = True
    wait_until(lambda: stream._child is None)
    station.away, station.hz = False, 600
    wait_until(lambda: pitch_hz(heard(stream)) == pytest.approx(600, abs=3), 60)


def test_garbage_gives_no_samples_and_no_end(station, tune_in):
    """A stream of zeros decodes to nothing; the child is ended when it gives nothing for too long, and begun again."""
    station.garbage = True
    stream = tune_in(station.url)
    wait_until(lambda: len(station.asked) == 1)

    def asked_again():
        assert not len(stream.take(RATE_HZ))
        return len(station.asked) >= 2

    wait_until(asked_again, 60)


def test_a_child_is_told_nothing_but_its_address(station, tune_in, monkeypatch):
    """The child's environment and command line hold neither secrets nor the address; it cannot write files."""
    monkeypatch.setenv("BROADCASTER_SECRET", "hush")
    stream = tune_in(station.url + "?token=hush")
    heard(stream)
    child = f"/proc/{stream._child.pid}"
    for name in ("environ", "cmdline"):
        with open(f"{child}/{name}", "rb") as file:  # noqa: PTH123
            assert b"hush" not in file.read()
    with open(f"{child}/limits") as file:  # noqa: PTH123
        limits = {line[:26].strip(): line[26:].split()[0] for line in file}
    assert limits["Max file size"] == "0"
    assert limits["Max cpu time"] == "75"
    assert int(limits["Max address space"]) == 1 << 30


def test_the_buffer_is_bounded(station, tune_in, monkeypatch):
    """A child that has more than is taken waits."""
    monkeypatch.setattr(streams, "MOST", RATE_HZ)
    stream = tune_in(station.url)
    wait_until(lambda: stream._fill >= RATE_HZ)
    for _ in range(5):
        stream.take(4800)
        wait_until(lambda: stream._fill >= RATE_HZ)
        assert stream._fill < 1.2 * RATE_HZ


def test_what_was_not_taken_before_the_second_of_the_cue_is_let_go(station):
    """A stream is as live at its cue as if it had been playing since it was tuned in."""
    now = 100.0
    stream = Stream(station.url, 60, lambda: now)
    try:
        wait_until(lambda: stream._fill >= 3.5 * RATE_HZ)
        now = 101.0
        assert len(stream.catch_up()) == RATE_HZ
        assert len(stream.catch_up()) == 0
    finally:
        stream.close()


def test_a_buffer_that_runs_low_repeats_what_is_quiet(station):
    """A sender whose clock is slow gets its missing tenths of a second in its pauses."""
    station.away = True
    stream = Stream(station.url, 60, time.monotonic)
    quiet, loud = np.zeros(4800, np.int16), np.full(4800, 5000, np.int16)
    for _ in range(20):
        stream._offer(loud)
    stream.take(19 * 4800)
    stream._offer(quiet)
    stream._offer(loud)
    assert [int(stream.take(4800)[0]) for _ in range(4)] == [5000, 0, 0, 5000]
    stream.close()


def test_a_stream_that_ran_dry_waits_until_there_is_enough(station):
    """After a gap it goes on with two seconds in hand, not with each piece that drips in."""
    station.away = True
    stream = Stream(station.url, 60, time.monotonic)
    block = np.full(4800, 5000, np.int16)
    for _ in range(19):
        stream._offer(block)
    assert len(stream.take(480)) == 0
    stream._offer(block)
    assert len(stream.take(480)) == 480
    stream.close()


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/x", "live", "http://", "tcp://127.0.0.1:1", "http://[", "http://a:x/", ""],
)
def test_only_http_is_fetched(url):
    """No other scheme is opened, wherever the address comes from."""
    with pytest.raises(Unreachable):
        Fetcher().open(url)


def test_redirects_are_bounded(station):
    """A circle of redirects ends, and so does one to a file."""
    station.lists["/live"] = (302, "/live", b"")
    with pytest.raises(Unreachable, match="again and again"):
        Fetcher().open(station.url)
    assert len(station.asked) == 6
    station.lists["/live"] = (302, "file:///etc/passwd", b"")
    with pytest.raises(Unreachable, match="http"):
        Fetcher().open(station.url)


class PublicFirst(Fetcher):
    """As if the typed address had led into the internet."""

    _typed = None

    def __init__(self):
        super().__init__()
        self._typed = ("radio.example", False)


def test_a_stream_of_the_internet_leads_into_no_local_network(station):
    """What a public address points to may not be local: nothing is asked there."""
    with pytest.raises(Unreachable, match="local network"):
        PublicFirst().open(station.url)
    assert not station.asked


def test_a_local_station_may_be_relayed_but_not_lead_to_its_neighbours(station):
    """The host that was typed is allowed with its local address, another local one is not."""
    fetcher = Fetcher()
    fetcher.open(station.url).close()
    with pytest.raises(Unreachable, match="local network"):
        fetcher.open(station.url.replace("127.0.0.1", "localhost"))


def test_an_old_shoutcast_server_is_understood():
    """`ICY 200 OK` is an answer."""
    with subprocess.Popen(
        [sys.executable, "-c", SHOUTCAST],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        body = Fetcher().open(f"http://127.0.0.1:{int(server.stdout.readline())}/")
        assert (body.mime, body.read()) == ("audio/mpeg", b"sound")
        body.close()


SHOUTCAST = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    line, _ = server.accept()
    with line:
        line.recv(4096)
        line.sendall(b"ICY 200 OK\\r\\nicy-name: x\\r\\nContent-Type: audio/mpeg\\r\\n\\r\\nsound")
"""


def test_an_address_may_hold_letters_of_any_language(station):
    """Vietnamese in a path is sent as servers expect it."""
    station.lists["/%C4%91%C3%A0i"] = (200, "audio/mpeg", b"sound")
    body = Fetcher().open(station.url.replace("/live", "/đài"))
    assert body.read() == b"sound"
    body.close()


def test_more_bytes_than_a_station_sends_have_to_wait(monkeypatch):
    """After a burst of 2 MiB only 128 KiB a second pass."""
    slept = []
    monkeypatch.setattr(fetching.time, "monotonic", lambda: 7.0)
    monkeypatch.setattr(fetching.time, "sleep", slept.append)
    allowance = Allowance()
    allowance.spend(2 * 1024 * 1024)
    assert not slept
    allowance.spend(64 * 1024)
    assert slept == [0.5]
