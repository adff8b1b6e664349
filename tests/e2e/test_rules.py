"""The schedule's rarer pages as a cadre walks them on a phone without JavaScript: rules, a booking, a relay, feeds."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from broadcaster.demo.stage import Stage
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune, villages_of
from schedules import queries
from tests import factories
from tests.e2e.browsing import log_in

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
STANDBY = "Tạm nghỉ tiếp sóng"


@pytest.fixture
def page(stage: Stage, chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(base_url=stage.url, viewport=PHONE, java_script_enabled=False)
    yield log_in(context, stage.cadre)
    context.close()


def fits(page: Any) -> bool:
    """Whether nothing reaches beyond the screen; the browser measures, the page runs no script."""
    client = page.context.new_cdp_session(page)
    return bool(client.send("Page.getLayoutMetrics")["cssContentSize"]["width"] <= PHONE["width"])


@pytest.fixture(scope="module")
def booked(stage: Stage) -> list[UUID]:
    """Two approved announcements, by their bookings."""
    with unit_of_work(stage.station.sessions) as session:
        commune, now, today = the_commune(session), stage.station.clock.now(), stage.soon(0).date()
        assert commune
        for title in (STANDBY, "Họp thôn"):
            days = {"from_on": today, "until_on": today + timedelta(days=2)}
            factories.approved(session, commune, villages_of(session, commune), now, title=title, **days)
        return [booking.uuid for booking in queries.bookings(session, commune)]


def stored(stage: Stage, of: Callable[[Session, Node], Iterable[Any]]) -> list[Any]:
    """What is asked of the commune, as the database holds it now."""
    with unit_of_work(stage.station.sessions, writes=False) as session:
        commune = the_commune(session)
        assert commune
        found = list(of(session, commune))
        session.expunge_all()
        return found


def test_rules_are_changed_and_a_holiday_comes_back(page: Any) -> None:
    """The gap is saved; a day is added, struck, and restored by the notice's one press."""
    page.goto("/schedule")
    page.click("a[href='/schedule/rules']")
    page.fill("[name=gap_minutes]", "25")
    page.click("form[action='/schedule/rules'] button")
    assert page.input_value("[name=gap_minutes]") == "25"
    page.fill("form.card [name=from_on]", "2027-09-01")
    page.click("form.card[action='/schedule/rules/holidays'] button")
    assert "year=2027" in page.url
    page.click("form[action$='/2027-09-01/strike'] button")
    assert page.locator("form[action$='/2027-09-01/strike']").count() == 0
    page.click("[role=status] form button")
    assert page.locator("form[action$='/2027-09-01/strike']").count() == 1
    assert fits(page)


def test_a_booking_gets_a_gap_and_a_turn(page: Any, stage: Stage, booked: list[UUID]) -> None:
    """Both are typed and chosen; nothing is dragged."""
    first, second = booked
    page.goto(f"/schedule/bookings/{second}")
    page.fill("[name=gap_minutes]", "90")
    page.select_option("[name=before]", str(first))
    assert fits(page)
    page.click("main form button.primary")
    assert [(one.uuid, one.gap_minutes) for one in stored(stage, queries.bookings)] == [(second, 90), (first, None)]


@pytest.mark.usefixtures("booked")
def test_a_relay_gets_an_announcement_to_fall_back_on(page: Any, stage: Stage) -> None:
    """The slot is added with its station, the announcement is chosen on its page."""
    page.goto("/schedule")
    page.fill("#add [name=name]", "Tiếp sóng")
    page.fill("#add [name=start_local]", "05:10")
    page.locator("#add details", has=page.locator("[name=relay_url]")).locator("summary").click()
    page.fill("#add [name=relay_url]", "https://vov.example/vov1.m3u8")
    page.click("#add button.primary")
    page.click("a[href^='/schedule/slots/'][href$='/edit']")
    page.select_option("[name=relay_fallback]", label=STANDBY)
    assert fits(page)
    page.click("form.card button.primary")
    assert [bool(slot.relay_fallback) for slot in stored(stage, queries.slots)] == [True]


def test_a_village_gets_a_new_address_and_none(page: Any) -> None:
    """The new one is shown at once; shut, it is gone; restored, it is back."""
    page.goto("/schedule/feeds")
    page.click("#un-ta summary")
    before = page.input_value("#ics-un-ta")
    page.click("#un-ta form[action$='/renew'] button")
    renewed = page.input_value("#ics-un-ta")
    assert renewed != before
    page.click("#un-ta form[action$='/shut'] button")
    assert page.locator("#ics-un-ta").count() == 0
    page.click("[role=status] form button")
    assert page.input_value("#ics-un-ta") == renewed
    assert fits(page)
