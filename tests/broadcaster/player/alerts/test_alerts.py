"""Alerts from the server, in a running player over real HTTP."""

import threading
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from broadcaster.player.agent import Agent
from broadcaster.player.clock import SystemSources
from broadcaster.player.output.paced import PacedOutput
from broadcaster.protocol import AlertScope, Priority
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import FakeServer, cue
from tests.broadcaster.player.test_process import wait_until


@pytest.fixture
def playing(server, data):
    """A running agent that is connected to the server's events, and stopped in the end."""
    agents = []

    def start(*, connected=True):
        if server.manifest is None:
            server.publish()
        agent = Agent(data, PacedOutput)
        thread = threading.Thread(target=agent.run)
        thread.start()
        agents.append((agent, thread))
        if connected:
            server.wait_for(lambda: server.streams)
        return agent

    yield start
    for agent, thread in agents:
        agent.stop()
        thread.join()


def audio(server, seconds=0.3, seed=1):
    return server.add(encoded(noise(seconds, seed)))


def test_an_alert_that_is_pushed_sounds_until_it_is_cancelled(server, playing):
    """Repeats follow each other, each with its row; the receipts say received, sounding, finished."""
    playing()
    alert = server.raise_alert([audio(server)])
    server.wait_for(lambda: len(server.repeats_of(alert)) >= 2)
    cancelled = server.cancel(alert)
    server.wait_for(lambda: server.stages(cancelled) == ["received", "finished"])
    assert server.stages(alert) == ["received", "sounding", "finished"]
    first, second = server.repeats_of(alert)[:2]
    assert (first["cue_key"], second["cue_key"]) == ("alert/1/1", "alert/1/2")
    assert (first["outcome"], first["alert_version"], first["exercise"]) == ("aired", 1, False)
    assert second["started_at"] > first["ended_at"]


def test_an_alert_ends_after_its_repeats(server, playing):
    """So many whole repeats and no more; then it is finished."""
    playing()
    alert = server.raise_alert([audio(server)], repeats=2, scope=AlertScope.EXERCISE)
    server.wait_for(lambda: "finished" in server.stages(alert))
    server.wait_for(lambda: len(server.repeats_of(alert)) == 2)
    assert all(row["exercise"] for row in server.repeats_of(alert))


def test_an_alert_sounds_no_longer_than_it_may(server, playing):
    """The repeat in which the longest sounding time is reached ends there; none follows."""
    playing()
    alert = server.raise_alert([audio(server, 3)], max_sounding_ms=500)
    server.wait_for(lambda: "finished" in server.stages(alert))
    server.wait_for(lambda: server.repeats_of(alert))
    (row,) = server.repeats_of(alert)
    assert (row["outcome"], row["reason"], row["position_ms"]) == ("partial", "expired", 500)


def test_the_fallback_sounds_until_the_audio_is_here(server, playing):
    """What every player has sounds at once; the alert's own audio cuts it as soon as it has come."""
    fallback, sha256 = audio(server, 20), audio(server, 0.5, seed=7)
    playing()
    server.withheld.add(sha256)
    alert = server.raise_alert([sha256], [fallback], pause_ms=60_000)
    server.wait_for(lambda: "sounding" in server.stages(alert))
    server.withheld.clear()
    server.wait_for(lambda: any(row["media"] == [sha256] for row in server.repeats_of(alert)))
    heard = [row["media"] for row in server.repeats_of(alert)]
    assert heard == [[fallback], [sha256]]
    assert server.repeats_of(alert)[0]["reason"] == "interrupted"
    assert server.stages(alert) == ["received", "sounding"]


def test_a_newer_alert_is_heard_first_and_then_both_take_turns(server, playing):
    """It cuts the one that sounds; that one goes on after it."""
    playing()
    older = server.raise_alert([audio(server, 20)])
    server.wait_for(lambda: "sounding" in server.stages(older))
    newer = server.raise_alert([audio(server, seed=2)], pause_ms=60_000)
    server.wait_for(lambda: server.repeats_of(newer) and server.repeats_of(older))
    assert server.repeats_of(older)[0]["reason"] == "interrupted"
    server.cancel(older)
    server.wait_for(lambda: len(server.repeats_of(older)) == 2)
    assert server.repeats_of(older)[1]["started_at"] >= server.repeats_of(newer)[0]["ended_at"]


def test_what_a_newer_version_says_too_is_not_begun_again(server, playing):
    """A version that changes nothing of the sound says that it sounds, without a cut."""
    playing()
    sha256 = audio(server, 2)
    old = server.raise_alert([sha256])
    server.wait_for(lambda: "sounding" in server.stages(old))
    new = server.raise_alert([sha256], alert_uuid=old.alert_uuid, version=2, pause_ms=60_000)
    server.wait_for(lambda: "sounding" in server.stages(new) and server.repeats_of(new))
    (row,) = server.repeats_of(new)
    assert (row["outcome"], row["alert_version"]) == ("aired", 1)


def test_an_alert_of_which_nothing_is_here_does_not_vanish(server, playing):
    """Without any audio until its end it is failed/media_incomplete and refused."""
    playing()
    alert = server.raise_alert(["0" * 64], ["1" * 64], expires_at=server.now() + timedelta(seconds=2))
    server.wait_for(lambda: server.repeats_of(alert) and "refused" in server.stages(alert))
    (row,) = server.repeats_of(alert)
    assert (row["outcome"], row["reason"], row["media"]) == ("failed", "media_incomplete", ["0" * 64])
    assert server.receipts[-1]["detail"] == "media_incomplete"


def test_a_silent_drill_is_received_and_nothing_sounds(server, playing):
    """It leaves receipts and no row."""
    playing()
    alert = server.raise_alert([audio(server)], audible=False, scope=AlertScope.EXERCISE)
    server.wait_for(lambda: server.stages(alert) == ["received", "finished"])
    later = server.raise_alert([audio(server, seed=2)], repeats=1)
    server.wait_for(lambda: server.repeats_of(later))
    assert not server.repeats_of(alert)


@pytest.mark.parametrize("wrong", ["signature", "village"])
def test_an_alert_that_is_not_ours_is_ignored(server, playing, wrong):
    """A stranger's signature, or another village: no sound and no receipt."""
    playing()
    if wrong == "village":
        alert = server.raise_alert([audio(server)], villages=(uuid4(),))
    else:
        stranger = FakeServer()
        stranger.close()
        stranger.village_uuid, stranger.objects = server.village_uuid, server.objects
        alert = stranger.raise_alert([audio(server)])
        server.push("alert", stranger.sign_alert(alert).model_dump_json())
    ours = server.raise_alert([audio(server, seed=2)], repeats=1)
    server.wait_for(lambda: "finished" in server.stages(ours))
    assert not server.stages(alert)
    server.wait_for(lambda: server.repeats_of(ours))
    assert not server.repeats_of(alert)


def test_a_newer_version_takes_the_place_of_the_old_one_at_once(server, playing):
    """The old text is cut in the middle, the new one sounds; an older version changes nothing."""
    playing()
    old = server.raise_alert([audio(server, 20)])
    server.wait_for(lambda: "sounding" in server.stages(old))
    words = audio(server, seed=2)
    new = server.raise_alert([words], alert_uuid=old.alert_uuid, version=2, repeats=1, pause_ms=60_000)
    server.wait_for(lambda: "finished" in server.stages(new))
    server.push("alert", server.sign_alert(old).model_dump_json())
    server.wait_for(lambda: len(server.repeats_of(old)) == 2)
    first, second = server.repeats_of(old)
    assert (first["outcome"], first["reason"]) == ("partial", "withdrawn")
    assert (second["outcome"], second["alert_version"]) == ("aired", 2)
    later = server.raise_alert([audio(server, seed=3)], repeats=1)
    server.wait_for(lambda: "finished" in server.stages(later))
    assert len(server.repeats_of(old)) == 2


def test_a_version_that_leaves_a_village_out_ends_it_there(server, playing):
    """Narrowing an alert is a cancel for those who are no longer meant."""
    playing()
    alert = server.raise_alert([audio(server, 20)])
    server.wait_for(lambda: "sounding" in server.stages(alert))
    narrowed = server.raise_alert([], alert_uuid=alert.alert_uuid, version=2, villages=(uuid4(),))
    server.wait_for(lambda: "finished" in server.stages(narrowed))
    server.wait_for(lambda: server.repeats_of(alert))
    assert server.repeats_of(alert)[0]["reason"] == "withdrawn"


def test_without_events_alerts_are_asked_for(server, playing):
    """A server or a line that gives no events costs seconds, not the alert."""
    server.faults.no_events = 404
    playing(connected=False)
    server.wait_for(lambda: server.asked["alerts"])
    alert = server.raise_alert([audio(server)], repeats=1, push=False)
    server.wait_for(lambda: "finished" in server.stages(alert))


def test_a_lost_line_is_taken_up_again_and_nothing_is_lost(server, playing):
    """An alert raised while the line was down arrives with the next connection."""
    playing()
    server.push("manifest", "{}")
    last = str(server.event_number)
    server.hang_up()
    alert = server.raise_alert([audio(server)], repeats=1, push=False)
    server.wait_for(lambda: "finished" in server.stages(alert))
    server.wait_for(lambda: len(server.last_event_ids) == 2)
    assert server.last_event_ids == [None, last]


def test_an_alert_in_a_manifest_sounds(server, playing):
    """What a manifest carries is taken in like what is pushed."""
    agent = playing()
    alert = server.raise_alert([audio(server)], repeats=1, push=False)
    server.publish(number=2, alerts=(server.alerts.pop(alert.alert_uuid),))
    server.wait_for(lambda: "finished" in server.stages(alert))
    assert agent.manifests.current.manifest_id == 2


def test_lost_receipts_are_said_again(server, playing):
    """Each receipt reaches the server once it answers, once."""
    server.faults.lose_receipts = 2
    playing()
    alert = server.raise_alert([audio(server)], repeats=1)
    server.wait_for(lambda: server.stages(alert) == ["received", "sounding", "finished"])


def test_a_hint_brings_the_manifest_at_once_and_polls_are_few(server, playing):
    """While events come the manifest is asked for when they say so, not each round."""
    server.publish()
    playing()
    server.wait_for(lambda: server.asked["heartbeat"] >= 4)
    asked = server.asked["manifest"]
    assert asked <= 3
    server.publish(number=2)
    server.wait_for(lambda: server.asked["manifest"] > asked)


def test_an_alerts_audio_interrupts_a_running_download(server, playing):
    """obplayer#87: an alert does not wait behind a long sync."""
    long = server.add(bytes(40_000_000))
    server.slow.add(long)
    agent = playing()
    from_manifest = server.occurrence(server.now() + timedelta(hours=1), [])
    server.publish(
        [from_manifest], number=2, objects=(*server.make_manifest([from_manifest]).objects, server.ref(long))
    )
    server.wait_for(lambda: long in server.fetched)
    warning = audio(server, 3)
    server.slow.add(warning)
    alert = server.raise_alert([warning])
    server.wait_for(lambda: "sounding" in server.stages(alert))
    assert long not in agent.cache.present
    server.slow.clear()
    server.wait_for(lambda: server.fetched.count(long) >= 2)
    assert server.ranges


@pytest.mark.parametrize("level", list(Priority))
def test_an_alert_cuts_whatever_is_planned_and_gives_one_second_attempt(server, playing, level):
    """Each level is cut at the alert's first frame; a second alert cuts the second attempt, and there is no third."""
    news = cue("news", audio(server, 20), duration_ms=20_000, priority=level)
    server.publish([server.occurrence(server.now() + timedelta(seconds=3), [news])])
    agent = playing()
    for attempt, seed in ((1, 11), (2, 12)):
        wait_until(agent.conductor.now_playing)
        alert = server.raise_alert([audio(server, seed=seed)], repeats=1)
        server.wait_for(partial(server.repeats_of, alert), 60)
        cut = next(row for row in server.rows.values() if (row["cue_key"], row["attempt"]) == ("news", attempt))
        assert (cut["outcome"], cut["reason"]) == ("partial", "interrupted")
        assert cut["ended_at"] == server.repeats_of(alert)[0]["started_at"]
    # A later alert has gone by: time enough for a third attempt, if there were one.
    later = server.raise_alert([audio(server, 2, seed=13)], repeats=1)
    server.wait_for(partial(server.repeats_of, later), 60)
    assert agent.conductor.now_playing() is None
    assert len([row for row in server.rows.values() if row["cue_key"] == "news"]) == 2


def test_a_clock_that_is_not_believed_keeps_no_live_alert_back(server, data):
    """What comes live sounds; the same document from the disk does not."""
    server.publish()
    server.faults.replay_time = True
    first, thread = started(data, Lost())
    server.wait_for(lambda: server.streams)
    alert = server.raise_alert([audio(server)])
    server.wait_for(lambda: server.repeats_of(alert))
    assert server.repeats_of(alert)[0]["clock_state"] == "untrusted"
    first.stop()
    thread.join()
    server.faults.away = True
    again = Agent(data, PacedOutput, Lost())
    again.conductor.turn()
    (held,) = again.alerts.held()
    assert (held.call.alert_uuid, held.live_since) == (alert.alert_uuid, None)
    assert again.alerts.sounding is None
    again.close()


class Lost(SystemSources):
    """A machine without a hardware clock, just switched on."""

    def set_by(self):
        return None


def started(data, sources):
    agent = Agent(data, PacedOutput, sources)
    thread = threading.Thread(target=agent.run)
    thread.start()
    return agent, thread
