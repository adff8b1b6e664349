"""What may still change in a programme that players may hold."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from content.kernel.priority import Priority
from schedules.planner import Because, CueKind, Item, Opening, Programme, admit, airings, plan, shrink
from schedules.planner.filling import PAUSE_MS
from tests.schedules.planner.values import ZONE, chime, item, opening, part, village

URGENT = item(9, 30, priority=Priority.EMERGENCY)


def programme(*booked: Item, **of_opening: Any) -> tuple[Opening, Programme]:
    made = plan(village([opening(**of_opening)], list(booked))).planned[0]
    return made.opening, made.programme


def admitted(made: tuple[Opening, Programme], new: Item = URGENT, from_ms: int = 0) -> Programme | None:
    return admit(made[1], new, ("vi", "hmn"), made[0], ZONE, from_ms=from_ms, repeat=1)


def numbers(cues: Programme | None) -> list[int]:
    return [cue.announcement_uuid.int if cue.announcement_uuid else 0 for cue in cues or ()]


def test_shrinking_takes_out_and_moves_nothing() -> None:
    """The remaining cues of a begun occurrence keep their offsets."""
    _, cues = programme(item(1), item(2), item(3))
    assert shrink(cues, {UUID(int=1001), UUID(int=1003)}, elapsed_ms=0) == (cues[0], cues[2])


def test_shrinking_keeps_what_is_over() -> None:
    """The log needs what has sounded; what may still be sounding is taken out."""
    _, cues = programme(item(1), item(2))
    over = cues[0].latest_start_ms + cues[0].duration_ms
    assert shrink(cues, set(), over - 1) == ()
    assert shrink(cues, set(), over) == (cues[0],)


def test_chimes_stay_as_long_as_there_is_something_between_them() -> None:
    """The last announcement takes them along."""
    _, cues = programme(item(1), item(2), opens_with=chime(2), closes_with=chime(3))
    assert numbers(shrink(cues, {UUID(int=1002)}, 0)) == [0, 2, 0]
    assert shrink(cues, (), 0) == ()


def test_an_emergency_takes_the_first_free_place_and_moves_nothing() -> None:
    """Behind the others if there is room, with its reason."""
    made = programme(item(1), item(2))
    after = admitted(made)
    assert after is not None
    assert after[:2] == made[1]
    assert (after[2].offset_ms, after[2].because) == (123_000, Because.EMERGENCY)


def test_an_emergency_fills_the_place_of_what_was_withdrawn() -> None:
    """From the given offset on, since players must hear of it first."""
    slot, cues = programme(item(1), item(2), item(3))
    holed = slot, shrink(cues, {UUID(int=1001), UUID(int=1003)}, 0)
    assert numbers(admitted(holed)) == [1, 9, 3]
    assert numbers(admitted(holed, from_ms=100_000)) == [1, 3, 9]


def test_where_nothing_is_free_the_least_urgent_and_last_gives_way() -> None:
    """Whole announcements in all their languages; what has begun stays."""
    important = item(2, priority=Priority.IMPORTANT)
    both = item(3, parts=(part(60, "vi"), part(60, "hmn")))
    made = plan(village([opening(minutes=4)], [item(1, 30), important, both], languages=("vi", "hmn"))).planned[0]
    assert numbers(made.programme) == [2, 1, 3, 3]
    assert numbers(admitted((made.opening, made.programme), item(9, 60, priority=Priority.EMERGENCY))) == [2, 1, 9]


def test_an_emergency_that_cannot_end_in_time_is_not_admitted() -> None:
    """Not beyond the slot, not past its expiry, not in a language that nobody speaks here: an alert is for that."""
    made = programme(item(1), minutes=2)
    assert admitted(made, from_ms=91_000) is None
    assert admitted(made, item(9, 30, priority=Priority.EMERGENCY, parts=(part(30, "tyz"),))) is None
    soon = made[0].starts_at + timedelta(seconds=80)
    assert admitted(made, item(9, 30, priority=Priority.EMERGENCY, expires_at=soon)) is None


def test_emergencies_give_way_to_nothing() -> None:
    """A full opening of emergencies stays as it is."""
    assert admitted(programme(item(1, priority=Priority.EMERGENCY), minutes=1)) is None


@given(st.lists(st.integers(10, 90), max_size=5), st.integers(0, 300_000), st.integers(10, 200))
def test_an_admitted_emergency_overlaps_nothing(lengths: list[int], from_ms: int, seconds: int) -> None:
    """In order, with pauses, inside the slot; what stays keeps its offset; nothing that has begun is lost."""
    booked = [item(number, length) for number, length in enumerate(lengths, start=1)]
    made = programme(*booked, opens_with=chime(2), closes_with=chime(3))
    after = admitted(made, item(9, seconds, priority=Priority.EMERGENCY), from_ms)
    if after is None:
        return
    new = {cue for cue in after if cue not in made[1]}
    assert {cue.announcement_uuid for cue in new} == {UUID(int=9)}
    assert min(cue.offset_ms for cue in new) >= from_ms
    assert all(a.offset_ms + a.duration_ms + PAUSE_MS <= b.offset_ms for a, b in pairwise(after))
    assert after[-1].offset_ms + after[-1].duration_ms <= made[0].duration_ms
    assert {cue for cue in made[1] if cue.offset_ms < from_ms} <= set(after)


def test_airings_are_told_without_chimes_and_with_all_their_languages_together() -> None:
    """One entry for each time that an announcement is heard."""
    parts = (part(30, "vi"), part(40, "hmn"))
    slot = opening(opens_with=chime(2))
    (made,) = plan(village([slot], [item(1, parts=parts, times_per_day=2)], languages=("vi", "hmn"))).planned
    found = airings(made.programme)
    assert [(it.from_ms, it.until_ms) for it in found] == [(3_500, 75_000), (76_500, 148_000)]
    assert made.programme[0].kind is CueKind.CHIME
