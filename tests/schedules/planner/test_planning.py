"""The planner's decisions, one test per rule."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from content.kernel.priority import Priority
from schedules.planner import Aired, Because, Plan, WhyNot, plan
from tests.schedules.planner.values import QUIET, SUNDAY, chime, item, opening, part, village


def heard(made: Plan) -> list[list[int]]:
    """The announcements' numbers by opening."""
    return [[cue.announcement_uuid.int for cue in planned.programme] for planned in made.planned]


def refused(made: Plan) -> list[dict[int, WhyNot]]:
    return [{it.announcement_uuid.int: it.why for it in planned.not_placed} for planned in made.planned]


def test_cues_follow_each_other_with_a_pause() -> None:
    """The second cue begins one and a half seconds after the end of the first."""
    cues = plan(village([opening()], [item(1), item(2)])).planned[0].programme
    assert [(cue.offset_ms, cue.duration_ms) for cue in cues] == [(0, 60_000), (61_500, 60_000)]


def test_higher_priorities_go_first() -> None:
    """Emergencies before important ones before routine ones, whatever was booked first."""
    items = [item(1), item(2, priority=Priority.IMPORTANT), item(3, priority=Priority.EMERGENCY)]
    assert heard(plan(village([opening()], items))) == [[3, 2, 1]]


def test_what_was_planned_least_goes_first() -> None:
    """Among equal priorities the history decides before the order of booking."""
    history = ((UUID(int=1), 4), (UUID(int=2), 1))
    assert heard(plan(village([opening()], [item(1), item(2), item(3)], history=history))) == [[3, 2, 1]]


def test_fairness_goes_on_from_day_to_day() -> None:
    """With room for one a day, two announcements take turns."""
    days = [opening(minutes=1, on=SUNDAY + timedelta(days=n)) for n in range(4)]
    assert heard(plan(village(days, [item(1), item(2)]))) == [[1], [2], [1], [2]]


def test_then_the_order_of_booking_decides() -> None:
    """Equal in right and history: the earlier booking first."""
    assert heard(plan(village([opening()], [item(1, order=9), item(2, order=3)]))) == [[2, 1]]


def test_what_does_not_fit_goes_to_the_next_slot_and_the_plan_says_so() -> None:
    """The full opening names what it refused with the time it lacked; the next one says why it has it."""
    made = plan(village([opening("11:00", 1), opening("17:00")], [item(1), item(2)]))
    assert heard(made) == [[1], [2]]
    assert refused(made) == [{2: WhyNot.NO_ROOM}, {}]
    assert dict(made.planned[0].not_placed[0].facts) == {"needs_ms": 60_000, "room_ms": 0}
    assert made.planned[1].programme[0].because is Because.MOVED_ON


def test_a_shorter_one_may_use_the_room_a_longer_one_could_not() -> None:
    """Room is not left empty because the first in line is too long for it."""
    assert heard(plan(village([opening(minutes=2)], [item(1), item(2, 90), item(3, 30)]))) == [[1, 3]]


def test_what_is_longer_than_the_slot_is_told_apart_from_what_finds_it_full() -> None:
    """No waiting will help the author of the former."""
    assert refused(plan(village([opening(minutes=1)], [item(1, 61)]))) == [{1: WhyNot.LONGER_THAN_SLOT}]


def test_repeats_are_spread_over_the_slots_before_one_slot_repeats() -> None:
    """Three times a day in two slots: once in each, and the third time again in the first."""
    made = plan(village([opening("11:00"), opening("17:00")], [item(1, times_per_day=3)]))
    assert heard(made) == [[1, 1], [1]]


def test_everyone_is_heard_before_anyone_is_repeated() -> None:
    """A repeat within a slot comes after the other announcements of it."""
    assert heard(plan(village([opening()], [item(1, times_per_day=2), item(2)]))) == [[1, 2, 1]]


def test_keys_count_the_airings_of_a_day_in_order_of_time() -> None:
    """A key is announcement, language and which airing of the day."""
    made = plan(village([opening("11:00"), opening("17:00")], [item(1, times_per_day=3)]))
    keys = [cue.key for planned in made.planned for cue in planned.programme]
    assert keys == [f"{UUID(int=1)}/vi/{repeat}" for repeat in (1, 2, 3)]


def test_a_new_day_counts_anew() -> None:
    """Once a day means once on each day."""
    assert heard(plan(village([opening(), opening(on=SUNDAY + timedelta(days=1))], [item(1)]))) == [[1], [1]]


def test_dates_are_both_included() -> None:
    """An announcement airs from its first to its last local date."""
    days = [opening(on=SUNDAY + timedelta(days=n)) for n in (-1, 0, 1, 2)]
    assert heard(plan(village(days, [item(1, until_on=SUNDAY + timedelta(days=1))]))) == [[], [1], [1], []]


def test_a_booked_slot_is_the_only_one() -> None:
    """Other openings are not taken, even if earlier, and the cue says that it was chosen."""
    evening = opening("17:00")
    made = plan(village([opening("11:00"), evening], [item(1, slots=(evening.slot_uuid,), times_per_day=2)]))
    assert heard(made) == [[], [1, 1]]
    assert made.planned[1].programme[0].because is Because.CHOSEN_SLOT


def test_the_first_of_the_day_and_the_repeat_say_so() -> None:
    """Every cue answers why it is there, with the facts of it."""
    first, again = (
        plan(village([opening()], [item(1, times_per_day=2)], history=((UUID(int=1), 7),))).planned[0].programme
    )
    assert (first.because, again.because) == (Because.FIRST_ROOM, Because.REPEAT)
    assert dict(again.facts) == {"repeat": 2, "times_per_day": 2, "planned_before": 8}


def test_a_villages_languages_follow_each_other_in_its_order() -> None:
    """The parts of one announcement are one block, in the village's order, without those it does not speak."""
    parts = (part(30, "vi"), part(40, "hmn"), part(50, "tay"))
    made = plan(village([opening()], [item(1, parts=parts), item(2, parts=parts)], languages=("hmn", "vi")))
    found = [(cue.announcement_uuid.int, cue.language) for cue in made.planned[0].programme]
    assert found == [(1, "hmn"), (1, "vi"), (2, "hmn"), (2, "vi")]


def test_a_block_is_placed_whole_or_not_at_all() -> None:
    """One language without the other is not aired."""
    parts = (part(40, "vi"), part(40, "hmn"))
    assert heard(plan(village([opening(minutes=1)], [item(1, parts=parts)], languages=("vi", "hmn")))) == [[]]


def test_an_announcement_in_no_language_of_the_village_is_not_placed() -> None:
    """It is named once for the whole plan, not at every opening."""
    made = plan(village([opening()], [item(1)], languages=("hmn",)))
    assert [it.why for it in made.not_placed] == [WhyNot.NO_LANGUAGE]
    assert refused(made) == [{}]


def test_an_announcement_without_any_opening_is_told() -> None:
    """Booked for days on which nothing opens."""
    made = plan(village([opening(on=SUNDAY - timedelta(days=1))], [item(1)]))
    assert [it.why for it in made.not_placed] == [WhyNot.NO_OPENING]


def test_the_end_of_a_cue_lies_before_the_quiet_hours() -> None:
    """An opening that runs into them takes what ends by 21:30 and refuses the rest."""
    made = plan(village([opening("21:25", 10)], [item(1, 200), item(2, 98), item(3, 98)], quiet=QUIET))
    assert heard(made) == [[1, 2]]
    assert refused(made) == [{3: WhyNot.QUIET_HOURS}]


def test_emergencies_pass_the_quiet_hours() -> None:
    """They are planned at any hour."""
    items = [item(1), item(2, priority=Priority.EMERGENCY)]
    assert heard(plan(village([opening("23:00")], items, quiet=QUIET))) == [[2]]


def test_an_opening_that_begins_in_quiet_hours_is_filled_from_their_end() -> None:
    """At 04:50 nothing, from 05:00 on what fits."""
    made = plan(village([opening("04:50", 15)], [item(1)], quiet=QUIET))
    assert [cue.offset_ms for cue in made.planned[0].programme] == [600_000]


def test_an_expired_announcement_is_not_planned() -> None:
    """From its expiry on it is no candidate; if it would expire while it sounds, the opening says so."""
    at = opening().starts_at
    made = plan(village([opening()], [item(1, expires_at=at), item(2, expires_at=at + timedelta(seconds=59))]))
    assert heard(made) == [[]]
    assert refused(made) == [{2: WhyNot.EXPIRES}]


def test_a_cue_carries_its_dates_for_the_player() -> None:
    """Not before the first local midnight, not after its expiry."""
    expires_at = datetime(2026, 11, 25, 3, tzinfo=UTC)
    (cue,) = plan(village([opening()], [item(1, expires_at=expires_at)])).planned[0].programme
    assert (cue.not_before, cue.expires_at) == (datetime(2026, 11, 21, 17, tzinfo=UTC), expires_at)


@pytest.mark.parametrize(("seconds", "minutes", "latest"), [(60, 10, 120_000), (60, 2, 90_000), (120, 2, 30_000)])
def test_the_latest_start_ends_within_the_tolerance(seconds: int, minutes: int, latest: int) -> None:
    """Two minutes late at most, and never sounding more than 30 seconds beyond the end of the slot."""
    (cue,) = plan(village([opening(minutes=minutes)], [item(1, seconds)])).planned[0].programme
    assert cue.latest_start_ms == latest


def test_a_begun_opening_counts_and_is_not_planned() -> None:
    """What it airs is not wanted again on that day, and the numbers of the day go on after it."""
    begun = opening("11:00", begun=(Aired(UUID(int=1), 0, 60_000), Aired(UUID(int=2), 61_500, 121_500)))
    made = plan(village([begun, opening("17:00")], [item(1, times_per_day=2), item(2)]))
    assert heard(made) == [[1]]
    assert made.planned[0].programme[0].key == f"{UUID(int=1)}/vi/2"


def test_a_booking_of_the_same_announcement_twice_does_not_repeat_it_at_once() -> None:
    """Two bookings of one announcement count as its repeats: the others of the slot come between."""
    items = [item(1), item(1, order=2), item(3)]
    assert heard(plan(village([opening()], items))) == [[1, 3, 1]]


HOUR_MS = 3_600_000


def test_a_repeat_keeps_its_gap() -> None:
    """An hour after the end of the first airing it may be heard again, and the refusal tells what it follows."""
    openings = [opening("11:00"), opening("11:30"), opening("12:01")]
    made = plan(village(openings, [item(1, times_per_day=2, gap_ms=HOUR_MS)]))
    assert heard(made) == [[1], [], [1]]
    assert refused(made) == [{}, {1: WhyNot.TOO_SOON}, {}]
    facts = dict(made.planned[1].not_placed[0].facts)
    assert facts == {"gap_minutes": 60, "heard_at": "2026-11-22T04:01:00+00:00"}


def test_the_gap_holds_over_midnight() -> None:
    """Heard late yesterday, it waits this morning."""
    openings = [opening("23:50"), opening("00:10", on=SUNDAY + timedelta(days=1))]
    assert heard(plan(village(openings, [item(1, gap_ms=HOUR_MS)]))) == [[1], []]
    late = ((UUID(int=1), opening("23:55").starts_at),)
    assert heard(plan(village(openings[1:], [item(1, gap_ms=HOUR_MS)], recent=late))) == [[]]


def test_emergencies_are_not_kept_apart() -> None:
    """What is urgent may be said again at once."""
    urgent = item(1, times_per_day=2, gap_ms=HOUR_MS, priority=Priority.EMERGENCY)
    assert heard(plan(village([opening("11:00")], [urgent]))) == [[1, 1]]


def test_what_is_too_soon_is_said_once_a_day_for_each_slot() -> None:
    """A slot that opens every few minutes is not filled with the same refusal."""
    openings = [opening(f"11:{minute:02}", 2, slot=7) for minute in range(0, 50, 10)]
    made = plan(village(openings, [item(1, times_per_day=9, gap_ms=HOUR_MS)]))
    assert refused(made) == [{}, {1: WhyNot.TOO_SOON}, {}, {}, {}]


def test_every_opening_is_once_in_each_whatever_the_number() -> None:
    """The others are heard before and after it as always."""
    openings = [opening("11:00"), opening("17:00")]
    made = plan(village(openings, [item(1, every_opening=True), item(2)]))
    assert heard(made) == [[1, 2], [1]]
    assert {cue.because for it in made.planned for cue in it.programme if cue.announcement_uuid == UUID(int=1)} == {
        Because.EVERY_OPENING
    }


def test_a_booking_may_name_several_slots() -> None:
    """Only they take it."""
    morning, noon, evening = opening("06:00"), opening("11:00"), opening("17:00")
    slots = (morning.slot_uuid, evening.slot_uuid)
    assert heard(plan(village([morning, noon, evening], [item(1, slots=slots, times_per_day=3)]))) == [[1, 1], [], [1]]


def test_chimes_stand_before_the_first_and_after_the_last_announcement() -> None:
    """With the pause of all cues, of no announcement, and with their reason."""
    made = plan(village([opening(opens_with=chime(2), closes_with=chime(3))], [item(1), item(2)]))
    cues = made.planned[0].programme
    assert [cue.offset_ms for cue in cues] == [0, 3_500, 65_000, 126_500]
    assert [cue.key for cue in cues[::3]] == ["chime/opening", "chime/closing"]
    assert [cue.because for cue in cues[::3]] == [Because.OPENS, Because.CLOSES]
    assert {cue.announcement_uuid for cue in cues[::3]} == {None}


def test_chimes_take_their_room_from_the_slot() -> None:
    """What no longer fits between them is told how much is left."""
    made = plan(village([opening(minutes=1, opens_with=chime(2), closes_with=chime(3))], [item(1), item(2, 53)]))
    assert refused(made) == [{1: WhyNot.LONGER_THAN_SLOT, 2: WhyNot.LONGER_THAN_SLOT}]
    assert dict(made.planned[0].not_placed[0].facts)["room_ms"] == 52_000


def test_an_opening_without_announcements_has_no_chimes() -> None:
    """Nothing is announced by nothing."""
    assert heard(plan(village([opening(opens_with=chime(2))], []))) == [[]]


def test_in_quiet_hours_only_the_emergency_itself_sounds() -> None:
    """No chime wakes anybody; the emergency begins at once."""
    urgent = item(1, priority=Priority.EMERGENCY)
    night = opening("23:00", opens_with=chime(2), closes_with=chime(3))
    (cue,) = plan(village([night], [urgent], quiet=QUIET)).planned[0].programme
    assert (cue.offset_ms, cue.priority) == (0, Priority.EMERGENCY)


def test_after_quiet_hours_the_chime_comes_right_before_the_first() -> None:
    """An opening of 04:50 begins at 05:00 with its chime."""
    made = plan(village([opening("04:50", 15, opens_with=chime(2))], [item(1)], quiet=QUIET))
    assert [cue.offset_ms for cue in made.planned[0].programme] == [600_000, 603_500]


def test_of_two_openings_that_meet_the_later_one_begins_after_the_other() -> None:
    """Slots that meet once in many years pass each other by."""
    made = plan(village([opening("11:00", 10), opening("11:05", 10)], [item(1, every_opening=True)]))
    assert [it.programme[0].offset_ms for it in made.planned] == [0, 300_000]
