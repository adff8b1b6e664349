"""The week at a glance: which slots open, how full they are, where; and from when a change is heard."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from broadcaster.web.schedule.week import WeekDay, lunar_day, monday_of, week_of
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node
from schedules import queries, service
from schedules.models import Slot
from tests.broadcaster.web.conftest import Town, words

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TOMORROW = date(2026, 11, 23)


def week(town: Town, on: date = TOMORROW, villages: list[Node] | None = None) -> tuple[WeekDay, ...]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        found = week_of(session, town.commune, villages or town.villages, on, ZONE)
        session.expunge_all()
        return found


def test_a_slot_has_a_cell_on_each_day(town: Town) -> None:
    """Monday comes first; a day on which the slot does not open keeps its place."""
    town.slot()
    town.slot(time(6), 10, "Thứ Năm", rrule="FREQ=WEEKLY;BYDAY=TH")
    days = week(town)
    assert [day.on for day in days] == [TOMORROW + timedelta(days=n) for n in range(7)]
    assert [len(day.cells) for day in days] == [2] * 7
    assert [len(day.openings) for day in days] == [1, 1, 1, 2, 1, 1, 1]
    assert [one.slot.name for one in days[3].openings] == ["Thứ Năm", "Bản tin chiều"]


def test_an_opening_tells_how_full_it_is(town: Town) -> None:
    """Minutes used are those of the village that hears most; its titles are those of any village."""
    town.slot(minutes=1)
    town.approved(title="Họp thôn")
    town.approved(title="Cắt điện", villages=town.villages[:1])
    town.plan()
    (opening,) = week(town)[0].openings
    assert opening.titles == ("Họp thôn", "Cắt điện")
    assert opening.used_ms == 48_000
    assert opening.minutes == (1, 1)
    assert opening.share == 80
    assert set(opening.villages) == {"Ún Tà", "Luổng Láo 1"}


def test_villages_that_hear_the_same_stand_together(town: Town) -> None:
    """A shared programme is told once, with the names of its villages."""
    town.slot()
    town.approved()
    town.plan()
    (opening,) = week(town)[0].openings
    assert [programme.villages for programme in opening.programmes] == [("Ún Tà", "Luổng Láo 1")]


def test_one_village_shows_only_its_programme(town: Town) -> None:
    """What others hear plays no part."""
    town.slot()
    town.approved(title="Cắt điện", villages=town.villages[:1])
    town.plan()
    (opening,) = week(town, villages=town.villages[1:])[0].openings
    assert opening.titles == ()
    assert opening.villages == ("Luổng Láo 1",)


def test_what_did_not_fit_makes_an_opening_full(town: Town) -> None:
    """Somebody who looks for room is told that there is none, however short the rest is."""
    town.slot(minutes=1)
    for number in range(3):
        town.approved(title=f"Bản tin {number}")
    town.plan()
    (opening,) = week(town)[0].openings
    assert len(opening.titles) == 2
    assert opening.is_full


def test_a_slot_that_opens_all_day_is_told_in_one_cell(town: Town) -> None:
    """Hundreds of openings become a number, so that the page stays small."""
    town.slot(time(0), 1, "Phát thử", rrule="FREQ=MINUTELY;INTERVAL=10")
    (cell,) = week(town)[2].cells
    assert cell.times == 144
    assert cell.openings == ()


def test_a_cancelled_slot_stays_where_it_was_heard(town: Town) -> None:
    """The past keeps what aired; the days ahead do not promise it."""
    town.slot()
    town.approved()
    town.plan()
    town.clock.at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    with unit_of_work(town.station.sessions) as session:
        service.cancel_slot(session, session.query(Slot).one(), town.clock.now())
    town.plan()
    assert [len(day.openings) for day in week(town)] == [1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("on", [date(2026, 11, 23), date(2026, 11, 29)])
def test_a_week_begins_on_monday(on: date) -> None:
    """As Vietnamese calendars have it."""
    assert monday_of(on) == date(2026, 11, 23)


def test_the_lunar_date_is_left_out_where_nobody_knows_it() -> None:
    """A far address shows its week without it."""
    assert lunar_day(date(2500, 1, 1)) is None


def test_the_page_shows_the_week(cadre: TestClient, town: Town) -> None:
    """Weekdays, lunar dates, today, how full each opening is, and the way to the next weeks."""
    town.slot()
    town.approved()
    town.plan()
    page = words(cadre.get("/schedule?on=2026-11-23").text)
    assert "T2 23/11" in page
    assert "15/10" in page
    assert 'href="/schedule?view=week&on=2026-11-30"' in page
    assert 'href="/schedule?view=day&on=2026-11-23#t1730"' in page
    assert 'aria-current="true"' in page
    assert page.count('<a class="opening') == 7


def test_the_page_names_the_first_opening_that_a_change_reaches(cadre: TestClient, town: Town) -> None:
    """Inside the freeze window the next opening is settled; the one after it is named."""
    town.slot()
    with unit_of_work(town.station.sessions, writes=False) as session:
        town.clock.at = datetime(2026, 11, 22, 10, 28, tzinfo=UTC)
        airs = queries.change_airs_from(session, town.villages[0], town.clock.now(), timedelta()).airs_from
    assert airs == datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
    assert "17 giờ 30 ngày mai" in words(cadre.get("/schedule").text)


def test_an_empty_commune_says_what_a_slot_is(cadre: TestClient) -> None:
    """The first visit ends at the form."""
    page = words(cadre.get("/schedule").text)
    assert "Chưa có khung giờ nào" in page
    assert '<details class="fold" id="add" open>' in page
