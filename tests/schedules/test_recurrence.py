"""Recurrences: expansion, odd local times, names of occurrences, overlaps."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.kernel.units import DurationMs
from schedules.days import parse
from schedules.errors import (
    BadRecurrence,
    NeverRecurs,
    SlotOverlapsItself,
    SlotTooLong,
    SlotWithoutLength,
    UntilBeforeFrom,
)
from schedules.recurrence import DAY, Rule, check, first_clash, instances, occurrence_uuid

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")
"""A zone whose clocks are changed: 29 March 2026 at 02:00 (forward), 25 October 2026 at 03:00 (back)."""
SLOT, VILLAGE = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def rule(rrule: str | None, start: str = "17:00", minutes: int = 15, on: date = date(2026, 11, 22), **more) -> Rule:
    return Rule(time.fromisoformat(start), DurationMs(minutes * 60_000), on, rrule=rrule, **more)


def walls(made: Rule, zone: ZoneInfo, from_at: datetime, days: int) -> list[str]:
    found = instances(made, zone, from_at, from_at + days * DAY)
    return [f"{instance.starts_at.astimezone(zone):%m-%d %H:%M}" for instance in found]


def test_a_daily_rule_opens_at_the_villages_wall_clock() -> None:
    """17:00 in Vietnam is 10:00 UTC, on each day of the span."""
    found = [instance.starts_at for instance in instances(rule("FREQ=DAILY"), VIETNAM, NOON, NOON + 2 * DAY)]
    assert found == [datetime(2026, 11, day, 10, 0, tzinfo=UTC) for day in (22, 23)]


def test_weekly_by_days() -> None:
    """Only the named weekdays open."""
    assert walls(rule("FREQ=WEEKLY;BYDAY=MO,TH"), VIETNAM, NOON, 7) == ["11-23 17:00", "11-26 17:00"]


def test_no_rule_opens_once() -> None:
    """Without an RRULE a slot opens on its first day only."""
    assert walls(rule(None), VIETNAM, NOON, 30) == ["11-22 17:00"]


def test_the_last_day_is_included() -> None:
    """`until_on` still opens, the day after does not."""
    assert walls(rule("FREQ=DAILY", until_on=date(2026, 11, 23)), VIETNAM, NOON, 9) == ["11-22 17:00", "11-23 17:00"]


def test_the_span_is_half_open() -> None:
    """A start at the beginning of the span is in it, one at its end is not."""
    at = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    assert [instance.starts_at for instance in instances(rule("FREQ=DAILY"), VIETNAM, at, at + DAY)] == [at]


def test_a_local_time_that_does_not_exist_is_moved_forward_by_the_gap() -> None:
    """02:30 on the day without it becomes 03:30, on its own date."""
    made = rule("FREQ=DAILY", "02:30", on=date(2026, 1, 1))
    assert walls(made, BERLIN, datetime(2026, 3, 28, tzinfo=UTC), 3) == ["03-28 02:30", "03-29 03:30", "03-30 02:30"]


def test_a_local_time_that_exists_twice_means_the_first() -> None:
    """02:30 comes at 00:30 and at 01:30 UTC; only the first opens."""
    made = rule("FREQ=DAILY", "02:30", on=date(2026, 1, 1))
    day = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    assert [it.starts_at for it in instances(made, BERLIN, day, day + DAY)] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    ]


def test_within_the_day_what_does_not_exist_is_left_out_and_names_nothing_anew() -> None:
    """An hourly rule skips the missing hour; the ordinals of the others stay those of the rule."""
    made = rule("FREQ=HOURLY", "00:30", on=date(2026, 1, 1))
    day = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    found = [
        (f"{it.starts_at.astimezone(BERLIN):%H:%M}", it.ordinal) for it in instances(made, BERLIN, day, day + DAY / 6)
    ]
    assert found == [("00:30", 0), ("01:30", 1), ("03:30", 3), ("04:30", 4)]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=MINUTELY;INTERVAL=7",
        "FREQ=HOURLY;INTERVAL=5",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
        "FREQ=WEEKLY",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=YEARLY",
        "FREQ=DAILY;COUNT=200",
    ],
)
def test_a_far_start_opens_at_the_same_times(text: str) -> None:
    """Looking at a late span gives what counting from the very start gives."""
    made = rule(text, "17:03", minutes=1, on=date(2026, 5, 13))
    start, late = datetime(2026, 5, 12, tzinfo=UTC), datetime(2026, 11, 1, 3, tzinfo=UTC)
    everything = list(instances(made, VIETNAM, start, late + 40 * DAY))
    assert [it for it in everything if it.starts_at >= late] == list(instances(made, VIETNAM, late, late + 40 * DAY))


@given(st.integers(0, 60 * 24 * 30), st.sampled_from([VIETNAM, BERLIN]))
def test_a_span_shows_the_same_instances_wherever_it_begins(minutes: int, zone: ZoneInfo) -> None:
    """Instances and their ordinals do not depend on when one looks."""
    made = rule("FREQ=MINUTELY;INTERVAL=45", on=date(2026, 3, 1))
    begin, end = datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 4, 12, tzinfo=UTC)
    middle = begin + timedelta(minutes=minutes)
    parts = [*instances(made, zone, begin, middle), *instances(made, zone, middle, end)]
    assert parts == list(instances(made, zone, begin, end))


def test_moving_a_slot_by_ten_minutes_keeps_the_names() -> None:
    """The name of an occurrence is made of slot, village, date and ordinal, not of its time."""

    def names(made: Rule) -> list[UUID]:
        found = instances(made, VIETNAM, NOON, NOON + 3 * DAY)
        return [occurrence_uuid(SLOT, VILLAGE, it.local_on, it.ordinal) for it in found]

    assert names(rule("FREQ=DAILY", "17:00")) == names(rule("FREQ=DAILY", "17:10"))


def test_a_slot_of_every_few_minutes_has_a_name_for_each_opening() -> None:
    """Openings of one day do not collide, and the first of a day is named by the day alone."""
    found = instances(rule("FREQ=MINUTELY;INTERVAL=4", "00:00", 3), VIETNAM, NOON - DAY, NOON + 2 * DAY)
    names = [occurrence_uuid(SLOT, VILLAGE, it.local_on, it.ordinal) for it in found]
    assert len(names) == len(set(names)) > 360
    assert occurrence_uuid(SLOT, VILLAGE, date(2026, 11, 22), 0) in names


def test_villages_name_their_occurrences_apart() -> None:
    """The same opening in two villages is two occurrences."""
    on = date(2026, 11, 22)
    assert occurrence_uuid(SLOT, VILLAGE, on, 0) != occurrence_uuid(SLOT, UUID(int=3), on, 0)


def test_dates_without_are_left_out() -> None:
    """An exception drops its date and moves nothing."""
    made = rule("FREQ=DAILY", but_not=parse("2026-11-23,2026-11-25"))
    assert walls(made, VIETNAM, NOON, 5) == ["11-22 17:00", "11-24 17:00", "11-26 17:00"]


def test_extra_dates_are_added_once() -> None:
    """In order with those of the rule, and not twice where both name the day."""
    made = rule("FREQ=WEEKLY;BYDAY=MO", also=parse("2026-11-25,2026-11-30"))
    assert walls(made, VIETNAM, NOON, 9) == ["11-23 17:00", "11-25 17:00", "11-30 17:00"]


def test_an_exception_goes_before_an_extra_date() -> None:
    """As in RFC 5545: what EXDATE names is out, whoever named it."""
    made = rule(None, also=parse("2026-11-25,2026-11-26"), but_not=parse("2026-11-25"))
    assert walls(made, VIETNAM, NOON, 9) == ["11-26 17:00"]


def test_a_slot_may_open_on_lunar_days_only() -> None:
    """Rằm and mùng một of the tenth and eleventh month of 2026, within its own dates."""
    made = rule(None, also=parse("lunar:1,lunar:15"), until_on=date(2026, 12, 9))
    assert walls(made, VIETNAM, NOON, 60) == ["11-23 17:00", "12-09 17:00"]


def test_a_daily_slot_may_rest_at_tet() -> None:
    """Nothing opens on the eve and the three days after it."""
    made = rule("FREQ=DAILY", but_not=parse("tet"))
    opened = walls(made, VIETNAM, datetime(2027, 2, 3, 0, tzinfo=UTC), 8)
    assert opened == ["02-03 17:00", "02-04 17:00", "02-09 17:00", "02-10 17:00"]


def test_an_exception_keeps_the_names_of_the_other_days() -> None:
    """Local date and ordinal of what still opens are as before."""
    plain, without = rule("FREQ=HOURLY;INTERVAL=6"), rule("FREQ=HOURLY;INTERVAL=6", but_not=parse("2026-11-24"))
    kept = [it for it in instances(plain, VIETNAM, NOON, NOON + 5 * DAY) if it.local_on.day != 24]
    assert list(instances(without, VIETNAM, NOON, NOON + 5 * DAY)) == kept


@pytest.mark.parametrize(
    ("one", "other", "on"),
    [
        (rule(None, also=parse("lunar:15")), rule("FREQ=WEEKLY;BYDAY=WE"), "2026-12-23"),
        (rule("FREQ=DAILY", but_not=parse("tet")), rule(None, also=parse("lunar:2/1")), None),
        (rule("FREQ=DAILY", but_not=parse("holidays")), rule(None, also=parse("lunar:4/1")), None),
        (rule("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1"), rule("FREQ=WEEKLY;BYDAY=MO"), "2029-01-01"),
        (rule("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=31"), rule(None, also=parse("lunar:15/4")), "2045-05-31"),
    ],
)
def test_overlaps_are_found_through_lunar_days_and_exceptions(one: Rule, other: Rule, on: str | None) -> None:
    """Also what meets only after years; what an exception keeps apart is no clash."""
    for clash in (first_clash(one, other, VIETNAM, NOON), first_clash(other, one, VIETNAM, NOON)):
        assert (str(clash[0].local_on) if clash else None) == on


def test_a_lunar_slot_that_never_comes_is_refused() -> None:
    """Its only day is among its exceptions."""
    with pytest.raises(NeverRecurs):
        check(rule(None, also=parse("lunar:1/1"), but_not=parse("tet")), VIETNAM)


@pytest.mark.parametrize(
    ("made", "error"),
    [
        (rule(None, minutes=0), SlotWithoutLength),
        (rule(None, minutes=-5), SlotWithoutLength),
        (rule(None, minutes=24 * 60 + 1), SlotTooLong),
        (rule("FREQ=DAILY", until_on=date(2026, 11, 21)), UntilBeforeFrom),
        (rule("FREQ=MINUTELY;INTERVAL=4", minutes=5), SlotOverlapsItself),
        (rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), NeverRecurs),
        (rule("FREQ=WEEKLY;BYDAY=MO", until_on=date(2026, 11, 22)), NeverRecurs),
        *(
            (rule(text), BadRecurrence)
            for text in (
                "every day",
                "",
                "FREQ=SECONDLY",
                "FREQ=DAILY;INTERVAL=0",
                "FREQ=DAILY;BYDAY=XX",
                "FREQ=DAILY;BYHOUR=25",
                "FREQ=HOURLY;INTERVAL=24;BYHOUR=3",
                "FREQ=DAILY\nEXDATE:20261124T170000",
                "FREQ=DAILY;UNTIL=20261231T000000Z",
            )
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(made: Rule, error: type[Exception]) -> None:
    """Each impossible rule has an error of its own."""
    with pytest.raises(error):
        check(made, VIETNAM)


def test_a_rule_for_leap_days_is_meant() -> None:
    """A day that comes once in four years does come."""
    check(rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", on=date(2026, 3, 1)), VIETNAM)


def test_an_overnight_slot_may_follow_itself() -> None:
    """From 23:00 to 23:00 of the next day is no overlap."""
    check(rule("FREQ=DAILY", "23:00", minutes=24 * 60), VIETNAM)


@pytest.mark.parametrize(
    ("one", "other", "clashes"),
    [
        (rule("FREQ=DAILY", "17:00"), rule("FREQ=DAILY", "17:14"), True),
        (rule("FREQ=DAILY", "17:00"), rule("FREQ=DAILY", "17:15"), False),
        (rule("FREQ=WEEKLY;BYDAY=MO"), rule("FREQ=WEEKLY;BYDAY=TU"), False),
        (rule("FREQ=WEEKLY;BYDAY=MO"), rule("FREQ=MONTHLY;BYMONTHDAY=1"), True),
        (rule("FREQ=DAILY", "23:30", 90), rule("FREQ=DAILY", "00:30"), True),
        (rule(None, "23:30", 90), rule(None, "00:30", on=date(2026, 11, 23)), True),
        (rule("FREQ=DAILY", until_on=date(2026, 12, 1)), rule("FREQ=DAILY", on=date(2026, 12, 2)), False),
        (rule("FREQ=DAILY", on=date(2020, 1, 1)), rule(None, on=date(2029, 1, 1)), True),
    ],
)
def test_two_rules_clash_when_they_would_sound_at_once(one: Rule, other: Rule, clashes: bool) -> None:  # noqa: FBT001
    """Touching is no clash, overlapping by a minute is, whichever is named first."""
    assert (first_clash(one, other, VIETNAM, NOON) is not None) is clashes
    assert (first_clash(other, one, VIETNAM, NOON) is not None) is clashes


def test_what_is_over_clashes_with_nothing() -> None:
    """Overlaps before the instant asked about do not count."""
    assert first_clash(rule(None), rule(None), VIETNAM, datetime(2026, 11, 22, 10, 15, tzinfo=UTC)) is None
