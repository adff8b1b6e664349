"""A real player process over a real HTTP server, a real folder and real audio."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta

import numpy as np
import pytest
import soundfile

from broadcaster.player.keeping.identity import load_identity
from broadcaster.protocol import Priority
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import CODE, cue

RATE_HZ = 48_000
SOON = timedelta(seconds=4)


def run_command(*arguments, stdin=""):
    command = [sys.executable, "-m", "broadcaster.player", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)


def pair_command(server, folder, code=CODE):
    return run_command("pair", "--server", server.url, "--code", code, "--name", "Loa 1", "--data", str(folder))


def journal(data):
    """What is in the journal so far: none while it is being made."""
    with closing(sqlite3.connect(f"file:{data / 'journal.db'}?mode=ro", uri=True)) as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'as_run'").fetchone():
            return []
        return [json.loads(body) for (body,) in db.execute("SELECT body FROM as_run ORDER BY seq")]


def wait_until(condition, seconds=30.0):
    """For what another process writes: there is no event to wait for but the file."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def place_of(samples, recording):
    """The frame at which the samples lie in the recording, and how alike they are there (1 = the same)."""
    size = 1 << (len(recording) + len(samples)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(recording, size) * np.conj(np.fft.rfft(samples, size)), size)
    frame = int(np.argmax(likeness))
    frame -= size if frame > len(recording) else 0
    found = recording[max(0, frame) : frame + len(samples)]
    return frame, float(np.corrcoef(found, samples[-len(found) :] if frame < 0 else samples[: len(found)])[0, 1])


def recorded(data):
    """How many frames the header of the only recording tells, 0 before there is one."""
    return sum(soundfile.info(path).frames for path in (data / "wav").glob("*.wav") if path.stat().st_size > 44)


def only_recording(data):
    (path,) = (data / "wav").glob("*.wav")
    return soundfile.read(path, dtype="float32")[0], json.loads(path.with_suffix(".json").read_text())


def test_pairing_keeps_an_identity_that_others_cannot_read(server, tmp_path):
    """Pairing with a code of any spelling leaves an identity that is the owner's alone."""
    done = pair_command(server, tmp_path / "new", code="abcd-2345")
    assert (done.returncode, done.stdout) == (0, "Paired: this machine plays for Ún Tà\n")
    assert load_identity(tmp_path / "new").player == server.player
    if os.name == "posix":
        assert (tmp_path / "new" / "identity.json").stat().st_mode & 0o077 == 0


def test_a_lost_answer_does_not_burn_the_code(server, tmp_path):
    """The same machine asks again under the same nonce and gets the same answer; another machine does not."""
    server.faults.lose_pair_answers = 1
    lost = pair_command(server, tmp_path / "new")
    assert lost.returncode == 1
    assert "try again" in lost.stderr
    assert pair_command(server, tmp_path / "new").returncode == 0
    other = pair_command(server, tmp_path / "other")
    assert (other.returncode, "used" in other.stderr, "new code" in other.stderr) == (1, True, True)


@pytest.mark.parametrize(("code", "hint"), [("ZZZZ9999", "Ask an admin for a new code"), ("0O1I", "look again")])
def test_a_wrong_code_is_explained(server, tmp_path, code, hint):
    """A code that is not known or cannot be one is told with what to do."""
    wrong = pair_command(server, tmp_path / "new", code=code)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert hint in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_server_that_is_away_is_explained(tmp_path):
    """Without a server pairing says what to check."""
    away = run_command(
        "pair", "--server", "http://127.0.0.1:9", "--code", CODE, "--name", "Loa 1", "--data", str(tmp_path / "new")
    )
    assert away.returncode == 1
    assert "check the address" in away.stderr


def test_an_unpaired_player_says_so(tmp_path):
    """Without an identity there is a sentence, not a trace."""
    done = run_command("run", "--data", str(tmp_path), "--output", "null", "--page", "off")
    assert done.returncode == 1
    assert "Not paired yet" in done.stderr


def test_two_players_do_not_share_a_folder(server, data, player):
    """A second process over the same folder leaves at once."""
    server.publish()
    player("--output", "null")
    server.wait_for(lambda: server.heartbeats)
    second = run_command("run", "--data", str(data), "--output", "null")
    assert second.returncode == 1
    assert "Another player" in second.stderr


ENCODINGS = [
    ("FLAC", "PCM_16", 48_000),
    ("OGG", "OPUS", 48_000),
    ("MP3", "MPEG_LAYER_III", 48_000),
    ("WAV", "PCM_16", 24_000),
]
APART_MS = 700


def test_the_recording_holds_each_cue_at_its_frame(server, data, player):
    """The WAV begins with the occurrence; each cue lies where it was planned, whatever it was encoded as."""
    # Without treble, which codecs leave out.
    sounds = [np.convolve(noise(0.5, seed), np.ones(8) / 4, "same") for seed in range(len(ENCODINGS))]
    cues = [
        cue(
            container,
            server.add(encoded(sound[:: RATE_HZ // rate_hz], container, subtype, rate_hz)),
            offset_ms=at,
            duration_ms=500,
        )
        for at, sound, (container, subtype, rate_hz) in zip(range(0, 9999, APART_MS), sounds, ENCODINGS, strict=False)
    ]
    player()
    # A busy machine takes seconds to start a process: what it was too late for would begin in the midst of the file.
    server.wait_for(lambda: server.heartbeats)
    starts_at = server.now() + 2 * SOON
    server.publish([server.occurrence(starts_at, cues)])
    server.wait_for(lambda: len(server.rows) == len(ENCODINGS))
    assert set(server.outcomes().values()) == {("aired", None)}
    wait_until(lambda: recorded(data) >= (APART_MS * len(ENCODINGS) - 100) * RATE_HZ / 1000)
    recording, facts = only_recording(data)
    assert datetime.fromisoformat(facts["starts_at"]) == starts_at
    assert facts["openings"][0]["frame"] == 0
    rows = {row["cue_key"]: row for row in server.rows.values()}
    for number, (container, *_) in enumerate(ENCODINGS):
        frame, alike = place_of(sounds[number], recording)
        assert alike > 0.9
        # What the row says and what the file holds are the same, however late this machine was.
        late_ms = rows[container]["late_ms"]
        assert abs(frame - RATE_HZ * (APART_MS * number + late_ms) / 1000) < RATE_HZ * 0.030
        assert late_ms >= -1


def test_the_recording_can_be_read_while_it_grows(server, data, player):
    """The header of the file tells its length while the occurrence is still on air."""
    audio = server.add(encoded(noise(20)))
    server.publish([server.occurrence(server.now() + SOON, [cue("one", audio, duration_ms=20_000)])])
    player()
    wait_until(lambda: recorded(data) > RATE_HZ)
    earlier = recorded(data)
    wait_until(lambda: recorded(data) > earlier)


def test_a_village_without_its_server_plays_from_its_cache(server, data, player):
    """What was fetched is played although the server is away; the rows arrive when it is back."""
    audio = server.add(encoded(noise(0.5)))
    server.publish([server.occurrence(server.now() + 3 * SOON, [cue("one", audio, duration_ms=500)])])
    first = player("--output", "null")
    server.wait_for(lambda: server.heartbeats and server.heartbeats[-1]["objects_missing"] == 0 and server.fetched)
    server.faults.away = True
    first.terminate()
    assert first.wait(20) == 0
    player("--output", "null")
    wait_until(lambda: [row["outcome"] for row in journal(data)] == ["aired"])
    server.faults.away = False
    server.wait_for(lambda: server.outcomes() == {"one": ("aired", None)}, 60)


def test_a_cue_cut_by_a_power_cut_is_partial_and_never_aired_again(server, data, player):
    """After kill -9 in mid-cue its row is partial/power_cut, and it is not started again."""
    audio = server.add(encoded(noise(30)))
    then = server.add(encoded(noise(0.5, seed=2)))
    starts_at = server.now() + SOON
    cues = [cue("cut", audio, duration_ms=2000), cue("then", then, offset_ms=9000, duration_ms=500)]
    server.publish([server.occurrence(starts_at, cues)])
    process = player()
    wait_until(lambda: recorded(data) > RATE_HZ // 2)
    process.send_signal(signal.SIGKILL)
    process.wait(20)
    player()
    server.wait_for(lambda: len(server.rows) == 2)
    assert server.outcomes() == {"cut": ("partial", "power_cut"), "then": ("aired", None)}
    wait_until(lambda: recorded(data) >= 9.5 * RATE_HZ)
    recording, facts = only_recording(data)
    assert place_of(noise(0.5, seed=2), recording)[1] > 0.9
    assert len(facts["openings"]) == 2
    assert facts["openings"][1]["frame"] > 0


def test_being_stopped_is_journalled(server, data, player):
    """SIGTERM in mid-cue leaves partial/shut_down with the position, a whole WAV file, and exit status 0."""
    audio = server.add(encoded(noise(30)))
    server.publish([server.occurrence(server.now() + SOON, [cue("one", audio, duration_ms=30_000)])])
    process = player()
    wait_until(lambda: (data / "journal.db").exists() and any(row["started_at"] for row in journal(data)))
    process.terminate()
    assert process.wait(20) == 0
    (row,) = journal(data)
    assert (row["outcome"], row["reason"]) == ("partial", "shut_down")
    assert row["position_ms"] >= 0
    (wav,) = (data / "wav").glob("*.wav")
    assert wav.stat().st_size == 44 + 2 * soundfile.info(wav).frames


def test_a_player_leaves_with_its_parent(server, player):
    """With --with-parent the player ends when whoever started it has gone."""
    server.publish()
    process = player("--output", "null", "--with-parent")
    server.wait_for(lambda: server.heartbeats)
    process.stdin.close()
    assert process.wait(20) == 0


def test_an_emergency_cuts_in_the_middle_of_a_cue(server, data, player):
    """An emergency begins at its time, cuts the routine cue, whose row says where, and is heard whole."""
    long, siren = noise(20), noise(0.5, seed=2)
    player("--output", "null")
    server.wait_for(lambda: server.heartbeats)
    starts_at = server.now() + SOON
    news = server.occurrence(starts_at, [cue("news", server.add(encoded(long)), duration_ms=20_000)])
    flood = server.occurrence(
        starts_at + timedelta(seconds=2),
        [cue("flood", server.add(encoded(siren)), duration_ms=500)],
        priority=Priority.EMERGENCY,
    )
    server.publish([news, flood])
    server.wait_for(lambda: len(server.rows) == 2)
    assert server.outcomes() == {"news": ("partial", "interrupted"), "flood": ("aired", None)}
    rows = {row["cue_key"]: row for row in server.rows.values()}
    assert rows["news"]["ended_at"] == rows["flood"]["started_at"]


def test_a_withdrawn_cue_stops(server, data, player):
    """A manifest without the sounding cue stops it; the row says withdrawn."""
    audio = server.add(encoded(noise(30)))
    occurrence = server.occurrence(server.now() + SOON, [cue("one", audio, duration_ms=30_000)])
    server.publish([occurrence])
    player("--output", "null")
    wait_until(lambda: (data / "journal.db").exists() and any(row["started_at"] for row in journal(data)))
    server.publish(number=2)
    server.wait_for(lambda: server.outcomes() == {"one": ("partial", "withdrawn")})


def test_status_tells_how_it_is(server, data, player):
    """`status` names the village and the manifest in force."""
    server.publish(number=12)
    player("--output", "null")
    wait_until(lambda: "[1, 12]" in run_command("status", "--data", str(data)).stdout)


def test_an_unwritable_folder_is_explained(server, tmp_path):
    """A folder that cannot be made is told with what to do."""
    (tmp_path / "file").write_text("")
    done = pair_command(server, tmp_path / "file" / "player")
    assert done.returncode == 1
    assert "choose another one" in done.stderr


def test_a_missing_sound_device_is_explained(data, tmp_path):
    """A card that does not exist is told with those there are, and waited for; a missing library ends the command."""
    said = tmp_path / "said"
    command = ["run", "--data", str(data), "--output", "sound", "--device", "no such card"]
    with said.open("wb") as errors:
        process = subprocess.Popen([sys.executable, "-m", "broadcaster.player", *command], stderr=errors)
    try:
        wait_until(lambda: "--device" in said.read_text() or "libportaudio2" in said.read_text(), 60)
        if "libportaudio2" in said.read_text():
            assert process.wait(60) == 1
        else:
            assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in said.read_text()
