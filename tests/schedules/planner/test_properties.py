"""What holds for every plan, whatever is booked."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from content.kernel.priority import Priority
from schedules.planner import Opening, Planned, Village, plan
from schedules.planner.filling import PAUSE_MS, quiet_offsets
from tests.schedules.planner.values import QUIET, SUNDAY, ZONE, item, opening, part, village

TIMES = ("04:30", "11:00", "17:00", "21:20", "23:50")
EVENING = opening("17:00").slot_uuid


@st.composite
def items(draw: st.DrawFn, number: int) -> Any:
    parts = draw(
        st.lists(st.sampled_from(["vi", "hmn", "tay"]), unique=True, min_size=1).map(
            lambda languages: tuple(part(10 + 7 * number, language) for language in languages)
        )
    )
    from_on = SUNDAY + timedelta(days=draw(st.integers(-1, 2)))
    return item(
        number,
        parts=parts,
        priority=draw(st.sampled_from(list(Priority))),
        from_on=from_on,
        until_on=from_on + timedelta(days=draw(st.integers(0, 3))),
        times_per_day=draw(st.integers(1, 4)),
        slot_uuid=draw(st.sampled_from([None, None, EVENING])),
        expires_at=draw(st.sampled_from([None, opening().starts_at + timedelta(days=1, seconds=40)])),
        order=draw(st.integers(0, 3)),
    )


@st.composite
def villages(draw: st.DrawFn) -> Village:
    openings = [
        opening(at, draw(st.integers(1, 20)), SUNDAY + timedelta(days=day))
        for day in range(3)
        for at in draw(st.lists(st.sampled_from(TIMES), unique=True))
    ]
    booked = [draw(items(number)) for number in range(1, draw(st.integers(1, 7)))]
    history = tuple((made.announcement_uuid, draw(st.integers(0, 3))) for made in booked)
    languages = tuple(draw(st.lists(st.sampled_from(["vi", "hmn"]), unique=True, min_size=1)))
    quiet = draw(st.sampled_from([None, QUIET]))
    return village(openings, booked, history=history, languages=languages, quiet=quiet)


def test_the_examples_are_not_all_empty() -> None:
    """The properties below would hold for silence too."""
    made = plan(village([opening()], [item(1)]))
    assert made.planned[0].programme


@given(villages())
def test_cues_never_overlap_nor_leave_their_slot(place: Village) -> None:
    """Cues are in order with a pause between them and end within the opening."""
    for planned in plan(place).planned:
        for before, after in pairwise(planned.programme):
            assert after.offset_ms >= before.offset_ms + before.duration_ms + PAUSE_MS
        for cue in planned.programme:
            assert 0 <= cue.offset_ms <= cue.latest_start_ms
            assert cue.offset_ms + cue.duration_ms <= planned.opening.duration_ms


@given(villages())
def test_nothing_airs_outside_its_dates_its_slot_or_after_its_expiry(place: Village) -> None:
    """Every cue is of an item that allows this date, this slot and this end."""
    by_uuid = {made.announcement_uuid: made for made in place.items}
    for planned in plan(place).planned:
        for cue in planned.programme:
            made = by_uuid[cue.announcement_uuid]
            ends_at = planned.opening.starts_at + timedelta(milliseconds=cue.offset_ms + cue.duration_ms)
            assert made.from_on <= planned.opening.local_on <= made.until_on
            assert made.slot_uuid in (None, planned.opening.slot_uuid)
            assert made.expires_at is None or ends_at <= made.expires_at
            assert cue.language in place.languages


@given(villages())
def test_nothing_airs_more_often_than_booked(place: Village) -> None:
    """At most `times_per_day` blocks a day, and no key comes twice in a day."""
    by_uuid = {made.announcement_uuid: made for made in place.items}
    cues = [(it.opening.local_on, cue) for it in plan(place).planned for cue in it.programme]
    assert max(Counter((on, cue.key) for on, cue in cues).values(), default=1) == 1
    airings = {(on, cue.announcement_uuid, cue.repeat) for on, cue in cues}
    for (_, uuid), count in Counter((on, uuid) for on, uuid, _ in airings).items():
        assert count <= by_uuid[uuid].times_per_day
    assert all(cue.repeat <= by_uuid[cue.announcement_uuid].times_per_day for _, cue in cues)


@given(villages())
def test_only_emergencies_sound_in_quiet_hours(place: Village) -> None:
    """No other cue touches them."""
    for planned in plan(place).planned:
        quiet = quiet_offsets(planned.opening, ZONE, place.quiet)
        for cue in planned.programme:
            touches = any(cue.offset_ms < until and cue.offset_ms + cue.duration_ms > begin for begin, until in quiet)
            assert cue.priority is Priority.EMERGENCY or not touches


@given(villages(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(place: Village, random: Any) -> None:
    """The same slots and bookings in any order give the same plan."""
    shuffled = village(
        random.sample(place.openings, len(place.openings)),
        random.sample(place.items, len(place.items)),
        history=tuple(random.sample(place.history, len(place.history))),
        languages=place.languages,
        quiet=place.quiet,
    )
    assert plan(shuffled) == plan(place)


@given(villages(), st.integers(0, 15))
def test_a_plan_does_not_change_because_time_passes(place: Village, begun: int) -> None:
    """After any number of openings have begun, the remaining ones are planned as before."""
    made = plan(place).planned
    in_time = sorted(made, key=lambda it: it.opening.starts_at)
    gone, ahead = in_time[:begun], in_time[begun:]
    today = ahead[0].opening.local_on if ahead else SUNDAY
    history = Counter(dict(place.history))
    for it in gone:
        if it.opening.local_on < today:
            history.update(_airings(it))
    kept = [_begun(it) for it in gone if it.opening.local_on >= today]
    later = village(
        [*kept, *(it.opening for it in ahead)],
        list(place.items),
        history=tuple(history.items()),
        languages=place.languages,
        quiet=place.quiet,
    )
    assert list(plan(later).planned) == [it for it in made if it in ahead]


def _airings(it: Planned) -> tuple[UUID, ...]:
    return tuple(uuid for uuid, _ in {(cue.announcement_uuid, cue.repeat) for cue in it.programme})


def _begun(it: Planned) -> Opening:
    was = it.opening
    return Opening(was.slot_uuid, was.starts_at, was.duration_ms, was.local_on, was.ordinal, _airings(it))
