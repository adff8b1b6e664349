"""The schedule: what airs and why, slots added, refused, cancelled and brought back."""

from datetime import time

import pytest
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from tests.broadcaster.web.conftest import Browser, Town, words


def slot(**changes: object) -> dict[str, object]:
    """The form of a slot, valid unless changed."""
    return {
        "name": "Bản tin chiều",
        "start_local": "17:30",
        "minutes": "20",
        "recurs": "daily",
        "starts_on": "2026-11-22",
        "until_on": "",
        "where": "all",
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "hằng ngày lúc 17:30"),
        ({"recurs": "weekly", "weekdays": ["MO", "TH"]}, "T2, T5 lúc 17:30"),
        ({"recurs": "once"}, "một lần, ngày 22/11/2026 lúc 17:30"),
    ],
)
def test_a_slot_is_added_and_told_in_words(cadre: TestClient, changes: dict[str, object], said: str) -> None:
    """Daily, on days of the week, or once."""
    answer = cadre.post("/schedule/slots", data=slot(**changes))
    assert answer.status_code == 303
    page = words(cadre.get("/schedule").text)
    assert said in page
    assert "20 phút" in page


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"name": " "}, "name", "Hãy đặt tên."),
        ({"start_local": "chiều"}, "start_local", "Hãy viết giờ ở đây"),
        ({"minutes": "0"}, "minutes", "Khung giờ kết thúc trước khi bắt đầu."),
        ({"minutes": "-5"}, "minutes", "Khung giờ kết thúc trước khi bắt đầu."),
        ({"minutes": "9999"}, "minutes", "Khung giờ dài nhất 24 giờ."),
        ({"minutes": "vài"}, "minutes", "Hãy viết một số nguyên"),
        ({"recurs": "weekly"}, "weekdays", "Hãy chọn ít nhất một ngày trong tuần."),
        ({"starts_on": ""}, "starts_on", "Đây không phải là ngày."),
        ({"until_on": "2026-11-01"}, "until_on", "lại trước ngày đầu (22/11/2026)"),
        ({"where": "some"}, "villages", "Hãy chọn ít nhất một thôn."),
    ],
)
def test_what_is_wrong_with_a_slot_is_said_at_its_field(
    cadre: TestClient, wrong: dict[str, object], field: str, sentence: str
) -> None:
    """The form comes back open, with what was typed and one error at its field."""
    answer = cadre.post("/schedule/slots", data=slot(**wrong))
    page = words(answer.text)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in page
    assert f'id="{field}-error"' in page
    assert sentence in page
    assert 'value="Bản tin chiều"' in page or field == "name"
    assert "Chưa có khung giờ nào" in words(cadre.get("/schedule").text)


def test_an_overlap_names_the_other_slot_and_a_free_time(cadre: TestClient, town: Town) -> None:
    """A clash is said where it is made, with a way out."""
    town.slot(time(17, 30), 20, "Bản tin chiều")
    answer = cadre.post("/schedule/slots", data=slot(name="Bản tin tối", start_local="17:40"))
    page = words(answer.text)
    assert answer.status_code == 422
    assert "“Bản tin tối” trùng với “Bản tin chiều” tại Ún Tà" in page
    assert "Lúc 17:50 còn trống" in page
    assert 'id="start_local-error"' in page


def test_cancelling_a_slot_is_undone_by_one_press(cadre: TestClient, town: Town) -> None:
    """The page says that it is gone and offers to bring it back."""
    town.slot()
    page = cadre.get("/schedule").text
    cancel = page.split('action="/schedule/slots/')[1].split('"')[0]
    gone = cadre.post(f"/schedule/slots/{cancel}")
    page = words(cadre.get(gone.headers["location"]).text)
    assert "Đã hủy khung giờ “Bản tin chiều”." in page
    assert "hằng ngày lúc 17:30" not in page
    cadre.post(f"/schedule/slots/{cancel.replace('cancel', 'restore')}")
    assert "hằng ngày lúc 17:30" in words(cadre.get("/schedule").text)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECRETARY])
def test_slots_are_for_who_approves(browser: Browser, role: Role) -> None:
    """Others see the schedule without the form, and a forged press is refused."""
    someone = browser(role)
    assert 'id="add"' not in someone.get("/schedule").text
    assert someone.post("/schedule/slots", data=slot()).status_code == 403


def programme_in(page: str) -> str:
    """What the page tells of the day, without the form below it that adds a slot."""
    return page.partition('action="/schedule/slots"')[0]


def test_the_day_tells_what_airs_where_and_why(cadre: TestClient, town: Town) -> None:
    """Villages that hear the same are told once; each cue has its time and its reason."""
    town.slot()
    town.approved(title="Lịch cắt điện")
    town.plan()
    page = words(cadre.get("/schedule?view=day&on=2026-11-23").text)
    assert "17:30–17:50" in page
    assert programme_in(page).count("Lịch cắt điện") == 1
    assert "17:30:00" in page
    assert "Vì sao phát lúc này?" in page
    assert "khung giờ đầu tiên trong ngày còn chỗ" in page
    assert "Thứ Hai, 23/11/2026" in page


def test_one_village_can_be_looked_at_alone(cadre: TestClient, town: Town) -> None:
    """With a village chosen, only its programme is shown, and of what is booked elsewhere that it is."""
    town.slot()
    town.approved(title="Lịch cắt điện", villages=town.villages[:1])
    town.plan()
    told = {slug: cadre.get(f"/schedule?view=day&village={slug}").text for slug in ("un-ta", "luong-lao-1")}
    shown = {slug: programme_in(page).partition("vì sao</summary>") for slug, page in told.items()}
    assert "Lịch cắt điện" in shown["un-ta"][0]
    assert "Lịch cắt điện" not in shown["luong-lao-1"][0]
    assert f"Bản tin đăng ký cho thôn khác: {town.villages[0].name}." in shown["luong-lao-1"][2]


@pytest.mark.parametrize("on", ["không phải ngày", "2026-13-40", ""])
def test_a_day_that_is_none_is_today(cadre: TestClient, on: str) -> None:
    """A mistyped address still shows something sensible."""
    page = words(cadre.get("/schedule", params={"view": "day", "on": on}).text)
    assert "Chủ Nhật, 22/11/2026" in page
