"""What holds for every plan, whatever is booked."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from content.kernel.priority import Priority
from schedules.planner import CueKind, Item, Opening, Planned, PlannedCue, Relay, Village, airings, plan
from schedules.planner.filling import PAUSE_MS, quiet_offsets
from tests.schedules.planner.values import QUIET, SUNDAY, ZONE, chime, item, opening, part, village

TIMES = ("04:30", "11:00", "11:10", "17:00", "21:20", "23:50")
EVENING = opening("17:00").slot_uuid
VOV = Relay("https://vov.example/vov1.m3u8", "VOV1", item(2).announcement_uuid)


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
        slots=draw(st.sampled_from([(), (), (EVENING,), (EVENING, opening("11:00").slot_uuid)])),
        gap_ms=draw(st.sampled_from([0, 3_600_000, 8 * 3_600_000])),
        every_opening=draw(st.integers(0, 4)) == 0,
        expires_at=draw(st.sampled_from([None, opening().starts_at + timedelta(days=1, seconds=40)])),
        order=draw(st.integers(0, 3)),
    )


@st.composite
def villages(draw: st.DrawFn) -> Village:
    opens, closes = (draw(st.sampled_from([None, chime(seconds)])) for seconds in (2, 3))
    around = {"opens_with": opens, "closes_with": closes, "relay": draw(st.sampled_from([None, VOV]))}
    openings = [
        opening(at, draw(st.integers(1, 20)), SUNDAY + timedelta(days=day), **around)
        for day in range(3)
        for at in draw(st.lists(st.sampled_from(TIMES), unique=True))
    ]
    booked = [draw(items(number)) for number in range(1, draw(st.integers(1, 7)))]
    history = tuple((made.announcement_uuid, draw(st.integers(0, 3))) for made in booked)
    recent = tuple((made.announcement_uuid, opening("00:00").starts_at) for made in booked if draw(st.booleans()))
    languages = tuple(draw(st.lists(st.sampled_from(["vi", "hmn"]), unique=True, min_size=1)))
    quiet = draw(st.sampled_from([None, QUIET]))
    return village(openings, booked, history=history, recent=recent, languages=languages, quiet=quiet)


def speech(it: Planned) -> list[PlannedCue]:
    return [cue for cue in it.programme if cue.kind is CueKind.SPEECH]


def by_uuid(place: Village) -> dict[UUID | None, Item]:
    return {made.announcement_uuid: made for made in place.items}


def heard(place: Village) -> Iterator[tuple[Item, datetime, datetime]]:
    """Every airing of a plan: what, from when, until when."""
    named = by_uuid(place)
    for it in plan(place).planned:
        for airing in airings(it.programme):
            yield named[airing.announcement_uuid], it.opening.at(airing.from_ms), it.opening.at(airing.until_ms)


def test_the_examples_are_not_all_empty() -> None:
    """The properties below would hold for silence too."""
    made = plan(village([opening(opens_with=chime(2), closes_with=chime(3))], [item(1)]))
    assert [cue.kind for cue in made.planned[0].programme] == [CueKind.CHIME, CueKind.SPEECH, CueKind.CHIME]


@given(villages())
def test_cues_never_overlap_nor_leave_their_slot(place: Village) -> None:
    """Cues are in order with a pause between them and end within the opening, chimes too."""
    for planned in plan(place).planned:
        for before, after in pairwise(planned.programme):
            assert after.offset_ms >= before.offset_ms + before.duration_ms + PAUSE_MS
        for cue in planned.programme:
            assert 0 <= cue.offset_ms <= cue.latest_start_ms
            assert cue.offset_ms + cue.duration_ms <= planned.opening.duration_ms


@given(villages())
def test_no_two_openings_sound_at_once(place: Village) -> None:
    """Not even where their slots meet (11:00 for up to twenty minutes, and 11:10)."""
    sounds = sorted(
        (it.opening.at(cue.offset_ms), it.opening.at(cue.offset_ms + cue.duration_ms))
        for it in plan(place).planned
        for cue in it.programme
    )
    assert all(before[1] <= after[0] for before, after in pairwise(sounds))


@given(villages())
def test_chimes_stand_around_announcements_only(place: Village) -> None:
    """First and last or not at all, never alone, and never in quiet hours."""
    for planned in plan(place).planned:
        kinds = [cue.kind for cue in planned.programme if cue.kind is not CueKind.RELAY]
        assert CueKind.CHIME not in kinds[1:-1]
        assert not kinds or CueKind.SPEECH in kinds


@given(villages())
def test_nothing_airs_outside_its_dates_its_slots_or_after_its_expiry(place: Village) -> None:
    """Every cue is of an item that allows this date, this slot and this end."""
    named = by_uuid(place)
    for planned in plan(place).planned:
        for cue in speech(planned):
            made = named[cue.announcement_uuid]
            ends_at = planned.opening.at(cue.offset_ms + cue.duration_ms)
            assert made.wants(planned.opening.slot_uuid, planned.opening.local_on)
            assert made.expires_at is None or ends_at <= made.expires_at
            assert cue.language in place.languages


@given(villages())
def test_nothing_airs_more_often_than_booked(place: Village) -> None:
    """At most `times_per_day` blocks a day, or one in every opening; no key comes twice in a day."""
    named = by_uuid(place)
    cues = [(it.opening, cue) for it in plan(place).planned for cue in speech(it)]
    assert max(Counter((it.local_on, cue.key) for it, cue in cues).values(), default=1) == 1
    for on, per_day in (("local_on", True), ("starts_at", False)):
        airings_of = {(getattr(it, on), cue.announcement_uuid, cue.repeat) for it, cue in cues}
        for (_, uuid), count in Counter((at, uuid) for at, uuid, _ in airings_of).items():
            if named[uuid].every_opening is not per_day:
                assert count <= (named[uuid].times_per_day if per_day else 1)


@given(villages())
def test_no_announcement_is_repeated_within_its_gap(place: Village) -> None:
    """From the end of one airing to the beginning of the next, over midnight too; emergencies excepted."""
    ended = dict(place.recent)
    for made, begins_at, ends_at in sorted(heard(place), key=lambda airing: airing[1]):
        before = ended.get(made.announcement_uuid)
        if before is not None and made.priority is not Priority.EMERGENCY:
            assert begins_at - before >= timedelta(milliseconds=made.gap_ms)
        ended[made.announcement_uuid] = ends_at


@given(villages())
def test_only_emergencies_sound_in_quiet_hours(place: Village) -> None:
    """No other cue touches them, no chime either."""
    for planned in plan(place).planned:
        quiet = quiet_offsets(planned.opening, ZONE, place.quiet)
        for cue in planned.programme:
            touches = any(cue.offset_ms < until and cue.offset_ms + cue.duration_ms > begin for begin, until in quiet)
            assert cue.priority is Priority.EMERGENCY or not touches


@given(villages(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(place: Village, random: Any) -> None:
    """The same slots and bookings in any order give the same plan."""
    lists = {name: getattr(place, name) for name in ("openings", "items", "history", "recent")}
    shuffled = replace(place, **{name: tuple(random.sample(each, len(each))) for name, each in lists.items()})
    assert plan(shuffled) == plan(place)


@given(villages(), st.integers(0, 15))
def test_a_plan_does_not_change_because_time_passes(place: Village, begun: int) -> None:
    """After any number of openings have begun, the remaining ones are planned as before."""
    made = plan(place).planned
    in_time = sorted(made, key=lambda it: it.opening.starts_at)
    gone, ahead = in_time[:begun], in_time[begun:]
    today = ahead[0].opening.local_on if ahead else SUNDAY
    history, recent, busy_until = Counter(dict(place.history)), list(place.recent), None
    for it in gone:
        if it.opening.local_on < today:
            history.update(airing.announcement_uuid for airing in airings(it.programme))
            recent += [(airing.announcement_uuid, it.opening.at(airing.until_ms)) for airing in airings(it.programme)]
            busy_until = max(busy_until or it.opening.ends_at, it.opening.ends_at)
    kept = [_begun(it) for it in gone if it.opening.local_on >= today]
    later = replace(
        place,
        openings=(*kept, *(it.opening for it in ahead)),
        history=tuple(history.items()),
        recent=tuple(recent),
        busy_until=busy_until,
    )
    assert list(plan(later).planned) == [it for it in made if it in ahead]


def _begun(it: Planned) -> Opening:
    return replace(it.opening, begun=airings(it.programme))
