from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.player.clock import PlayerClock, RoundTrip
from broadcaster.player.errors import ClockRefused
from broadcaster.player.keeping.identity import load_identity
from broadcaster.player.keeping.journal import Journal
from broadcaster.player.keeping.manifests import Manifests
from broadcaster.player.machine import TimeSource
from broadcaster.player.phone_time import set_by_phone
from broadcaster.protocol import ClockState

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Hands:
    """The two clocks of a machine, moved by hand."""

    def __init__(self, wall=NOON, boot_id="boot-1", set_by=None):
        self.time = wall
        self.seconds = 1000.0
        self.boot_id = boot_id
        self.source = set_by

    def wall(self):
        return self.time

    def monotonic(self):
        return self.seconds

    def set_by(self):
        return self.source

    def pass_by(self, seconds, wall_rate=1.0):
        self.seconds += seconds
        self.time += timedelta(seconds=seconds * wall_rate)


def trips(hands, server_at, *delays):
    """Round trips whose answer was made half way, one after the other."""
    return [
        RoundTrip(hands.seconds, hands.seconds + delay, server_at + timedelta(seconds=delay / 2)) for delay in delays
    ]


def compared(hands, ahead=timedelta()):
    clock = PlayerClock(hands)
    clock.compare(trips(hands, hands.time + ahead, 0.02, 0.02, 0.02))
    return clock


def test_a_start_without_network_and_hardware_clock_is_untrusted():
    """Nobody has told this machine the time: whatever its clock shows, it is not believed."""
    assert PlayerClock(Hands()).read().state is ClockState.UNTRUSTED


def test_the_servers_time_is_taken():
    """After a comparison the player's time is the server's, whatever the operating system says."""
    hands = Hands(wall=datetime(1970, 1, 1, tzinfo=UTC))
    clock = PlayerClock(hands)
    clock.compare(trips(hands, NOON, 0.02, 0.02))
    assert abs(clock.now() - NOON) < timedelta(milliseconds=1)
    assert clock.read().state is ClockState.TRUSTED


def test_slow_round_trips_do_not_count():
    """A round trip that was held up on one way only does not move the time."""
    hands = Hands()
    clock = PlayerClock(hands)
    held_up = RoundTrip(hands.seconds, hands.seconds + 2.0, NOON + timedelta(seconds=1.9))
    clock.compare([*trips(hands, NOON, 0.02, 0.021, 0.019), held_up, held_up])
    assert abs(clock.now() - NOON) < timedelta(milliseconds=1)


def test_a_worse_measurement_does_not_replace_a_better_one():
    """On a busy line the good comparison of a minute ago is worth more than the bad one of now."""
    hands = Hands()
    clock = compared(hands)
    hands.pass_by(60)
    clock.compare([RoundTrip(hands.seconds, hands.seconds + 3, hands.time + timedelta(seconds=0.5))])
    assert abs(clock.now() - hands.time) < timedelta(milliseconds=1)


def test_a_measurement_that_contradicts_replaces():
    """Where both cannot be right, the newer one is."""
    hands = Hands()
    clock = compared(hands)
    hands.pass_by(60)
    clock.compare(trips(hands, hands.time + timedelta(seconds=9), 0.5, 0.5))
    assert abs(clock.now() - hands.time - timedelta(seconds=9)) < timedelta(milliseconds=1)


def test_a_small_correction_of_the_system_changes_nothing():
    """The operating system's clock may be corrected by seconds; player time goes on by the monotonic clock."""
    hands = Hands()
    clock = compared(hands)
    hands.time += timedelta(seconds=30)
    assert abs(clock.now() - NOON) < timedelta(milliseconds=1)
    assert clock.read().state is ClockState.TRUSTED


def test_a_jump_makes_the_clock_untrusted_until_the_server_is_asked():
    """A jump over a minute against the monotonic clock, forwards or back, is believed by nobody but the server."""
    for jump in (timedelta(days=1), timedelta(hours=-3)):
        hands = Hands(set_by=TimeSource.NTP)
        clock = compared(hands)
        hands.time += jump
        clock.ask_system()
        assert clock.read().state is ClockState.UNTRUSTED
        clock.compare(trips(hands, NOON, 0.02, 0.02))
        assert clock.read().state is ClockState.TRUSTED
        assert abs(clock.now() - NOON) < timedelta(milliseconds=1)


def test_after_a_day_without_comparison_the_clock_drifts():
    """A day after the last comparison the time is still played by, and its growing error is told."""
    hands = Hands()
    clock = compared(hands)
    hands.pass_by(25 * 3600)
    reading = clock.read()
    assert reading.state is ClockState.DRIFTING
    assert 4000 < reading.error_ms < 5000


def test_a_hardware_clock_is_believed_after_the_floor_only():
    """A hardware clock is enough, but not one that is earlier than what has certainly passed."""
    hands = Hands(set_by=TimeSource.HARDWARE)
    clock = PlayerClock(hands)
    assert clock.read().state is ClockState.TRUSTED
    clock.raise_floor(NOON + timedelta(hours=1))
    assert clock.read().state is ClockState.UNTRUSTED


def test_the_server_overrides_the_floor():
    """The server may say that it is earlier than the player's floor."""
    hands = Hands()
    clock = compared(hands)
    clock.raise_floor(NOON + timedelta(hours=1))
    assert clock.read().state is ClockState.TRUSTED


def test_a_restarted_player_keeps_its_comparison():
    """Within one start of the machine a new process believes what the old one had compared."""
    hands = Hands(wall=NOON - timedelta(days=3))
    kept = []
    PlayerClock(hands, keep=kept.append).compare(trips(hands, NOON, 0.02, 0.02))
    hands.pass_by(30)
    again = PlayerClock(hands, kept[-1])
    assert again.read().state is ClockState.TRUSTED
    assert abs(again.now() - NOON - timedelta(seconds=30)) < timedelta(milliseconds=1)


def test_after_a_power_cut_a_kept_comparison_is_worth_nothing():
    """Another start of the machine counts its monotonic clock anew."""
    hands = Hands()
    kept = []
    PlayerClock(hands, keep=kept.append).compare(trips(hands, NOON, 0.02, 0.02))
    assert PlayerClock(Hands(boot_id="boot-2"), kept[-1]).read().state is ClockState.UNTRUSTED


def test_monotonic_moments_and_instants_are_each_others_inverse():
    """What is scheduled by monotonic time is what was planned by player time."""
    hands = Hands()
    clock = compared(hands, ahead=timedelta(minutes=7))
    at = NOON + timedelta(hours=1)
    assert abs(clock.at(clock.monotonic_at(at)) - at) < timedelta(microseconds=10)


UNTIL = NOON + timedelta(days=14)


def test_a_phone_gives_an_untrusted_clock_the_time():
    """After a power cut without a network a phone's time is taken: drifting, with its error, and how far it moved."""
    hands = Hands(wall=datetime(1970, 1, 1, tzinfo=UTC))
    clock = PlayerClock(hands)
    clock.raise_floor(NOON - timedelta(hours=1))
    moved = clock.set_by_phone(NOON, 1.5, UNTIL)
    hands.pass_by(10)
    reading = clock.read()
    assert (reading.state, reading.source) == (ClockState.DRIFTING, TimeSource.PHONE)
    assert reading.at == NOON + timedelta(seconds=10)
    assert abs(reading.error_ms - 1500.5) < 0.01
    assert moved == (NOON - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


@pytest.mark.parametrize("at", [NOON - timedelta(seconds=1), UNTIL, UNTIL + timedelta(days=1)])
def test_a_phones_time_lies_between_floor_and_end_of_the_manifest(at):
    """Before what has certainly passed, or after all that could air, a phone is wrong: nothing changes."""
    clock = PlayerClock(Hands())
    clock.raise_floor(NOON)
    with pytest.raises(ClockRefused):
        clock.set_by_phone(at, 1.0, UNTIL)
    assert clock.read().state is ClockState.UNTRUSTED


def test_a_phone_does_not_replace_a_fresh_comparison():
    """What the server told within a day is worth more than any phone."""
    hands = Hands()
    clock = compared(hands)
    with pytest.raises(ClockRefused):
        clock.set_by_phone(NOON + timedelta(minutes=5), 1.0, UNTIL)
    assert abs(clock.now() - NOON) < timedelta(milliseconds=1)


def test_a_phone_is_replaced_by_the_server_not_by_a_hardware_clock():
    """The server's time ends what the phone began; a hardware clock that nobody believed before does not."""
    hands = Hands(wall=NOON - timedelta(hours=3), set_by=TimeSource.HARDWARE)
    clock = PlayerClock(hands)
    clock.set_by_phone(NOON, 1.0, UNTIL)
    hands.pass_by(25 * 3600)
    clock.ask_system()
    assert clock.read().source is TimeSource.PHONE
    clock.compare(trips(hands, NOON + timedelta(hours=25, seconds=2), 0.02))
    assert (clock.read().state, clock.read().source) == (ClockState.TRUSTED, TimeSource.SERVER)
    assert abs(clock.now() - NOON - timedelta(hours=25, seconds=2)) < timedelta(milliseconds=1)


def test_a_drifting_clock_raises_no_floor(tmp_path, server, data):
    """What airs under a phone's time proves nothing about the time: the floor stays where it was."""
    journal = Journal(tmp_path / "journal.db")
    manifests = Manifests(data, load_identity(data))
    body = server.publish()
    manifests.accept(body, server.signed(body))
    clock = PlayerClock(Hands(wall=datetime(1970, 1, 1, tzinfo=UTC)))
    now = server.now()
    moved = set_by_phone(clock, journal, manifests, now, 2.0)
    (note,) = journal.notes(5)
    assert (note.what, note.facts["was"], note.facts["moved_s"]) == ("clock_set_by_phone", "untrusted", round(moved, 3))
    assert journal.floor() is None
    journal.close()


def test_without_a_programme_a_phone_gives_no_time(tmp_path, data):
    """A time can only be held against a manifest."""
    journal = Journal(tmp_path / "journal.db")
    with pytest.raises(ClockRefused):
        set_by_phone(PlayerClock(Hands()), journal, Manifests(data, load_identity(data)), NOON, 1.0)
    journal.close()
