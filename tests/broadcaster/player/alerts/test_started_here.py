"""Phrases that somebody starts at the loudspeaker itself."""

import threading
from datetime import timedelta

import pytest

from broadcaster.player.agent import Agent
from broadcaster.player.errors import PlayerError
from broadcaster.player.output.paced import PacedOutput
from broadcaster.protocol import AlertScope, Phrase
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import cue
from tests.broadcaster.player.test_process import wait_until

PHRASE = "flood"


class Relay:
    """An amplifier that notes what it was told, and when."""

    trouble = ""

    def __init__(self):
        self.told = []

    def on(self):
        self.told.append("on")

    def off(self):
        self.told.append("off")


@pytest.fixture
def amplifier():
    return Relay()


@pytest.fixture
def playing(server, data, amplifier):
    """Starts an agent over real HTTP and a device of patience, and stops it in the end."""
    agent = Agent(data, PacedOutput, amplifier=amplifier)
    thread = threading.Thread(target=agent.run)

    def start():
        thread.start()
        return agent

    yield start
    agent.stop()
    thread.join()


def publish(server, *occurrences, seconds=0.3, **more):
    phrase = Phrase(key=PHRASE, title="Sơ tán", media=(server.add(encoded(noise(seconds))),))
    server.publish(occurrences, phrases=(phrase,), **more)


def prepared(server):
    server.wait_for(lambda: server.heartbeats and server.heartbeats[-1]["objects_missing"] == 0 and server.fetched)


def test_a_phrase_started_here_sounds_again_and_again_until_it_is_stopped(server, playing, amplifier):
    """Each repeat is a row of version 0; stopping ends it, and the amplifier is switched off after it."""
    publish(server)
    agent = playing()
    prepared(server)
    started = agent.alerts.start(PHRASE, AlertScope.EXERCISE)
    server.wait_for(lambda: len(server.rows) >= 2, 30)
    assert agent.alerts.stop()
    assert not agent.alerts.stop()
    row = next(row for row in server.rows.values() if row["cue_key"] == "alert/0/1")
    assert (row["occurrence_uuid"], row["alert_version"], row["exercise"]) == (str(started), 0, True)
    assert (row["outcome"], row["title"]) == ("aired", "Sơ tán")
    server.wait_for(lambda: amplifier.told == ["on", "off"])


def test_a_phrase_that_is_not_here_is_refused_with_its_reason(server, playing):
    """Somebody who asks for what cannot sound is told so at once."""
    publish(server)
    agent = playing()
    prepared(server)
    with pytest.raises(PlayerError, match="there are: flood"):
        agent.alerts.start("fire")
    assert [phrase.key for phrase in agent.alerts.phrases()] == [PHRASE]


def test_a_phrase_cuts_what_is_planned_and_the_cue_is_begun_again_after_it(server, playing):
    """The cut cue is partial/interrupted with its position; after the phrase it gets its second attempt."""
    news = cue("news", server.add(encoded(noise(3, seed=2))), duration_ms=3000)
    publish(server, server.occurrence(server.now() + timedelta(seconds=3), [news]))
    agent = playing()
    wait_until(agent.conductor.now_playing)
    agent.alerts.start(PHRASE)
    server.wait_for(lambda: any(row["alert_version"] == 0 for row in server.rows.values()))
    agent.alerts.stop()
    server.wait_for(lambda: any(row["attempt"] == 2 for row in server.rows.values()))
    first, second = sorted(
        (row for row in server.rows.values() if row["cue_key"] == "news"), key=lambda row: row["attempt"]
    )
    assert (first["outcome"], first["reason"]) == ("partial", "interrupted")
    assert 0 < first["position_ms"] < 3000
    assert (second["outcome"], second["reason"]) == ("aired", None)


def test_a_warm_up_delays_a_phrase_by_exactly_that_time(server, playing, amplifier):
    """The amplifier is on that long before the first sound."""
    publish(server, settings={"poll_seconds": 1, "warm_up_ms": 1500})
    agent = playing()
    prepared(server)
    agent.alerts.start(PHRASE)
    server.wait_for(lambda: server.rows)
    (row, *_) = server.rows.values()
    assert 1500 <= row["late_ms"] < 2500
    assert amplifier.told == ["on"]
