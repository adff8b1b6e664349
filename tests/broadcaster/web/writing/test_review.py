"""Approving: what was shown and heard, by other eyes."""

from datetime import time
from html import unescape

import pytest
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from content import queries
from content.kernel.db import unit_of_work
from content.workflow import State
from schedules import queries as schedules
from tests.broadcaster.web.acting import made_anew, with_recording
from tests.broadcaster.web.conftest import Browser, Town, render, typed, words


def shown_in(page: str) -> str:
    """The digest that the page carries."""
    return page.split('name="shown" value="')[1].split('"', maxsplit=1)[0]


def decision(page: str, **changes: str) -> dict[str, str]:
    """The review's form as the page carries it, approved after a declared listening unless changed."""
    seen = unescape(page.split('name="seen" value="')[1].split('"', maxsplit=1)[0])
    return {"do": "approve", "shown": shown_in(page), "seen": seen, "heard": "true", **changes}


def test_what_was_heard_is_approved(cadre: TestClient, town: Town) -> None:
    """A tick and a press approve exactly what the page showed."""
    revision = town.rendered()
    address = f"/announcements/{revision.announcement.uuid}/review"
    page = cadre.get(address).text
    answer = cadre.post(address, data={"do": "approve", "shown": shown_in(page), "heard": "true"})
    assert answer.headers["location"].endswith("?did=approved")
    assert town.latest(revision).state == State.APPROVED
    page = words(cadre.get(answer.headers["location"]).text)
    assert "Trần Văn Hải: đã duyệt" in page


@pytest.mark.parametrize(
    ("heard", "said"), [("true", "đã duyệt · khai đã nghe hết"), ("to_the_end", "đã duyệt · đã nghe hết")]
)
def test_the_history_tells_how_it_was_heard(cadre: TestClient, town: Town, heard: str, said: str) -> None:
    """Declared by a tick, or seen by the page: everybody can read which."""
    address = f"/announcements/{town.rendered().announcement.uuid}"
    form = decision(cadre.get(f"{address}/review").text, heard=heard)
    assert cadre.post(f"{address}/review", data=form).status_code == 303
    assert f"Trần Văn Hải: {said}" in words(cadre.get(address).text)


@pytest.mark.parametrize("heard", ["", "false", "whatever"])
def test_nobody_approves_what_they_have_not_heard(cadre: TestClient, town: Town, heard: str) -> None:
    """Without the tick nothing is approved, and the page says what to do."""
    revision = town.rendered()
    address = f"/announcements/{revision.announcement.uuid}/review"
    answer = cadre.post(address, data=decision(cadre.get(address).text, heard=heard))
    assert answer.status_code == 422
    assert words(answer.text).count("Hãy nghe đến hết rồi duyệt, hoặc ghi vì sao") == 2
    assert "Những gì đã thay đổi trong lúc" not in words(answer.text)
    assert town.latest(revision).state == State.IN_REVIEW


def test_who_did_not_listen_says_why(cadre: TestClient, town: Town) -> None:
    """A reason is asked for at its field, and then stands in the history."""
    revision = town.rendered()
    address = f"/announcements/{revision.announcement.uuid}"
    page = cadre.get(f"{address}/review").text
    refused = cadre.post(f"{address}/review", data=decision(page, do="approve_unheard", why_unheard=" "))
    assert refused.status_code == 422
    assert 'id="why_unheard-error"' in refused.text
    assert town.latest(revision).state == State.IN_REVIEW
    form = decision(page, do="approve_unheard", why_unheard="Đã nghe ở phòng thu.")
    assert cadre.post(f"{address}/review", data=form).status_code == 303
    page = words(cadre.get(address).text)
    assert "đã duyệt · không nghe hết:" in page
    assert "<blockquote>Đã nghe ở phòng thu.</blockquote>" in page


def test_a_forged_page_approves_nothing(cadre: TestClient, town: Town) -> None:
    """A digest that is not today's is refused, whatever the page claims to have shown."""
    revision = town.rendered()
    address = f"/announcements/{revision.announcement.uuid}/review"
    for seen in ("", "x", '{"submission": 9, "masters": {}}', '{"submission": 0, "masters": {}}'):
        answer = cadre.post(address, data={"do": "approve", "shown": "0" * 64, "heard": "true", "seen": seen})
        assert answer.status_code == 422
        assert "Bản tin đã thay đổi từ khi bạn mở trang này" in words(answer.text)
    assert town.latest(revision).state == State.IN_REVIEW


def test_a_stale_page_tells_what_changed_since(browser: Browser, town: Town) -> None:
    """What was returned, changed and sent again while a page stood open is shown there word by word, then decided."""
    revision = town.rendered()
    address = f"/announcements/{revision.announcement.uuid}"
    cadre, writer, other = browser(Role.CADRE), browser(Role.SECRETARY), browser(Role.ADMIN)
    stale = cadre.get(f"{address}/review").text
    other.post(f"{address}/review", data={"do": "return", "reason": "Sửa giờ."})
    text = "Mời bà con họp thôn lúc 20h00 ngày 25/11 tại Nhà văn hóa."
    changed = typed(do="send", text=text, edits="1", category="y-te", priority="important")
    writer.post(f"{address}/edit", data=changed)
    with unit_of_work(town.station.sessions) as session:
        render(session, town.station, queries.latest(session, town.commune, revision.announcement.uuid))
    answer = cadre.post(f"{address}/review", data=decision(stale))
    told = words(answer.text).split('id="since-seen"')[1].split("</section>")[0]
    assert "<del>19h30</del><ins>20h00</ins>" in told
    assert "<del>Ún Tà, Luổng Láo 1</del> → <ins>Ún Tà</ins>" in told
    assert "<del>Khác</del> → <ins>Y tế</ins>" in told
    assert "<del>thông thường</del> → <ins>ưu tiên</ins>" in told
    assert town.latest(revision).state == State.IN_REVIEW
    assert cadre.post(f"{address}/review", data=decision(answer.text)).status_code == 303
    assert town.latest(revision).state == State.APPROVED


def test_audio_made_anew_must_be_heard_anew(cadre: TestClient, town: Town) -> None:
    """Where only the master differs, the stale page says just that."""
    revision = town.rendered()
    address = f"/announcements/{revision.announcement.uuid}/review"
    stale = cadre.get(address).text
    made_anew(town, revision)
    answer = cadre.post(address, data=decision(stale))
    told = words(answer.text).split('id="since-seen"')[1].split("</section>")[0]
    assert "Âm thanh đã được làm lại" in told
    assert "<del>" not in told


def test_the_approver_hears_every_language_and_learns_who_vouches(browser: Browser, town: Town) -> None:
    """A player per part; a recording nobody vouched for is told, not refused; vouching there leads back there."""
    revision = with_recording(town, "pcc")
    address = f"/announcements/{revision.announcement.uuid}"
    cadre = browser(Role.CADRE)
    page = cadre.get(f"{address}/review").text
    assert page.count("data-heard hidden") == page.count("<audio") == 2
    assert "Chưa ai xác nhận bản ghi âm này" in words(page)
    done = cadre.post(f"{address}/attest", data={"language": "pcc", "on": "review"})
    assert done.headers["location"].startswith(f"{address}/review")
    page = cadre.get(done.headers["location"]).text
    assert "Đã ghi nhận bạn xác nhận bản ghi âm." in words(page)
    assert "Chưa ai xác nhận" not in words(page)
    assert cadre.post(f"{address}/review", data=decision(page)).status_code == 303


def test_what_cannot_be_heard_yet_cannot_be_approved(cadre: TestClient, town: Town) -> None:
    """Without audio there is no button, and a forged press is refused."""
    revision = town.submitted()
    address = f"/announcements/{revision.announcement.uuid}/review"
    assert 'value="approve"' not in cadre.get(address).text
    answer = cadre.post(address, data={"do": "approve", "shown": "0" * 64, "heard": "true"})
    assert "Âm thanh chưa sẵn sàng" in words(answer.text)


def test_who_wrote_it_is_told_who_can_approve(browser: Browser, town: Town) -> None:
    """The author has no button, learns the others' names, and is refused when trying."""
    revision = town.rendered(author=Role.CADRE)
    address = f"/announcements/{revision.announcement.uuid}/review"
    author = browser(Role.CADRE)
    page = words(author.get(address).text)
    assert 'value="approve"' not in page
    assert "Người có thể duyệt: Sần Thị Hoa." in page
    assert author.post(address, data={"do": "approve", "shown": "x", "heard": "true"}).status_code == 403


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECRETARY])
def test_approving_needs_the_role(browser: Browser, town: Town, role: Role) -> None:
    """Who may not approve sees who can, and a press is refused in words."""
    revision = town.rendered(author=Role.ADMIN)
    address = f"/announcements/{revision.announcement.uuid}/review"
    someone = browser(role)
    assert "Người có thể duyệt: Trần Văn Hải." in words(someone.get(address).text)
    answer = someone.post(address, data={"do": "approve", "shown": "x", "heard": "true"})
    assert answer.status_code == 403
    assert "cần vai trò “cán bộ duyệt”" in words(answer.text)


def test_returning_needs_a_reason_and_reaches_the_writer(browser: Browser, town: Town) -> None:
    """The reason is asked for, and then waits for the writer on their first page."""
    revision = town.rendered()
    address = f"/announcements/{revision.announcement.uuid}/review"
    cadre, writer = browser(Role.CADRE), browser(Role.SECRETARY)
    refused = cadre.post(address, data={"do": "return", "reason": "  "})
    assert refused.status_code == 422
    assert "Hãy cho biết cần sửa gì" in words(refused.text)
    assert cadre.post(address, data={"do": "return", "reason": "Ghi rõ giờ họp."}).status_code == 303
    today = words(writer.get("/").text)
    assert "Ghi rõ giờ họp." in today
    assert f"/announcements/{revision.announcement.uuid}/edit" in today
    assert "Trần Văn Hải trả lại để sửa" in words(writer.get(f"/announcements/{revision.announcement.uuid}/edit").text)


def test_the_approver_reads_for_which_slots(cadre: TestClient, town: Town) -> None:
    """By name; they are part of what is approved, and booked."""
    for hour, name in ((6, "Bản tin sáng"), (11, "Bản tin trưa"), (17, "Bản tin chiều")):
        town.slot(time(hour), 20, name)
    with unit_of_work(town.station.sessions, writes=False) as session:
        morning, noon, _ = (str(slot.uuid) for slot in schedules.slots(session, town.commune))
    revision = town.rendered(slots=[morning, noon])
    page = words(cadre.get(f"/announcements/{revision.announcement.uuid}/review").text)
    assert "Bản tin sáng, Bản tin trưa" in page


def test_what_changed_since_last_time_is_marked(browser: Browser, town: Town) -> None:
    """A second review shows old and new words, and other fields that changed."""
    revision = town.rendered()
    uuid = revision.announcement.uuid
    cadre, writer = browser(Role.CADRE), browser(Role.SECRETARY)
    cadre.post(f"/announcements/{uuid}/review", data={"do": "return", "reason": "Sửa giờ."})
    text = "Mời bà con họp thôn lúc 20h00 ngày 25/11 tại Nhà văn hóa."
    writer.post(
        f"/announcements/{uuid}/edit", data=typed(do="send", text=text, where="all", edits="1", times_per_day="1")
    )
    with unit_of_work(town.station.sessions) as session:
        render(session, town.station, queries.latest(session, town.commune, uuid))
    page = words(cadre.get(f"/announcements/{uuid}/review").text)
    assert "<del>19h30</del><ins>20h00</ins>" in page
    assert "Số lần mỗi ngày" not in page.split("Phát ở đâu, khi nào")[0]


def test_what_is_decided_is_only_shown(cadre: TestClient, town: Town) -> None:
    """The review of an approved announcement leads to its page."""
    revision = town.approved()
    answer = cadre.get(f"/announcements/{revision.announcement.uuid}/review")
    assert answer.headers["location"] == f"/announcements/{revision.announcement.uuid}"
