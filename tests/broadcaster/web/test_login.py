"""Logging in, out, and the language of the pages."""

import pytest
from starlette.testclient import TestClient

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import LOGIN_COOKIE
from content.kernel.db import unit_of_work
from tests.broadcaster.web.conftest import Town, words


@pytest.fixture
def visitor(client: TestClient, town: Town) -> TestClient:
    """Somebody who is not logged in, in front of a commune whose secretary has a password."""
    with unit_of_work(town.station.sessions) as session:
        accounts.set_password(session, town.commune, Role.SECRETARY, "k7wm-x3pa", town.clock.now())
    client.follow_redirects = False
    return client


def test_who_is_not_logged_in_comes_back_to_the_page_afterwards(visitor: TestClient) -> None:
    """A page asks for the login and is shown after it."""
    asked = visitor.get("/announcements?state=draft")
    assert asked.headers["location"] == "/login?next=/announcements%3Fstate%3Ddraft"
    entered = {"login": "secretary", "password": "k7wm-x3pa", "next": "/announcements?state=draft"}
    answer = visitor.post("/login", data=entered)
    assert (answer.status_code, answer.headers["location"]) == (303, "/announcements?state=draft")
    assert visitor.get("/announcements").status_code == 200


def test_the_login_cookie_cannot_be_read_by_scripts(visitor: TestClient) -> None:
    """The cookie is HttpOnly and stays on the site."""
    answer = visitor.post("/login", data={"login": "secretary", "password": "k7wm-x3pa"})
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=lax" in answer.headers["set-cookie"]


def test_a_wrong_password_is_said_and_the_login_kept(visitor: TestClient) -> None:
    """The login stays in its field, the password does not."""
    answer = visitor.post("/login", data={"login": "secretary", "password": "sai-mat-khau"})
    assert answer.status_code == 422
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng" in words(answer.text)
    assert 'value="secretary"' in answer.text
    assert "sai-mat-khau" not in answer.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil"])
def test_the_login_leads_nowhere_else(visitor: TestClient, elsewhere: str) -> None:
    """An address of another site after the login becomes the start page."""
    answer = visitor.post("/login", data={"login": "secretary", "password": "k7wm-x3pa", "next": elsewhere})
    assert answer.headers["location"] == "/"


def test_a_forged_cookie_is_nobody(visitor: TestClient) -> None:
    """Only cookies that the server signed name anybody."""
    visitor.cookies.set(LOGIN_COOKIE, "WyJhIiwxXQ.x.y")
    assert visitor.get("/").headers["location"] == "/login"


def test_logging_out_ends_the_visit(secretary: TestClient) -> None:
    """After logging out the pages ask for the login again."""
    assert "login=" in secretary.post("/logout").headers["set-cookie"]


def test_the_language_can_be_chosen_and_stays(secretary: TestClient) -> None:
    """One press changes all pages to English, on the page where one was."""
    answer = secretary.post(
        "/language", data={"language": "en"}, headers={"referer": "http://testserver/log?on=2026-11-22"}
    )
    assert answer.headers["location"] == "/log?on=2026-11-22"
    page = secretary.get("/log").text
    assert "Broadcast log" in page
    assert '<html lang="en">' in page
