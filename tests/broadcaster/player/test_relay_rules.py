"""What decides in a relay, without a stream: the ear, the change to the fallback, lists of addresses, the timeline."""

from datetime import timedelta

import numpy as np
import pytest

from broadcaster.player.plan.timeline import OnAir, agenda
from broadcaster.player.relay.ear import Ear
from broadcaster.player.relay.pointing import is_hls, pointed_at
from broadcaster.player.relay.sound import RelaySound
from broadcaster.player.sound.pcm import RATE_HZ
from broadcaster.protocol import CueKind, Outcome, Priority, QuietHours, Reason, Relay
from tests.broadcaster.player.plan.test_timeline import START, a_cue, a_programme, facts, seconds
from tests.broadcaster.player.sound.test_feed import Samples

VARIANT = "#EXT-X-STREAM-INF"
RELAY = {"kind": CueKind.RELAY, "relay": Relay(url="http://radio.example/live")}


def noise(of_seconds, dbfs):
    level = 32768 * 10 ** (dbfs / 20)
    return np.random.default_rng(1).normal(0, level, int(of_seconds * RATE_HZ)).astype(np.int16)


def an_ear(*heard, silent_after_ms=10_000):
    ear = Ear(silent_after_ms)
    for samples in heard:
        ear.hear(samples)
    return ear


def test_a_quiet_room_is_silence_and_soft_speech_is_not():
    """Ten seconds at -60 dBFS are silent, at -40 dBFS they are not."""
    assert an_ear(noise(10, -60)).silent
    assert not an_ear(noise(10, -40)).silent


def test_silence_takes_its_time():
    """A pause shorter than `silent_after_ms` is none."""
    assert not an_ear(noise(5, -20), noise(9.5, -90)).silent
    assert an_ear(noise(5, -20), noise(10.5, -90)).silent


def test_a_click_does_not_make_a_dead_line_alive():
    """One loud tenth of a second in ten seconds is still silence."""
    assert an_ear(noise(6, -90), noise(0.1, -6), noise(6, -90)).silent


def test_samples_may_come_in_any_pieces():
    """What is heard does not depend on how the device asks for it."""
    whole = noise(11, -60)
    ear = an_ear(*np.array_split(whole, 1234))
    assert ear.silent


def test_a_stream_is_gone_until_it_has_been_heard_and_after_five_seconds_without():
    """Gone before the first sample, not after it, and again when five seconds are missing."""
    ear = an_ear()
    assert ear.gone
    ear.hear(noise(0.1, -20))
    ear.miss(4 * RATE_HZ)
    assert not ear.gone
    ear.miss(RATE_HZ)
    assert ear.gone


def test_a_stream_is_back_after_five_unbroken_seconds():
    """A gap begins the five seconds anew."""
    ear = an_ear(noise(3, -20))
    ear.miss(100)
    ear.hear(noise(4, -20))
    assert not ear.back
    ear.hear(noise(1.2, -20))
    assert ear.back
    assert not an_ear(noise(8, -70)).back


class Live:
    """A stream in the test's hands: `level` is what it gives, None for nothing."""

    def __init__(self, level=2000):
        self.level = level
        self.before = np.zeros(0, np.int16)
        self.closed = False

    def catch_up(self):
        return self.before

    def take(self, frames):
        return np.full(frames if self.level is not None else 0, self.level or 0, np.int16)

    def close(self):
        self.closed = True


FALLBACK = 7


def a_relay(stream, lasts=60, silent_after_ms=10_000):
    def fallback():
        opened.append(Samples(*[FALLBACK] * 20 * RATE_HZ))
        return opened[-1]

    opened = []
    sound = RelaySound(stream, silent_after_ms, fallback)
    sound.lasts(lasts * RATE_HZ)
    return sound, opened


def play(sound, of_seconds):
    """What sounds at each tenth of a second."""
    return [int(sound.read(RATE_HZ // 10)[-1]) for _ in range(int(of_seconds * 10))]


def test_a_good_stream_is_aired_whole():
    """It sounds from first to last, ends by itself, and is aired."""
    stream = Live()
    sound, _ = a_relay(stream, lasts=3)
    assert set(play(sound, 3)) == {2000}
    assert sound.finished
    assert len(sound.read(10)) == 0
    assert (sound.verdict(), sound.sounded) == ((Outcome.AIRED, None), 3 * RATE_HZ)


def test_silence_is_replaced_and_does_not_count_as_heard():
    """After ten silent seconds the fallback sounds; the row's position leaves the silence out."""
    stream = Live()
    sound, _ = a_relay(stream)
    play(sound, 20)
    stream.level = 0
    assert set(play(sound, 9.5)) == {0}
    assert play(sound, 2)[-1] == FALLBACK
    assert sound.verdict() == (Outcome.PARTIAL, Reason.STREAM_SILENT)
    assert sound.sounded == pytest.approx(20 * RATE_HZ, abs=RATE_HZ / 2)


def test_a_gap_is_waited_through_and_a_dead_stream_replaced():
    """Nothing sounds in the first five seconds of a gap, then the fallback."""
    stream = Live()
    sound, _ = a_relay(stream)
    play(sound, 20)
    stream.level = None
    heard = play(sound, 6)
    assert set(heard[:48]) == {0}
    assert heard[-1] == FALLBACK
    assert sound.verdict() == (Outcome.PARTIAL, Reason.STREAM_GONE)


def test_a_stream_that_is_back_is_heard_again_and_the_next_outage_begins_the_fallback_anew():
    """Five good seconds bring the stream back; the fallback starts from its beginning each time."""
    stream = Live()
    sound, opened = a_relay(stream, silent_after_ms=60_000)
    for _ in range(2):
        play(sound, 2)
        stream.level = None
        assert play(sound, 6)[-1] == FALLBACK
        stream.level = 2000
        heard = play(sound, 6)
        assert heard[40] == FALLBACK
        assert heard[-1] == 2000
    assert len(opened) == 3
    assert opened[0].closed
    assert opened[1].closed


def test_a_stream_that_was_silent_for_minutes_is_not_given_up_again_at_once():
    """With a long `silent_after_ms` the silence before the return is forgotten."""
    stream = Live(0)
    sound, _ = a_relay(stream, lasts=400, silent_after_ms=120_000)
    play(sound, 125)
    stream.level = 2000
    assert set(play(sound, 20)[-100:]) == {2000}


def test_what_was_silent_before_the_second_of_the_cue_is_replaced_from_it():
    """A stream that is silent while it is tuned in ahead does not cost ten more seconds."""
    stream = Live(0)
    stream.before = np.zeros(11 * RATE_HZ, np.int16)
    sound, _ = a_relay(stream)
    assert play(sound, 0.2)[-1] == FALLBACK
    assert sound.verdict() == (Outcome.FAILED, Reason.STREAM_SILENT)


def test_a_stream_that_never_came_is_failed():
    """Without a single sample the row is failed, and the fallback sounds from the first second."""
    sound, _ = a_relay(Live(None))
    assert play(sound, 3)[0] == FALLBACK
    assert (sound.verdict(), sound.sounded) == ((Outcome.FAILED, Reason.STREAM_GONE), 0)


def test_without_fallback_there_is_silence_and_the_relay_still_lasts():
    """The time of a dead stream is not filled, and the next cue keeps its own."""
    sound = RelaySound(Live(None), 10_000, lambda: None)
    sound.lasts(RATE_HZ)
    assert set(play(sound, 1)) == {0}
    assert sound.finished


def test_a_fallback_that_ends_is_silence():
    """The fallback sounds once in an outage: a chime for half an hour would be worse than nothing."""
    sound, _ = a_relay(Live(None))
    assert set(play(sound, 20)) == {FALLBACK}
    assert set(play(sound, 5)) == {0}


def test_a_player_that_cannot_relay_plays_the_fallback():
    """Without the extra the row is failed/relay_unsupported."""
    sound, _ = a_relay(None)
    assert play(sound, 1)[-1] == FALLBACK
    assert sound.verdict() == (Outcome.FAILED, Reason.RELAY_UNSUPPORTED)


def test_hanging_up_closes_stream_and_fallback():
    """Nothing goes on after the relay."""
    stream = Live()
    sound, opened = a_relay(stream)
    sound.close()
    assert stream.closed
    assert opened[0].closed


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("#EXTM3U\n#EXTINF:-1,VOV1\nhttp://a.example/live\n", "http://a.example/live"),
        ("http://a.example/live\r\n", "http://a.example/live"),
        ("[playlist]\nNumberOfEntries=1\nFile1=http://a.example/live\nTitle1=x", "http://a.example/live"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n1.ts\n", None),
        (
            f"#EXTM3U\n{VARIANT}:BANDWIDTH=32000\nlow\n{VARIANT}:AVERAGE-BANDWIDTH=1,BANDWIDTH=64000\nmid.m3u8\n{VARIANT}:X=1\nz\n",
            "http://s.example/radio/mid.m3u8",
        ),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=32000\nlow.m3u8\n", "http://s.example/radio/low.m3u8"),
        (
            '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="/a.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=900000\nv.m3u8\n',
            "http://s.example/a.m3u8",
        ),
        ("", None),
    ],
)
def test_lists_lead_to_a_stream(text, address):
    """M3U, PLS and HLS masters give one address; of HLS variants the smallest that is good enough."""
    assert pointed_at(text, "http://s.example/radio/list") == address


def test_a_list_is_not_taken_for_hls():
    """Only a list with HLS tags is HLS."""
    assert is_hls(b"#EXTM3U\n#EXT-X-VERSION:3\n")
    assert not is_hls(b"#EXTM3U\nhttp://a.example/live\n")


def test_a_relay_that_begins_late_ends_in_time():
    """Joined at its tenth second, a relay of thirty still leaves the air at its thirtieth."""
    programme = a_programme([a_cue("vov", lasts=30, **RELAY), a_cue("news", at=30)])
    (vov, news) = programme.cues
    late = agenda(programme, facts(present=set()), START + seconds(10)).play
    assert (late.cue, late.at) == (vov, START + seconds(10))
    assert vov.ends_at(late.at) == START + seconds(30)
    then = agenda(programme, facts(on_air=[OnAir(vov, vov.ends_at(late.at))], done={vov.id}), START + seconds(12)).play
    assert (then.cue, then.at) == (news, START + seconds(30))


def test_a_relay_is_not_joined_when_it_is_over():
    """Whatever its latest start says, it is skipped rather than aired with nothing in it."""
    programme = a_programme([a_cue("vov", lasts=30, grace=600, **RELAY)])
    assert [skip.reason for skip in agenda(programme, facts(), START + seconds(29.5)).skips] == [Reason.TOO_LATE]


def test_a_relay_goes_on_between_emergencies():
    """Joined again late, it does not wait for the next emergency, which will cut it anyway."""
    programme = a_programme(
        [a_cue("vov", lasts=600, grace=600, **RELAY), a_cue("flood", at=300, priority=Priority.EMERGENCY)]
    )
    assert agenda(programme, facts(), START + seconds(100)).play.cue.id[1] == "vov"
    news = a_programme([a_cue("late", lasts=600, grace=600), a_cue("flood", at=300, priority=Priority.EMERGENCY)])
    assert agenda(news, facts(), START + seconds(100)).play.cue.id[1] == "flood"


def test_a_relay_does_not_wait_for_its_fallback():
    """A relay airs though its media have not arrived: they only replace the stream."""
    programme = a_programme([a_cue("vov", **RELAY)])
    assert agenda(programme, facts(present=set()), START).play.at == START


def test_a_relay_that_would_reach_into_quiet_hours_is_skipped():
    """Quiet hours count for a relay as for speech: by its end."""
    quiet = QuietHours(from_local="18:00", until_local="05:00")
    programme = a_programme([a_cue("vov", lasts=31 * 60, **RELAY)], quiet=quiet)
    assert [skip.reason for skip in agenda(programme, facts(), START).skips] == [Reason.QUIET_HOURS]
    fits = a_programme([a_cue("vov", lasts=30 * 60, grace=1800, **RELAY)], quiet=quiet)
    assert agenda(fits, facts(), START + timedelta(minutes=20)).play is not None
