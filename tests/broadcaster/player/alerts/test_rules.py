"""What of alerts sounds when, without a clock, a file or a thread."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.player.alerts.rules import (
    NOTHING,
    Call,
    End,
    Heard,
    Standing,
    Voice,
    call_of,
    cuts,
    due_in,
    end_of,
    goes_on,
    holds,
    may_last,
    next_up,
    outspoken,
)
from broadcaster.protocol import Alert, AlertAudience, AlertScope

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
OWN, FALLBACK = ("a" * 64,), ("f" * 64,)
VILLAGE = UUID(int=1)


def seconds(value):
    return timedelta(seconds=value)


def a_call(number=1, **more):
    facts = {
        "alert_uuid": UUID(int=number),
        "version": 1,
        "scope": AlertScope.ACTUAL,
        "title": "Lũ quét",
        "issued_at": NOW,
        "starts_at": NOW,
        "expires_at": NOW + seconds(600),
        "max_sounding": seconds(300),
        "media": OWN,
        "fallback": FALLBACK,
        "pause": seconds(3),
    }
    return Call(**facts | more)


def a_standing(call=None, *, at=0.0, lasts=10.0, voice=OWN, heard=Heard(), **more):  # noqa: B008 - a frozen value
    facts = {"allowed": True, "voice": Voice(voice, seconds(lasts)) if voice else None}
    return Standing(call=call or a_call(), now=NOW + seconds(at), heard=heard, **facts | more)


def test_an_alert_sounds_on_arrival_or_when_it_starts():
    """What has begun is due now; what begins later is due then."""
    assert due_in(a_standing()) == NOTHING
    later = a_standing(a_call(starts_at=NOW + seconds(30)))
    assert due_in(later) == seconds(30)
    assert not holds(later)


@pytest.mark.parametrize(
    ("standing", "end"),
    [
        (a_standing(), None),
        (a_standing(a_call(cancelled=True), sounding=True), End.CANCELLED),
        (a_standing(at=600, sounding=True), End.EXPIRED),
        (a_standing(a_call(repeats=2), heard=Heard(seconds(20), 2)), End.REPEATED),
        (a_standing(a_call(repeats=2), heard=Heard(seconds(20), 1)), None),
        (a_standing(a_call(repeats=2), voice=FALLBACK, heard=Heard(seconds(20), 2)), None),
        (a_standing(heard=Heard(seconds(300))), End.LONGEST),
        (a_standing(heard=Heard(seconds(295), 29)), End.LONGEST),
        (a_standing(heard=Heard(seconds(295), 29), sounding=True), None),
        (a_standing(heard=Heard(seconds(4))), None),
        (a_standing(lasts=400), None),
        (a_standing(a_call(audible=False)), End.SILENT),
        (a_standing(a_call(audible=False), voice=None), None),
        (a_standing(at=600, allowed=False), None),
    ],
)
def test_when_an_alert_is_over(standing, end):
    """Cancelled, expired, repeated often enough, or sounded as long as it may; half a repeat is not begun."""
    assert end_of(standing) is end


def test_the_fallback_repeats_no_oftener_and_then_leaves_the_loudspeaker():
    """What was to be heard twice is heard twice, be it the fallback; its own audio may still come."""
    repeated = a_standing(a_call(repeats=2), voice=FALLBACK, heard=Heard(seconds(20), 2))
    assert not holds(repeated)
    assert next_up([repeated]) is None
    assert holds(replace(repeated, voice=Voice(OWN, seconds(10)), heard=Heard(seconds(20), 0)))


def test_nothing_sounds_from_the_cache_while_the_clock_is_not_believed():
    """Only what came live, or was started here, is allowed then."""
    assert not holds(a_standing(allowed=False))
    assert next_up([a_standing(allowed=False)]) is None


def test_a_meant_alert_cuts_an_exercise_and_never_the_other_way():
    """Equals that are as old take turns at the end of a repeat; an exercise never cuts what is meant."""
    meant, exercise = a_standing(), a_standing(a_call(2, scope=AlertScope.EXERCISE))
    assert cuts(meant, exercise)
    assert not cuts(exercise, meant)
    assert not cuts(meant, meant)
    assert not cuts(exercise, exercise)
    assert next_up([exercise, meant]) is meant
    assert next_up([exercise, replace(meant, sounding=True)]) is None


def test_a_newer_alert_cuts_an_older_one_of_its_kind_once():
    """Who called last is heard first; once heard, it waits for the end of the other's repeat."""
    older, newer = a_standing(), a_standing(a_call(2, issued_at=NOW + seconds(9)))
    assert cuts(newer, older)
    assert not cuts(older, newer)
    assert not cuts(replace(newer, silent_for=seconds(60)), older)
    assert next_up([older, newer]) is newer
    exercise = a_standing(a_call(3, issued_at=NOW + seconds(99), scope=AlertScope.EXERCISE))
    assert not cuts(exercise, older)


def test_what_a_newer_version_says_too_sounds_on():
    """Unless it may last shorter, is over, or is no longer to be heard."""
    call = a_call()
    assert goes_on(call, a_standing(a_call(version=2)), OWN)
    assert not goes_on(call, a_standing(a_call(version=2)), FALLBACK)
    for less in ({"cancelled": True}, {"audible": False}, {"max_sounding": seconds(1)}):
        assert not goes_on(call, a_standing(a_call(version=2, **less)), OWN)


def test_own_words_cut_what_stood_in_for_them():
    """The fallback is given up as soon as the words are here, and not for anything else."""
    assert outspoken(a_standing(), FALLBACK)
    assert not outspoken(a_standing(), OWN)
    assert not outspoken(a_standing(voice=FALLBACK), FALLBACK)


def test_two_alerts_take_turns():
    """Who has been silent longest is next."""
    first = a_standing(silent_for=seconds(4), heard=Heard(seconds(10), 1))
    second = a_standing(a_call(2), silent_for=seconds(20), heard=Heard(seconds(10), 1))
    third = a_standing(a_call(3))
    assert next_up([first, second, third]) is third
    assert next_up([first, second]) is second


def test_a_village_that_is_not_addressed_hears_nothing():
    """Each village hears what is meant for it."""
    alert = Alert(
        alert_uuid=UUID(int=5),
        version=1,
        server_epoch=1,
        scope=AlertScope.ACTUAL,
        title="Lũ quét",
        issued_at=NOW,
        starts_at=NOW,
        expires_at=NOW,
        max_sounding_ms=1000,
        audiences=(AlertAudience(villages=(VILLAGE,), media=OWN),),
    )
    assert call_of(alert, VILLAGE).media == OWN
    assert call_of(alert, UUID(int=2)) is None


plans = st.fixed_dictionaries(
    {
        "starts": st.integers(0, 60),
        "lives": st.integers(1, 200),
        "most": st.integers(0, 60),
        "lasts": st.integers(1, 30),
        "fallback_lasts": st.integers(1, 10),
        "repeats": st.integers(0, 4),
        "pause": st.integers(0, 10),
        "cancelled": st.none() | st.integers(0, 150),
        "own_at": st.none() | st.integers(0, 100),
        "fallback_at": st.none() | st.integers(0, 20),
        "scope": st.sampled_from(AlertScope),
        "audible": st.sampled_from([True, True, True, False]),
    }
)


@settings(max_examples=300, deadline=None)
@given(st.lists(plans, min_size=1, max_size=3), st.sets(st.integers(1, 200), max_size=3))
def test_never_two_at_once_and_never_after_the_end(plans, crashes):
    """Whatever comes: one sound at a time, none after cancel, expiry or the longest time, no repeat too many."""
    village = Village(plans, crashes)
    village.run(300)
    sounds = sorted(village.heard, key=lambda sound: sound[1])
    for (_, _, ended, _, _), (_, begun, _, _, _) in pairwise(sounds):
        assert begun >= ended
    for number, plan in enumerate(plans):
        own = [sound for sound in sounds if sound[0] == number]
        assert plan["audible"] or not own
        assert sum(ended - begun for _, begun, ended, _, _ in own) <= plan["most"]
        for _, begun, ended, _, _ in own:
            assert plan["starts"] <= begun
            assert ended <= plan["starts"] + plan["lives"]
            assert plan["cancelled"] is None or ended <= plan["cancelled"]
        for media in (OWN, FALLBACK):
            whole = [sound for sound in own if sound[3] == media and sound[4]]
            assert not plan["repeats"] or len(whole) <= plan["repeats"]
        # Whoever may sound and has a voice is heard, unless a meant alert takes the exercise's time.
        kept = plan["cancelled"] is None and plan["audible"] and plan["most"] and plan["fallback_at"] == 0
        assert not kept or len(plans) > 1 or own


class Village:
    """An ideal player in steps of a second: it does what the rules say, and crashes when told to."""

    def __init__(self, plans, crashes):
        self.plans = plans
        self.crashes = crashes
        self.heard = []
        self.sounding = None
        self.ended = {}

    def run(self, until):
        for now in range(until):
            self.step(now)
        self.silence(until)

    def step(self, now):
        if now in self.crashes:
            self.silence(now)
            self.ended.clear()
        if self.sounding and self.sounding[2] <= now:
            self.silence(now)
        going = []
        for number in range(len(self.plans)):
            standing = self.standing(number, now)
            if end_of(standing):
                if self.sounding and self.sounding[0] == number:
                    self.silence(now)
            else:
                going.append(standing)
        new = next_up(going)
        if new and due_in(new) == NOTHING and all(cuts(new, other) for other in going if other.sounding):
            self.silence(now)
            lasts = int(may_last(new).total_seconds())
            number = new.call.alert_uuid.int
            whole = lasts == int(new.voice.length.total_seconds())
            self.sounding = (number, now, now + lasts, new.voice.media, whole)

    def standing(self, number, now):
        plan = self.plans[number]
        voice, lasts = None, 1
        for media, at, length in (
            (OWN, plan["own_at"], plan["lasts"]),
            (FALLBACK, plan["fallback_at"], plan["fallback_lasts"]),
        ):
            if voice is None and at is not None and at <= now:
                voice, lasts = media, length
        own = [sound for sound in self.heard if sound[0] == number]
        call = a_call(
            number,
            scope=plan["scope"],
            starts_at=NOW + seconds(plan["starts"]),
            expires_at=NOW + seconds(plan["starts"] + plan["lives"]),
            max_sounding=seconds(plan["most"]),
            repeats=plan["repeats"],
            pause=seconds(plan["pause"]),
            audible=plan["audible"],
            cancelled=plan["cancelled"] is not None and plan["cancelled"] <= now,
        )
        return a_standing(
            call,
            at=now,
            lasts=lasts,
            voice=voice,
            heard=Heard(
                seconds(sum(ended - begun for _, begun, ended, _, _ in own)),
                sum(whole for _, _, _, media, whole in own if media == voice),
            ),
            silent_for=seconds(now - self.ended[number]) if number in self.ended else None,
            sounding=self.sounding is not None and self.sounding[0] == number,
        )

    def silence(self, now):
        if self.sounding:
            number, begun, ends, media, whole = self.sounding
            self.heard.append((number, begun, min(now, ends), media, whole and now >= ends))
            self.ended[number] = now
            self.sounding = None
