"""A day's programme as pages show it."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from broadcaster.web import words
from broadcaster.web.schedule.programme import OFTEN, day_of, timeline
from content.kernel.nodes import Node
from schedules.models import Occurrence, Slot
from schedules.planner import Because, WhyNot

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
ON = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=HERE).astimezone(UTC)


def slot(start: time, rrule: str | None = "FREQ=DAILY", minutes: int = 20) -> Slot:
    return Slot(
        id=start.hour,
        name="Bản tin",
        start_local=start,
        duration_ms=minutes * 60_000,
        starts_on=ON,
        rrule=rrule,
        villages=[],
    )


def test_slots_without_a_plan_are_shown_empty_in_order_of_time() -> None:
    """An opening that nothing fills yet is an opening all the same."""
    day = day_of([slot(time(17, 30)), slot(time(5, 30))], [], ON, HERE, NOON)
    assert [f"{block.starts_at.astimezone(HERE):%H:%M}" for block in day.blocks] == ["05:30", "17:30"]
    assert day.often == ()


def test_a_slot_that_opens_very_often_is_told_in_one_sentence() -> None:
    """The trial slot of the sample commune does not fill the page."""
    day = day_of([slot(time(0), "FREQ=MINUTELY;INTERVAL=3", 2)], [], ON, HERE, NOON)
    assert day.blocks == ()
    assert day.often[0].times == 480 > OFTEN
    assert day.often[0].next_at == NOON + timedelta(minutes=3)


def test_of_such_a_slot_only_the_next_few_filled_openings_are_told() -> None:
    """However many are booked, the page stays small."""
    trial = slot(time(0), "FREQ=MINUTELY;INTERVAL=3", 2)
    filled = [
        Occurrence(
            uuid=uuid4(),
            slot=trial,
            slot_id=trial.id,
            village=Node(name="Ún Tà"),
            starts_at=NOON + timedelta(minutes=3 * number),
            ends_at=NOON + timedelta(minutes=3 * number + 2),
            playlist=None,
            reasons={},
            not_placed=[{"announcement_uuid": "1", "title": "Họp", "why": "no_room"}],
        )
        for number in range(-20, 20)
    ]
    day = day_of([trial], filled, ON, HERE, NOON)
    assert [block.starts_at for block in day.blocks] == [NOON + timedelta(minutes=3 * n) for n in range(1, OFTEN + 1)]


def test_the_line_of_the_day_holds_all_bars_and_now() -> None:
    """From five to ten in the evening, wider where something opens outside; now stands where it belongs."""
    day = day_of([slot(time(17, 30)), slot(time(3, 30)), slot(time(23, 50))], [], ON, HERE, NOON)
    line = timeline(day, ON, HERE, NOON)
    assert all(0 <= bar.x <= 100 and bar.x + bar.width <= 100.5 for bar in line.bars)
    assert line.from_s == datetime(2026, 11, 22, 3, tzinfo=HERE).timestamp()
    assert line.until_s == datetime(2026, 11, 23, tzinfo=HERE).timestamp()
    assert line.now_x is not None
    assert abs(line.now_x - 100 * 9 / 21) < 0.01


def test_another_day_has_no_now() -> None:
    """The mark of the present stands on today's line only."""
    day = day_of([slot(time(17, 30))], [], ON, HERE, NOON)
    assert timeline(day, ON, HERE, datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=5)).now_x is None


def test_every_reason_of_the_planner_has_words() -> None:
    """A page that looks a reason up always finds it."""
    assert set(words.WHY_NOT) >= set(WhyNot)
    assert set(words.BECAUSE) >= set(Because)
