"""What holds for every page: who may see it, its size, its language, its one heading."""

import re
from datetime import time

import pytest
from babel.messages.pofile import read_po
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from broadcaster.sample import SAMPLE_SLUG
from broadcaster.web.templating import environment
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node
from tests.broadcaster.web.conftest import Browser, Town, words
from tests.broadcaster.web.test_catalogue import PO
from tests.broadcaster.web.villages.test_pages import pair

FOR_ALL = ("/", "/announcements", "/schedule", "/villages", "/villages/un-ta", "/log")
TO_WRITE = ("/announcements/new",)
BIGGEST = 100_000


def pages_of(town: Town) -> list[str]:
    """Every address that a logged-in person can open, in a commune in the middle of its work."""
    town.slot(name="Loa chiều")
    town.slot(time(6), 15, "Loa sáng")
    pair(town, sample=True, playing="Lịch cắt điện")
    approved, rendered = town.approved(title="Lịch cắt điện"), town.rendered()
    waiting, written = town.submitted(), town.draft()
    town.plan()
    return [
        *FOR_ALL,
        *TO_WRITE,
        "/log?village=un-ta",
        "/log/week?village=un-ta",
        "/log/heard",
        "/log/quarantine",
        f"/log/announcements/{approved.announcement.uuid}",
        "/reports?kind=day",
        "/reports/orders",
        "/schedule?on=2026-11-23&village=un-ta",
        f"/announcements/{approved.announcement.uuid}",
        f"/announcements/{rendered.announcement.uuid}/review",
        f"/announcements/{waiting.announcement.uuid}",
        f"/announcements/{written.announcement.uuid}/edit",
        "/no-such-page",
    ]


@pytest.mark.parametrize("role", list(Role))
def test_everybody_sees_what_airs_and_who_writes_may_write(browser: Browser, role: Role) -> None:
    """Reading is for all roles, writing from secretary on."""
    someone = browser(role)
    assert [someone.get(address).status_code for address in FOR_ALL] == [200] * len(FOR_ALL)
    writes = 403 if role is Role.VIEWER else 200
    assert [someone.get(address).status_code for address in TO_WRITE] == [writes]


def test_nothing_is_shown_without_a_login(client: TestClient, town: Town) -> None:
    """Every page, and every press, asks for the login first."""
    client.follow_redirects = False
    for address in pages_of(town)[:-1]:
        assert client.get(address).headers["location"].startswith("/login"), address
    for address in ("/announcements/new", "/schedule/slots", "/villages", "/villages/un-ta/code"):
        assert client.post(address).headers["location"].startswith("/login"), address


def test_pages_are_small(admin: TestClient, town: Town) -> None:
    """A first load with its styles and scripts stays below 100 kB."""
    for address in pages_of(town):
        page = admin.get(address).text
        assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
        size = len(page.encode()) + sum(len(admin.get(asset).content) for asset in assets)
        assert size < BIGGEST, f"{address}: {size}"


def test_pages_have_one_heading_and_a_title(admin: TestClient, town: Town) -> None:
    """One h1 a page, and a title that names it."""
    for address in pages_of(town):
        page = admin.get(address).text
        assert page.count("<h1>") == 1, address
        assert not re.search(r"<title>\s*–", page), address


def test_pages_speak_one_language_at_a_time(admin: TestClient, town: Town) -> None:
    """No English message stands on a Vietnamese page, nor a Vietnamese one on an English page."""
    catalogue = _catalogue()
    english = {
        message
        for message in catalogue
        if len(message) > 6 and "{" not in message and "%" not in message and message not in catalogue[message]
    }
    addresses = pages_of(town)
    for address in addresses:
        shown = _visible(admin.get(address).text)
        assert not {message for message in english if re.search(rf"\b{re.escape(message)}\b", shown)}, address
    admin.cookies.set("language", "en")
    vietnamese = {catalogue[message] for message in english}
    for address in addresses:
        page = admin.get(address).text
        own = {"Họp thôn", "Tiếng Việt"}  # people's words, and a language's own name
        shown = _visible(page)
        found = {words_ for words_ in vietnamese - own if re.search(rf"(?<!\w){re.escape(words_)}(?!\w)", shown)}
        assert not found, address


def test_a_broken_page_says_so_without_code_words(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What we did not foresee is a page in words, with its policy, and no trace."""

    def break_(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("broadcaster.asrun.queries.day_log", break_)
    answer = admin.get("/log")
    assert answer.status_code == 500
    assert "Máy chủ gặp trục trặc" in words(answer.text)
    assert "secret" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "address", ["/nothing", "/announcements/not-a-uuid", "/announcements/00000000-0000-4000-8000-000000000000"]
)
def test_what_does_not_exist_is_a_page_in_words(admin: TestClient, address: str) -> None:
    """Wrong addresses are answered in Vietnamese with a way back."""
    answer = admin.get(address)
    assert answer.status_code == 404
    assert "Về trang Hôm nay" in words(answer.text)
    assert "detail" not in answer.text


def test_an_empty_commune_is_told_its_first_steps(admin: TestClient) -> None:
    """A newcomer sees three steps and where to begin."""
    page = words(admin.get("/").text)
    assert "Những bước đầu tiên" in page
    assert "/schedule#add" in page


def test_the_sample_commune_says_what_is_not_real(admin: TestClient, town: Town) -> None:
    """Names that are examples, and a trial slot every few minutes, are said on the first page."""
    assert "Đây là xã mẫu" not in words(admin.get("/").text)
    with unit_of_work(town.station.sessions) as session:
        session.get_one(Node, town.commune.id).slug = SAMPLE_SLUG
    page = words(admin.get("/").text)
    assert "chỉ có Ún Tà là thật" in page
    assert "Cứ ba phút có một khung giờ phát thử" in page


def test_every_template_compiles() -> None:
    """No template waits for a rare page to show its mistake."""
    for name in environment().list_templates():
        environment().get_template(name)


def _visible(page: str) -> str:
    """A page's words: without tags, scripts, and what people wrote themselves."""
    body = re.sub(r"<(script|noscript|textarea)\b.*?</\1>", " ", page, flags=re.DOTALL)
    body = re.sub(r'<button[^>]*lang="\w+"[^>]*>.*?</button>', " ", body)
    labels = " ".join(
        re.findall(r'(?:aria-label|title|placeholder|data-(?:saving|kept|waiting|offline))="([^"]*)"', body)
    )
    return words(re.sub(r"<[^>]+>", " ", body) + " " + labels)


def _catalogue() -> dict[str, str]:
    with PO.open("rb") as file:
        return {
            str(message.id): str(message.string)
            for message in read_po(file)
            if isinstance(message.id, str) and message.id
        }
