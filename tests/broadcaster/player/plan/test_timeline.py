from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.player.plan.programme import CueId, PlannedCue, lay_out
from broadcaster.player.plan.timeline import TOLERANCE, Facts, OnAir, agenda, begins_again, cuts
from broadcaster.protocol import (
    ClockState,
    Cue,
    Manifest,
    OccurrenceRef,
    Outcome,
    Playlist,
    Priority,
    QuietHours,
    Reason,
)

START = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)  # 17:30 in Vietnam
AUDIO = "a" * 64
LONG_AGO = START - timedelta(days=1)
NAMESPACE = UUID(int=7)


def seconds(value):
    return timedelta(seconds=value)


def a_cue(key, at=0.0, lasts=10.0, grace=60.0, media=AUDIO, **more):
    return Cue(
        key=key,
        offset_ms=int(at * 1000),
        duration_ms=int(lasts * 1000),
        latest_start_ms=int((at + grace) * 1000),
        media=(media,),
        **more,
    )


def a_programme(*playlists, quiet=None, priorities=None, **more):
    """A programme of one occurrence per list of cues, all starting at START."""
    occurrences = tuple(
        OccurrenceRef(
            occurrence_uuid=UUID(int=number + 1),
            starts_at=START,
            ends_at=START + timedelta(minutes=30),
            playlist=f"{number:064d}",
            priority=(priorities or {}).get(number, Priority.ROUTINE),
        )
        for number in range(len(playlists))
    )
    facts = {
        "server_epoch": 1,
        "manifest_id": 1,
        "player": UUID(int=9),
        "village": "un-ta",
        "village_name": "Ún Tà",
        "issued_at": LONG_AGO,
        "valid_until": START + timedelta(days=14),
        "time_zone": "Asia/Ho_Chi_Minh",
        "quiet_hours": quiet,
        "keys": (),
        "occurrences": occurrences,
        "objects": (),
    }
    return lay_out(
        Manifest(**facts | more),
        {f"{number:064d}": Playlist(cues=tuple(cues)) for number, cues in enumerate(playlists)},
    )


def facts(**more):
    known = {"clock_state": ClockState.TRUSTED, "done": set(), "present": {AUDIO}, "born_at": LONG_AGO}
    return Facts(**known | more)


def sounding(programme, index, until):
    return OnAir(programme.cues[index], START + seconds(until))


def skips(plan):
    return [(skip.cue.id[1], skip.outcome, skip.reason) for skip in plan.skips]


def test_a_cue_is_announced_ahead_with_its_exact_time():
    """What sounds next is known before its time, so that it can be decoded."""
    plan = agenda(a_programme([a_cue("one", at=5)]), facts(), START)
    assert (plan.play.cue.id[1], plan.play.at) == ("one", START + seconds(5))


def test_a_late_start_airs_until_the_latest_start():
    """A start later than planned but before the latest start airs at once."""
    plan = agenda(a_programme([a_cue("one", grace=60)]), facts(), START + seconds(59))
    assert plan.play.at == START + seconds(59)
    assert not plan.skips


def test_after_the_latest_start_a_cue_is_too_late():
    """After its latest start a cue is skipped, never aired."""
    plan = agenda(a_programme([a_cue("one", grace=60)]), facts(), START + seconds(61))
    assert skips(plan) == [("one", Outcome.SKIPPED, Reason.TOO_LATE)]
    assert plan.play is None


def test_missing_media_are_waited_for_until_the_latest_start():
    """A cue whose audio has not arrived may still air until its latest start; then it is media_incomplete."""
    programme = a_programme([a_cue("one", grace=60)])
    waiting = agenda(programme, facts(present=set()), START + seconds(30))
    assert (waiting.play, waiting.skips) == (None, ())
    assert agenda(programme, facts(), START + seconds(30)).play is not None
    over = agenda(programme, facts(present=set()), START + seconds(61))
    assert skips(over) == [("one", Outcome.SKIPPED, Reason.MEDIA_INCOMPLETE)]


def test_an_untrusted_clock_plays_nothing_and_judges_nothing():
    """With an untrusted clock nothing airs from the cache and no cue is given up."""
    plan = agenda(a_programme([a_cue("one")]), facts(clock_state=ClockState.UNTRUSTED), START + seconds(500))
    assert (plan.play, plan.skips, plan.look_again_at) == (None, (), None)


def test_what_passed_without_a_clock_says_so():
    """A cue whose latest start passed while the clock was untrusted is skipped for that reason."""
    span = (START - seconds(10), START + seconds(100))
    plan = agenda(a_programme([a_cue("one", grace=60)]), facts(clockless=span), START + seconds(101))
    assert skips(plan) == [("one", Outcome.SKIPPED, Reason.CLOCK_UNTRUSTED)]


def test_a_cue_must_end_before_quiet_hours():
    """A cue airs only if its end lies before the quiet hours of the village."""
    quiet = QuietHours(from_local=time(17, 31), until_local=time(5))
    programme = a_programme([a_cue("fits", lasts=60), a_cue("too long", at=61, lasts=10)], quiet=quiet)
    assert agenda(programme, facts(), START).play.cue.id[1] == "fits"
    plan = agenda(programme, facts(done={programme.cues[0].id}), START + seconds(61))
    assert skips(plan) == [("too long", Outcome.SKIPPED, Reason.QUIET_HOURS)]


@pytest.mark.parametrize(
    ("from_local", "until_local", "quiet"),
    [
        (time(17), time(18), True),
        (time(21), time(5), False),
        (time(16), time(17, 30), False),
        (time(17, 30), time(17, 30), False),
        (time(20), time(18), True),
    ],
)
def test_quiet_hours_may_cross_midnight(from_local, until_local, quiet):
    """Quiet hours are wall clocks of the village, may cross midnight, and equal ends mean none."""
    hours = QuietHours(from_local=from_local, until_local=until_local)
    plan = agenda(a_programme([a_cue("one")], quiet=hours), facts(), START)
    assert (plan.play is None) is quiet


def test_an_emergency_passes_quiet_hours():
    """Emergencies are heard in quiet hours."""
    quiet = QuietHours(from_local=time(17), until_local=time(18))
    programme = a_programme([a_cue("flood", priority=Priority.EMERGENCY)], quiet=quiet)
    assert agenda(programme, facts(), START).play is not None


def test_an_expired_cue_is_not_aired():
    """A cue that expired before its start is skipped as expired."""
    plan = agenda(a_programme([a_cue("one", expires_at=START)]), facts(), START)
    assert skips(plan) == [("one", Outcome.SKIPPED, Reason.EXPIRED)]


def test_after_the_manifest_has_expired_there_is_silence():
    """Nothing airs once the manifest is no longer valid."""
    plan = agenda(a_programme([a_cue("one")], valid_until=START), facts(), START)
    assert skips(plan) == [("one", Outcome.SKIPPED, Reason.EXPIRED)]


def test_not_before_holds_a_cue_back():
    """A cue does not start before its not_before."""
    programme = a_programme([a_cue("one", not_before=START + seconds(20))])
    assert agenda(programme, facts(), START).play.at == START + seconds(20)


def test_after_a_lost_journal_nothing_older_airs():
    """What was planned before the journal began may have been heard: it neither airs nor gets a row."""
    programme = a_programme([a_cue("before"), a_cue("after", at=20)])
    plan = agenda(programme, facts(born_at=START + seconds(5)), START + seconds(6))
    assert plan.play.cue.id[1] == "after"
    assert not plan.skips


def test_a_done_cue_is_never_planned_again():
    """A cue with a row in the journal is over."""
    programme = a_programme([a_cue("one")])
    plan = agenda(programme, facts(done={programme.cues[0].id}), START)
    assert (plan.play, plan.skips) == (None, ())


def test_a_cue_that_was_moved_is_the_same_cue():
    """A cue is known by its occurrence and key: aired once, it is not aired at another second of a newer playlist."""
    programme, moved = a_programme([a_cue("one")]), a_programme([a_cue("one", at=60)])
    assert programme.cues[0].id == moved.cues[0].id
    assert agenda(moved, facts(done={programme.cues[0].id}), START).play is None


def test_a_broken_output_fails_a_cue_only_when_its_time_is_over():
    """While the device is away cues wait; after their latest start they are failed, not skipped."""
    programme = a_programme([a_cue("one", grace=60)])
    assert agenda(programme, facts(output_ready=False), START + seconds(30)).play is None
    plan = agenda(programme, facts(output_ready=False), START + seconds(61))
    assert skips(plan) == [("one", Outcome.FAILED, Reason.OUTPUT_FAILED)]


def test_at_the_same_time_the_more_urgent_goes_first():
    """Of two cues of the same second the higher priority sounds first."""
    programme = a_programme([a_cue("routine")], [a_cue("important")], priorities={1: Priority.IMPORTANT})
    assert agenda(programme, facts(), START).play.cue.id[1] == "important"


def test_a_late_cue_moves_no_other():
    """A cue that is late waits rather than delaying one that is in time."""
    programme = a_programme([a_cue("late", lasts=30, grace=300), a_cue("in time", at=31, lasts=10)])
    assert agenda(programme, facts(), START + seconds(5)).play.cue.id[1] == "in time"
    done = {programme.cues[1].id}
    assert agenda(programme, facts(done=done), START + seconds(41)).play.cue.id[1] == "late"


def test_a_late_cue_that_fits_in_the_gap_airs():
    """A late cue airs before the next one when it ends in time."""
    programme = a_programme([a_cue("late", lasts=10), a_cue("in time", at=31)])
    assert agenda(programme, facts(), START + seconds(5)).play.cue.id[1] == "late"


LEVELS = [Priority.ROUTINE, Priority.IMPORTANT, Priority.EMERGENCY]


@pytest.mark.parametrize("current", LEVELS)
@pytest.mark.parametrize("new", LEVELS)
def test_the_nine_pairs_of_interruption(current, new):
    """An emergency cuts whatever is none, at once; everything else waits for the end of the current cue."""
    programme = a_programme([a_cue("current", lasts=30, priority=current)], [a_cue("new", at=10, priority=new)])
    on_air, coming = programme.cues
    plan = agenda(programme, facts(done={on_air.id}, on_air=[sounding(programme, 0, 30)]), START + seconds(10))
    interrupts = new is Priority.EMERGENCY and current is not Priority.EMERGENCY
    assert cuts(coming, on_air) is interrupts
    assert plan.play.at == START + seconds(10 if interrupts else 30)


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_planned_begins_while_an_alert_has_the_loudspeaker(level):
    """Whatever its level it waits until the alert is over, and airs then if it still may."""
    programme = a_programme([a_cue("waits", grace=60, priority=level)])
    assert agenda(programme, facts(held=True), START + seconds(30)).play is None
    assert agenda(programme, facts(), START + seconds(30)).play.at == START + seconds(30)
    assert skips(agenda(programme, facts(held=True), START + seconds(61))) == [
        ("waits", Outcome.SKIPPED, Reason.TOO_LATE)
    ]


def test_only_an_alert_gives_a_second_attempt_and_never_a_third():
    """After a planned emergency, a power cut or a stop a cue stays partial."""
    (cue,) = a_programme([a_cue("one")]).cues
    assert begins_again(cue, Reason.INTERRUPTED, 1, cut_by_alert=True)
    assert not begins_again(cue, Reason.INTERRUPTED, 2, cut_by_alert=True)
    for reason in (Reason.INTERRUPTED, Reason.POWER_CUT, Reason.SHUT_DOWN, Reason.OUTPUT_FAILED, Reason.WITHDRAWN):
        assert not begins_again(cue, reason, 1, cut_by_alert=False)


@pytest.mark.parametrize("waiting", LEVELS)
@pytest.mark.parametrize("other", LEVELS)
def test_who_goes_first_when_the_current_cue_ends(waiting, other):
    """Of the cues that wait, the higher level goes first, and of equals the one planned earlier."""
    programme = a_programme(
        [a_cue("current", lasts=30, priority=Priority.EMERGENCY)],
        [a_cue("waiting", at=10, priority=waiting)],
        [a_cue("other", at=20, priority=other)],
    )
    plan = agenda(
        programme, facts(done={programme.cues[0].id}, on_air=[sounding(programme, 0, 30)]), START + seconds(25)
    )
    assert plan.play.cue.id[1] == ("other" if LEVELS.index(other) > LEVELS.index(waiting) else "waiting")


cue_plans = st.builds(
    lambda at, lasts, grace, priority, media: (at, lasts, grace, priority, media),
    st.integers(0, 120),
    st.integers(1, 40),
    st.integers(0, 90),
    st.sampled_from(LEVELS),
    st.sampled_from(["a", "b", "c"]),
)


@settings(max_examples=300, deadline=None)
@given(
    plans=st.lists(st.lists(cue_plans, max_size=6), min_size=1, max_size=3),
    arrivals=st.fixed_dictionaries({letter: st.integers(-10, 250) for letter in "abc"}),
    untrusted=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=2),
    crashes=st.sets(st.integers(1, 240), max_size=3),
    first_look=st.integers(-20, 120),
    quiet_from=st.none() | st.integers(0, 4),
)
def test_nothing_twice_nothing_lost_nothing_at_once(plans, arrivals, untrusted, crashes, first_look, quiet_from):
    """Whatever happens, each planned cue ends with exactly one row, and no two sound at the same time."""
    quiet = None if quiet_from is None else QuietHours(from_local=time(17, 30 + quiet_from), until_local=time(5))
    programme = a_programme(
        *(
            [
                a_cue(str(uuid5(NAMESPACE, f"{n}")), at, lasts, grace, media * 64, priority=priority)
                for n, (at, lasts, grace, priority, media) in enumerate(cues)
            ]
            for cues in plans
        ),
        quiet=quiet,
    )
    village = Simulation(programme, arrivals, untrusted, crashes, quiet)
    village.run(START + seconds(first_look), START + seconds(400))
    assert sorted(village.rows) == sorted(cue.id for cue in programme.cues)
    heard = sorted(village.heard, key=lambda sound: sound[1])
    for (_, _, ended), (_, begun, _) in pairwise(heard):
        assert begun >= ended
    for cue, begun, ended in heard:
        assert cue.at <= begun <= cue.latest_at + TOLERANCE
        assert quiet is None or cue.priority is Priority.EMERGENCY or ended <= village.quiet_start + TOLERANCE


class Simulation:
    """A player of ideal devices: it does at once what the timeline says, and crashes when it is told to."""

    def __init__(self, programme, arrivals, untrusted, crashes, quiet):
        self.programme = programme
        self.arrivals = arrivals
        self.untrusted = untrusted
        self.crashes = crashes
        self.quiet_start = quiet and START.replace(minute=quiet.from_local.minute)
        self.rows: list[CueId] = []
        self.heard: list[tuple[PlannedCue, datetime, datetime]] = []
        self.on_air: list[OnAir] = []
        self.begun = START

    def run(self, now, end):
        while now < end:
            now = max(now + timedelta(milliseconds=1), min(self.step(now), self.next_outside_event(now), end))
        self.silence(end)

    def step(self, now):
        elapsed = (now - START).total_seconds()
        if self.on_air and self.on_air[0].ends_at <= now:
            self.silence(self.on_air[0].ends_at)
        if any(crash <= elapsed < crash + 1 for crash in self.crashes):
            self.silence(now)
        plan = agenda(self.programme, self.facts(elapsed), now)
        self.rows += [skip.cue.id for skip in plan.skips]
        if plan.play is None:
            return plan.look_again_at or now + seconds(500)
        if plan.play.at > now:
            return min(plan.play.at, plan.look_again_at or plan.play.at)
        assert all(cuts(plan.play.cue, on_air.cue) for on_air in self.on_air)
        self.silence(now)
        self.rows.append(plan.play.cue.id)
        self.on_air, self.begun = [OnAir(plan.play.cue, now + plan.play.cue.duration)], now
        return now

    def facts(self, elapsed):
        lost = any(begins <= elapsed < begins + lasts for begins, lasts in self.untrusted)
        return facts(
            clock_state=ClockState.UNTRUSTED if lost else ClockState.TRUSTED,
            done=set(self.rows),
            present={letter * 64 for letter, arrival in self.arrivals.items() if arrival <= elapsed},
            on_air=self.on_air,
        )

    def next_outside_event(self, now):
        changes = [*self.arrivals.values(), *self.crashes]
        changes += [instant for begins, lasts in self.untrusted for instant in (begins, begins + lasts)]
        later = [START + seconds(change) for change in changes if START + seconds(change) > now]
        return min([*later, *(on_air.ends_at for on_air in self.on_air)], default=now + seconds(500))

    def silence(self, now):
        for on_air in self.on_air:
            self.heard.append((on_air.cue, self.begun, min(now, on_air.ends_at)))
        self.on_air = []
