"""Slots on forms: every recurrence there and back, conflicts with a way out, changes."""

from datetime import date, time

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from broadcaster import i18n
from broadcaster.accounts.models import Role
from broadcaster.web.schedule.slot_forms import SlotForm
from content.kernel.db import unit_of_work
from content.kernel.units import DurationMs
from schedules import queries
from schedules.days import TET, Days, LunarDay
from schedules.models import Slot
from tests.broadcaster.web.conftest import Browser, Town, words
from tests.broadcaster.web.schedule.test_overview import slot

TODAY = date(2026, 11, 22)


def stored(town: Town) -> Slot:
    with unit_of_work(town.station.sessions, writes=False) as session:
        uuid = session.scalars(select(Slot.uuid).order_by(Slot.id)).first()
        assert uuid
        found = queries.slot(session, town.commune, uuid)
        session.expunge_all()
        return found


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"recurs": "monthly"}, "ngày 22 hằng tháng lúc 17:30"),
        ({"recurs": "lunar", "lunar": ["first", "full"]}, "mùng một, rằm lúc 17:30"),
        ({"recurs": "lunar", "lunar": ["tet"], "also": "10/3 âm"}, "10/3 âm, Tết lúc 17:30"),
        ({"also": "rằm", "recurs": "weekly", "weekdays": ["MO"]}, "T2 lúc 17:30; thêm rằm"),
        (
            {"but_not": "24/12/2026", "not_on_holidays": "true"},
            "hằng ngày lúc 17:30; trừ 24/12/2026, ngày lễ, Tết",
        ),
        ({"recurs": "once", "also": "24/12/2026"}, "22/11/2026, 24/12/2026 lúc 17:30"),
    ],
)
def test_rarer_recurrences_are_added_told_and_kept(
    cadre: TestClient, town: Town, changes: dict[str, object], said: str
) -> None:
    """What the form made is told in words, and the form made from it makes the same again."""
    assert cadre.post("/schedule/slots", data=slot(**changes)).status_code == 303
    assert said in words(cadre.get("/schedule").text)
    one = stored(town)
    again, problems = SlotForm.of(one, town.villages, i18n.load("vi")).rule(TODAY)
    assert problems == []
    assert again == one.rule


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"recurs": "lunar"}, "lunar"),
        ({"also": "hôm nào rảnh"}, "also"),
        ({"but_not": "31/2/2026"}, "but_not"),
    ],
)
def test_days_that_are_none_are_said_at_their_field(cadre: TestClient, wrong: dict[str, object], field: str) -> None:
    """What was typed stays."""
    answer = cadre.post("/schedule/slots", data=slot(**wrong))
    page = words(answer.text)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in page
    assert str(wrong.get(field, "")) in page


def test_the_free_time_is_taken_by_one_press(cadre: TestClient, town: Town) -> None:
    """The page holds a form with all that was typed and the proposed start."""
    town.slot(time(17, 30), 20, "Bản tin chiều")
    typed = slot(name="Tối", start_local="17:40", recurs="weekly", weekdays=["MO", "TH"], not_on_holidays="true")
    page = words(cadre.post("/schedule/slots", data=typed).text)
    assert "Lấy 17:50" in page
    for name, value in [("name", "Tối"), ("start_local", "17:50"), ("weekdays", "TH"), ("not_on_holidays", "true")]:
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert cadre.post("/schedule/slots", data={**typed, "start_local": "17:50"}).status_code == 303


def test_a_slot_is_changed_on_its_page(cadre: TestClient, town: Town) -> None:
    """The form shows what is stored; saved, it is the same slot with another time, and the plan is made anew."""
    town.slot()
    before = stored(town)
    page = words(cadre.get(f"/schedule/slots/{before.uuid}/edit").text)
    assert 'value="Bản tin chiều"' in page
    assert 'value="17:30"' in page
    changed = slot(name="Bản tin tối", start_local="18:00", where="some", villages=["un-ta"], opening_chime="true")
    answer = cadre.post(f"/schedule/slots/{before.uuid}/edit", data=changed)
    assert answer.headers["location"].startswith("/schedule?did=slot-changed")
    after = stored(town)
    assert (after.uuid, after.name, after.start_local) == (before.uuid, "Bản tin tối", time(18))
    assert [village.slug for village in after.villages] == ["un-ta"]
    assert after.opening_chime
    assert "Đã sửa khung giờ" in words(cadre.get(answer.headers["location"]).text)


def test_a_change_that_clashes_changes_nothing(cadre: TestClient, town: Town) -> None:
    """Both slots are named, and the way out leads back to this slot's page."""
    town.slot(time(6), 20, "Bản tin sáng")
    town.slot(time(17, 30), 20, "Bản tin chiều")
    morning = stored(town)
    answer = cadre.post(f"/schedule/slots/{morning.uuid}/edit", data=slot(name="Bản tin sáng", start_local="17:40"))
    page = words(answer.text)
    assert answer.status_code == 422
    assert "“Bản tin sáng” trùng với “Bản tin chiều”" in page
    assert page.count(f'action="/schedule/slots/{morning.uuid}/edit"') == 2
    assert stored(town).start_local == time(6)


@pytest.mark.parametrize("rrule", ["FREQ=DAILY;INTERVAL=2", "FREQ=MINUTELY;INTERVAL=3", "FREQ=MONTHLY;BYDAY=1MO"])
def test_a_rule_that_the_form_cannot_make_survives_it(cadre: TestClient, town: Town, rrule: str) -> None:
    """Renaming such a slot does not turn it into a daily one."""
    town.slot(time(6), 1, "Riêng", rrule=rrule)
    one = stored(town)
    form = SlotForm.of(one, town.villages, i18n.load("vi"))
    assert 'value="own" checked' in cadre.get(f"/schedule/slots/{one.uuid}/edit").text
    typed = {name: value for name, value in form.model_dump().items() if value}
    assert cadre.post(f"/schedule/slots/{one.uuid}/edit", data={**typed, "name": "Mới"}).status_code == 303
    assert (stored(town).name, stored(town).rrule) == ("Mới", rrule)


def test_a_start_with_seconds_can_be_saved_again(cadre: TestClient, town: Town) -> None:
    """Browsers refuse seconds in a field that does not ask for them."""
    town.slot(time(17, 30, 20))
    page = cadre.get(f"/schedule/slots/{stored(town).uuid}/edit").text
    assert 'type="time" value="17:30:20" step="1"' in page
    town.slot(time(6))
    assert 'type="time" value="17:30">' in cadre.get("/schedule").text


def test_a_length_with_seconds_can_be_saved_again(cadre: TestClient, town: Town) -> None:
    """The sample's trial slot lasts 2 minutes 50: who only renames it is neither refused nor shortens it."""
    town.slot(time(6), 3, "Phát thử")
    with unit_of_work(town.station.sessions) as session:
        session.scalars(select(Slot)).one().duration_ms = DurationMs(170_000)
    one = stored(town)
    assert 'value="2.83" min="1" max="1440" step="any"' in cadre.get(f"/schedule/slots/{one.uuid}/edit").text
    typed = {
        name: value for name, value in SlotForm.of(one, town.villages, i18n.load("vi")).model_dump().items() if value
    }
    assert cadre.post(f"/schedule/slots/{one.uuid}/edit", data={**typed, "minutes": "2,83"}).status_code == 303
    assert stored(town).duration_ms == 170_000
    assert cadre.post(f"/schedule/slots/{one.uuid}/edit", data={**typed, "minutes": "nan"}).status_code == 422


def test_lunar_days_are_ticked_where_there_is_a_tick(town: Town) -> None:
    """Others are in the text field, so that nothing is lost."""
    town.slot(time(6), 1, "Lễ", rrule=None, also=Days(lunar=(LunarDay(15), LunarDay(10, 3), *TET)))
    form = SlotForm.of(stored(town), town.villages, i18n.load("vi"))
    assert (form.recurs, form.lunar, form.also) == ("lunar", ["full", "tet"], "10/3 âm")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECRETARY])
def test_only_who_approves_changes_slots(browser: Browser, town: Town, role: Role) -> None:
    """Others are offered nothing, and refused."""
    town.slot()
    someone, uuid = browser(role), stored(town).uuid
    assert f"/schedule/slots/{uuid}/edit" not in someone.get("/schedule").text
    assert someone.get(f"/schedule/slots/{uuid}/edit").status_code == 403
    assert someone.post(f"/schedule/slots/{uuid}/edit", data=slot()).status_code == 403
