"""Two weeks and more without a server, on clocks moved by hand: the real agent, journal, decoder and feed."""

import time as real_time
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from broadcaster.player.agent import Agent
from broadcaster.player.plan.beyond import KEY, extended
from broadcaster.player.plan.programme import lay_out
from broadcaster.player.sound.pcm import RATE_HZ
from broadcaster.protocol import ClockState, CueKind, Playlist, QuietHours
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import cue
from tests.broadcaster.player.test_clock import Hands

FRAMES = RATE_HZ // 20
STEP_S = FRAMES / RATE_HZ
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class HandOutput:
    """A device that takes its blocks when the hands move."""

    def __init__(self, feed, clock):
        self.feed = feed
        self.clock = clock
        self.underruns = 0
        self.trouble = ""
        self.open = False
        self.taken = 0
        self.at = 0.0

    def keep_open(self, sessions):
        if sessions and not self.open:
            self.at = self.clock.monotonic()
        self.open = bool(sessions)

    def hurry(self):
        """Nothing was taken ahead."""

    def failed(self):
        return False

    def move(self):
        while self.open and self.at <= self.clock.monotonic():
            self.feed.pull(self.taken, self.at, FRAMES)
            self.taken += FRAMES
            self.at += STEP_S


class Village:
    """A player whose time a test lets pass."""

    def __init__(self, data, monkeypatch, started):
        monkeypatch.setattr("broadcaster.player.conductor.LONGEST_WAIT_S", 3600.0)
        self.hands = Hands(wall=started)
        self.outputs = []
        self.agent = Agent(data, self._output, self.hands)

    def _output(self, feed, clock):
        self.outputs.append(HandOutput(feed, clock))
        return self.outputs[-1]

    def live_until(self, end):
        (output,) = self.outputs
        while self.agent.clock.now() < end:
            pause = self.agent.conductor.turn()
            if output.open:
                real_time.sleep(0.002)  # the decoder's thread works in real time
                pause = min(pause, STEP_S)
            self.hands.pass_by(max(0.001, min(pause, (end - self.agent.clock.now()).total_seconds() + 0.001)))
            output.move()

    def rows(self):
        return self.agent.journal.waiting(1000)


@pytest.fixture(params=[14])
def village(request, server, data, monkeypatch):
    """A village with two bulletins a day for so many days, opened by a chime, whose server then goes away for good."""
    days = request.param
    chime, news = (server.add(encoded(noise(seconds, seed))) for seconds, seed in ((0.5, 1), (1.0, 2)))
    first = datetime.combine(server.now().astimezone(ZONE).date() + timedelta(days=1), time(5), ZONE).astimezone(UTC)
    server.offset = first - timedelta(hours=8) - server.now()
    cues = [
        cue("chime", chime, duration_ms=500, kind=CueKind.CHIME),
        cue("news", news, offset_ms=700, duration_ms=1000),
    ]
    slots = [first + timedelta(days=day, hours=hours) for day in range(days) for hours in (0, 12.5)]
    occurrences = [server.occurrence(at, cues) for at in slots]
    ends = first + timedelta(days=days - 1, hours=20)
    server.publish(occurrences, valid_until=ends, quiet_hours=QuietHours(from_local=time(22), until_local=time(4, 30)))
    village = Village(data, monkeypatch, server.now())
    village.slots, village.ends = slots, ends
    village.agent.sync.round()
    server.faults.away = True
    yield village
    village.agent.close()


def test_fourteen_days_without_a_server_air_all_that_was_planned(village):
    """Each of 56 planned cues airs within a tenth of a second of its time, though the clock only drifts by then."""
    slots = village.slots
    village.live_until(village.ends)
    rows = village.rows()
    assert [row.planned_at for row in rows if row.cue_key == "chime"] == slots
    assert {(row.outcome, row.reason) for row in rows} == {("aired", None)}
    assert len(rows) == 2 * len(slots)
    assert max(abs(row.late_ms) for row in rows) <= 100
    assert {row.clock_state for row in rows[8:]} == {ClockState.DRIFTING}


@pytest.mark.parametrize("village", [2], indirect=True)
def test_after_the_horizon_a_chime_a_day_and_silence(village):
    """Beyond the manifest's end only the test chime sounds, at its local time, once a day, journalled as such."""
    ends = village.ends
    village.live_until(ends + timedelta(days=4))
    beyond = [row for row in village.rows() if row.planned_at >= ends]
    assert {row.cue_key for row in beyond} == {KEY}
    local = [row.planned_at.astimezone(ZONE) for row in beyond]
    assert [at.time() for at in local] == [time(7)] * 4
    assert len({at.date() for at in local}) == 4
    assert {(row.outcome, row.reason) for row in beyond} == {("aired", None)}
    village.agent.sync.round()
    village.agent._write_status()
    status = (village.agent.data / "status.json").read_text()
    assert '"programme_over": true' in status
    assert '"trouble": "server_down"' in status


def beyond_programme(server, **more):
    chime = cue("chime", server.add(b"x"), kind=more.pop("kind", CueKind.CHIME))
    occurrence = server.occurrence(server.now() - timedelta(days=14), [chime])
    from_objects = server.objects[occurrence.playlist]
    manifest = server.make_manifest([occurrence], valid_until=server.now(), **more)
    return lay_out(manifest, {occurrence.playlist: Playlist.model_validate_json(from_objects)})


@pytest.mark.parametrize(
    "more", [{"kind": CueKind.SPEECH}, {"settings": {"poll_seconds": 1, "test_chime_local": None}}]
)
def test_without_a_chime_or_its_time_there_is_silence(server, more):
    """A programme without a chime, or a village that wants none, stays silent."""
    programme = beyond_programme(server, **more)
    assert extended(programme, server.now() + timedelta(days=2)) is programme


def test_the_same_day_makes_the_same_chime(server):
    """A restart does not chime twice: a day's chime has one name for ever."""
    programme = beyond_programme(server)
    later = server.now() + timedelta(days=2)
    names = [{each.id for each in extended(programme, later).cues} for _ in range(2)]
    assert names[0] == names[1]
    assert len(names[0]) > 1


def test_a_running_manifest_is_left_alone(server):
    """Well before its end nothing is added."""
    programme = beyond_programme(server)
    assert extended(programme, server.now() - timedelta(days=5)) is programme
