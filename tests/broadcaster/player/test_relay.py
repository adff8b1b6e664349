"""A relay from the station's encoder to the loudspeaker: a real player process, real streams, what the WAV holds."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile

from broadcaster.protocol import Cue, CueKind, Priority, Relay
from tests.broadcaster.player.conftest import encoded
from tests.broadcaster.player.fake_server import cue
from tests.broadcaster.player.stations import Station, pitch_hz
from tests.broadcaster.player.test_process import RATE_HZ, journal, only_recording, recorded, wait_until

STATION_HZ = 440
FALLBACK_HZ = 1000
SOON = timedelta(seconds=5)


@pytest.fixture
def station():
    on_air = Station("mp3", STATION_HZ)
    yield on_air
    on_air.close()


def tone(hz, seconds):
    return (np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ) * 0.3).astype(np.float32)


def a_relay(url, *media, lasts_s, key="vov", offset_ms=0, silent_after_ms=2000):
    return Cue(
        key=key,
        title="VOV1",
        kind=CueKind.RELAY,
        offset_ms=offset_ms,
        duration_ms=lasts_s * 1000,
        latest_start_ms=offset_ms + lasts_s * 1000,
        media=media,
        relay=Relay(url=url, silent_after_ms=silent_after_ms),
    )


def pitch_at(recording, second):
    return pitch_hz(recording[int(second * RATE_HZ) : int((second + 0.5) * RATE_HZ)])


def only_row(server):
    (row,) = server.rows.values()
    return row


def test_a_relay_sounds_from_its_second_to_its_end(server, data, player, station):
    """The stream is heard between the cues before and after it, live, and the row says how long."""
    before, after = (server.add(encoded(tone(hz, 1))) for hz in (700, 1500))
    cues = [
        cue("before", before, duration_ms=1000),
        a_relay(station.url, offset_ms=1000, lasts_s=6),
        cue("after", after, offset_ms=7000, duration_ms=1000),
    ]
    player()
    server.wait_for(lambda: server.heartbeats)  # a busy machine takes longer than SOON to start a process
    server.publish([server.occurrence(server.now() + SOON, cues)])
    server.wait_for(lambda: len(server.rows) == 3, 60)
    assert server.outcomes() == dict.fromkeys(("before", "vov", "after"), ("aired", None))
    wait_until(lambda: recorded(data) >= 7.8 * RATE_HZ)
    recording, _ = only_recording(data)
    rows = {row["cue_key"]: row for row in server.rows.values()}
    late = rows["vov"]["late_ms"] / 1000
    for second, hz in ((0.3, 700), (1.1 + late, STATION_HZ), (4, STATION_HZ), (6.3, STATION_HZ), (7.3 + late, 1500)):
        assert pitch_at(recording, second) == pytest.approx(hz, abs=3)
    assert rows["vov"]["position_ms"] >= 5700
    assert not any("Icy-MetaData" in headers for headers in station.headers)
    assert server.heartbeats[-1]["can_relay"] is True


@pytest.mark.slow
def test_a_silent_stream_is_replaced_until_it_is_back(server, data, player, station):
    """After the silence the fallback is heard, after five good seconds the stream again; the row says why."""
    fallback = server.add(encoded(tone(FALLBACK_HZ, 30)))
    starts_at = server.now() + SOON
    server.publish([server.occurrence(starts_at, [a_relay(station.url, fallback, lasts_s=40)])])
    player()
    wait_until(lambda: recorded(data) >= 2 * RATE_HZ)
    station.hz = 0
    wait_until(lambda: pitch_at(only_recording(data)[0], recorded(data) / RATE_HZ - 0.7) == pytest.approx(1000, abs=3))
    station.hz = 600
    wait_until(lambda: pitch_at(only_recording(data)[0], recorded(data) / RATE_HZ - 0.7) == pytest.approx(600, abs=3))
    server.wait_for(lambda: server.rows, 60)
    row = only_row(server)
    assert (row["outcome"], row["reason"]) == ("partial", "stream_silent")
    assert 2000 < row["position_ms"] < 36_000
    recording, _ = only_recording(data)
    heard = [round(pitch_at(recording, second / 2), -1) for second in range(4, 78)]
    changes = [hz for hz, before in zip(heard, [None, *heard], strict=False) if hz != before]
    # Where a piece lies over a change it has either pitch or one between.
    assert [hz for hz in changes if hz in (0, 440, 600, 1000)][:1] == [440]
    assert changes.index(440) < changes.index(0) < changes.index(1000) < changes.index(600)


def test_without_the_extra_the_fallback_sounds_and_the_row_says_why(server, data, station, tmp_path):
    """A player without PyAV plays the fallback, fails the row with relay_unsupported, and its heartbeat says so."""
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked" / "sitecustomize.py").write_text("import sys\nsys.modules['av'] = None\n")
    fallback = server.add(encoded(tone(FALLBACK_HZ, 3)))
    server.publish([server.occurrence(server.now() + SOON, [a_relay(station.url, fallback, lasts_s=2)])])
    command = [sys.executable, "-m", "broadcaster.player", "run", "--data", str(data), "--output", "wav"]
    path = os.pathsep.join([str(tmp_path / "blocked"), str(Path.cwd())])
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}) as process:
        try:
            server.wait_for(lambda: server.rows)
        finally:
            process.kill()
    row = only_row(server)
    assert (row["outcome"], row["reason"], row["position_ms"]) == ("failed", "relay_unsupported", 0)
    assert pitch_at(only_recording(data)[0], 0.5 + row["late_ms"] / 1000) == pytest.approx(FALLBACK_HZ, abs=3)
    assert server.heartbeats[-1]["can_relay"] is False
    assert not station.asked


@pytest.mark.slow
def test_a_station_that_is_gone_is_asked_again_and_again(server, data, player, station):
    """A dead station's time is the fallback's; what came of the stream before it died is in the row."""
    fallback = server.add(encoded(tone(FALLBACK_HZ, 30)))
    server.publish([server.occurrence(server.now() + SOON, [a_relay(station.url, fallback, lasts_s=22)])])
    player()
    wait_until(lambda: recorded(data) >= 2 * RATE_HZ)
    station.away = True
    server.wait_for(lambda: server.rows, 60)
    row = only_row(server)
    assert (row["outcome"], row["reason"]) == ("partial", "stream_gone")
    assert row["position_ms"] >= 2000
    assert pitch_at(only_recording(data)[0], 21) == pytest.approx(FALLBACK_HZ, abs=3)
    assert len(station.asked) >= 3


@pytest.mark.slow
def test_an_emergency_interrupts_a_relay_which_is_joined_again(server, data, player, station):
    """An emergency cuts a relay like any cue; after it the live stream goes on, in a second row, to the planned end."""
    player()
    server.wait_for(lambda: server.heartbeats)
    starts_at = server.now() + SOON
    news = server.occurrence(starts_at, [a_relay(station.url, lasts_s=14)])
    flood = server.occurrence(
        starts_at + timedelta(seconds=4),
        [cue("flood", server.add(encoded(tone(2000, 2))), duration_ms=2000)],
        priority=Priority.EMERGENCY,
    )
    server.publish([news, flood])
    server.wait_for(lambda: len(server.rows) == 3, 60)
    first, second = sorted(
        (row for row in server.rows.values() if row["cue_key"] == "vov"), key=lambda row: row["attempt"]
    )
    assert (first["outcome"], first["reason"]) == ("partial", "interrupted")
    assert 0 < first["position_ms"] <= 4500
    assert (second["attempt"], second["late_ms"] > 4000) == (2, True)
    recordings = [soundfile.read(path, dtype="float32")[0] for path in sorted((data / "wav").glob("*.wav"))]
    heard = max(recordings, key=len)
    assert pitch_at(heard, 2) == pytest.approx(STATION_HZ, abs=3)
    assert pitch_at(heard, 12.5) == pytest.approx(STATION_HZ, abs=3)
    assert len(heard) < 16.5 * RATE_HZ


@pytest.mark.slow
def test_a_relay_is_joined_again_after_a_power_cut(server, data, player, station):
    """A player that was killed in a relay joins it again: live sound repeats nothing."""
    server.publish([server.occurrence(server.now() + SOON, [a_relay(station.url, lasts_s=25)])])
    process = player("--output", "null")
    wait_until(lambda: (data / "journal.db").exists() and any(row["started_at"] for row in journal(data)))
    process.kill()
    process.wait(20)
    player("--output", "null")
    server.wait_for(lambda: len(server.rows) == 2, 60)
    rows = sorted(server.rows.values(), key=lambda row: row["attempt"])
    assert (rows[0]["attempt"], rows[0]["outcome"]) == (1, "partial")
    assert rows[0]["reason"] == "power_cut"
    assert rows[1]["position_ms"] > 0
