"""Alerts in a real player process, which is killed in the middle."""

import json
import signal
from datetime import timedelta

from broadcaster.protocol import Phrase
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import cue
from tests.broadcaster.player.test_process import journal, run_command, wait_until


def repeats(data):
    return [row for row in journal(data) if row["alert_version"] is not None]


def begun(data):
    return [row for row in repeats(data) if row["started_at"]]


def test_an_alert_goes_on_after_a_power_cut_and_what_sounded_counts(server, data, player):
    """Kill -9 in the middle of a repeat: the next start goes on without a server, and what was heard counts."""
    server.publish()
    first = player("--output", "null")
    server.wait_for(lambda: server.streams)
    sha256 = server.add(encoded(noise(30)))
    alert = server.raise_alert([sha256], max_sounding_ms=5000, pause_ms=0)
    wait_until(lambda: any(row["position_ms"] >= 1500 for row in repeats(data)))
    server.faults.away = True
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    before = repeats(data)[0]["position_ms"]
    player("--output", "null")
    wait_until(lambda: len(repeats(data)) == 2 and repeats(data)[1]["reason"] == "expired")
    cut, last = repeats(data)
    assert (cut["outcome"], cut["reason"], cut["cue_key"]) == ("partial", "power_cut", "alert/1/1")
    assert (last["cue_key"], last["position_ms"]) == ("alert/1/2", 5000 - before)
    server.faults.away = False
    server.wait_for(lambda: server.stages(alert) == ["received", "sounding", "finished"], 60)
    server.wait_for(lambda: len(server.repeats_of(alert)) == 2, 60)


def test_what_an_alert_cut_is_begun_again_although_the_power_failed_meanwhile(server, data, player):
    """Killed while an alert sounds, the player still owes the cue that it cut its second attempt, and no third."""
    news = cue("news", server.add(encoded(noise(10))), duration_ms=10_000, latest_start_ms=120_000)
    server.publish([server.occurrence(server.now() + timedelta(seconds=4), [news])])
    first = player("--output", "null")
    server.wait_for(lambda: server.heartbeats and server.heartbeats[-1].get("playing"))
    alert = server.raise_alert([server.add(encoded(noise(30, 2)))])
    wait_until(lambda: begun(data))
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    server.cancel(alert)
    player("--output", "null")
    server.wait_for(lambda: server.outcomes().get("news") == ("aired", None), 60)
    of_news = [row for row in journal(data) if row["cue_key"] == "news"]
    assert [(row["attempt"], row["reason"]) for row in of_news] == [(1, "interrupted"), (2, None)]


def test_an_alert_that_is_over_stays_over(server, data, player):
    """After a cancel no restart brings it back."""
    server.publish()
    first = player("--output", "null")
    server.wait_for(lambda: server.streams)
    alert = server.raise_alert([server.add(encoded(noise(30)))])
    wait_until(lambda: begun(data))
    cancelled = server.cancel(alert)
    server.wait_for(lambda: "finished" in server.stages(cancelled))
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    player("--output", "null")
    server.wait_for(lambda: len(server.last_event_ids) == 2)
    later = server.raise_alert([server.add(encoded(noise(0.3, 2)))], repeats=1)
    server.wait_for(lambda: "finished" in server.stages(later), 60)
    assert len([row for row in repeats(data) if row["occurrence_uuid"] == str(alert.alert_uuid)]) == 1


def test_a_cue_that_an_alert_cut_is_begun_once_more(server, data, player):
    """The cut cue is partial/interrupted where the alert began; after the alert it is aired from its beginning."""
    whole = cue("news", server.add(encoded(noise(8))), duration_ms=8000)
    server.publish([server.occurrence(server.now() + timedelta(seconds=5), [whole])])
    player("--output", "null")
    wait_until(lambda: (data / "journal.db").exists() and any(row["started_at"] for row in journal(data)))
    alert = server.raise_alert([server.add(encoded(noise(0.5, 2)))], repeats=1)
    server.wait_for(lambda: any(row["attempt"] == 2 for row in server.rows.values()), 60)
    news = sorted((row for row in server.rows.values() if row["cue_key"] == "news"), key=lambda row: row["attempt"])
    assert [(row["outcome"], row["reason"]) for row in news] == [("partial", "interrupted"), ("aired", None)]
    (warning,) = server.repeats_of(alert)
    assert news[0]["ended_at"] == warning["started_at"]
    assert news[1]["started_at"] > warning["ended_at"]


def test_a_phrase_is_started_by_a_command_without_a_server(server, data, player):
    """`sound-phrase` speaks to the running player; `stop-phrase` ends it; both tell what was done."""
    phrase = Phrase(key="flood", title="Sơ tán", media=(server.add(encoded(noise(0.5))),))
    server.publish(phrases=(phrase,))
    player("--output", "null")
    server.wait_for(lambda: server.fetched and server.heartbeats and not server.heartbeats[-1]["objects_missing"])
    server.faults.away = True
    unknown = run_command("sound-phrase", "fire", "--data", str(data))
    assert (unknown.returncode, "there are: flood" in unknown.stderr) == (1, True)
    done = run_command("sound-phrase", "flood", "--exercise", "--data", str(data))
    assert (done.returncode, "It sounds" in done.stdout) == (0, True)
    wait_until(lambda: begun(data))
    assert run_command("stop-phrase", "--data", str(data)).stdout == "Stopped\n"
    assert json.dumps(repeats(data)[0]["exercise"]) == "true"
    assert repeats(data)[0]["alert_version"] == 0


def test_a_command_without_a_player_is_explained(data):
    """Nothing runs: a sentence says what to do."""
    done = run_command("sound-phrase", "flood", "--data", str(data))
    assert (done.returncode, "start it with" in done.stderr) == (1, True)
