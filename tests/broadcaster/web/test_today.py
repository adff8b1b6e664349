"""The first page: what waits renews itself."""

import re

from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from tests.broadcaster.web.conftest import Browser, Town, words


def test_what_waits_renews_itself(browser: Browser, town: Town) -> None:
    """The list is a piece of its own, which says in a word how much it is."""
    cadre = browser(Role.CADRE)
    town.draft()
    assert 'data-refresh="/today/tasks"' in cadre.get("/").text
    assert "Không có bản tin nào chờ bạn." in words(cadre.get("/today/tasks").text)
    revision = town.rendered(title="Vừa gửi đến")
    piece = words(cadre.get("/today/tasks").text)
    assert 'data-said="1 việc đang chờ bạn"' in piece
    assert "Vừa gửi đến" in piece
    assert f"/announcements/{revision.announcement.uuid}/review" in piece


def test_more_than_fits_leads_to_the_list(secretary: TestClient, town: Town) -> None:
    """Eight are shown, the rest is one press away, filtered."""
    for number in range(10):
        town.draft(title=f"Việc {number}")
    page = words(secretary.get("/").text)
    assert len(re.findall(r"Việc \d<", page)) == 8
    assert '<a href="/announcements?state=waiting">và 2 mục khác</a>' in page
    assert "Tìm thấy 10 bản tin" in words(secretary.get("/announcements?state=waiting").text)
