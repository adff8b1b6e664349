"""Logging in, in one step or two, out, and the language of the pages."""

from dataclasses import replace

import pyotp
import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from broadcaster.accounts import passwords, second_factor, service
from broadcaster.accounts.models import LoginSession, Role, User
from broadcaster.app import create_app
from broadcaster.deps import LOGIN_COOKIE
from broadcaster.web.writing.entering import CODE_COOKIE
from content.kernel.db import unit_of_work
from tests.broadcaster.web.conftest import SITE, Browser, Town, words

PASSWORD = "ba con trâu trắng"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ENTERED = {"login": "secretary", "password": PASSWORD}


@pytest.fixture
def visitor(client: TestClient, town: Town) -> TestClient:
    """Somebody who is not logged in, in front of a commune whose secretary has a password."""
    with unit_of_work(town.station.sessions) as session:
        user = session.get_one(User, town.people[Role.SECRETARY].id)
        service.set_password(session, user, passwords.hashed(PASSWORD), None, town.clock.now(), chosen=True)
    client.follow_redirects = False
    client.headers["origin"] = SITE
    return client


@pytest.fixture
def twofold(visitor: TestClient, town: Town) -> TestClient:
    """The same, and the secretary has a second factor."""
    with unit_of_work(town.station.sessions) as session:
        user = session.get_one(User, town.people[Role.SECRETARY].id)
        key, now = town.station.signer.secret_for("totp"), town.clock.now()
        second_factor.switch_on(session, key, user, SECRET, pyotp.TOTP(SECRET).at(now), now)
    town.clock.pass_by(minutes=1)
    return visitor


def test_who_is_not_logged_in_comes_back_to_the_page_afterwards(visitor: TestClient) -> None:
    """A page asks for the login and is shown after it."""
    asked = visitor.get("/announcements?state=draft")
    assert asked.headers["location"] == "/login?next=/announcements%3Fstate%3Ddraft"
    answer = visitor.post("/login", data={**ENTERED, "next": "/announcements?state=draft"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/announcements?state=draft")
    assert visitor.get("/announcements").status_code == 200


def test_the_login_cookie_cannot_be_read_by_scripts(visitor: TestClient) -> None:
    """The cookie is HttpOnly and stays on the site; without TLS it does not claim to be secure."""
    cookie = visitor.post("/login", data=ENTERED).headers["set-cookie"]
    assert cookie.startswith("login=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_behind_tls_the_cookie_never_travels_in_clear(visitor: TestClient, town: Town) -> None:
    """By https, or where the settings say so, it is Secure, of this host only, and the one that counts."""
    visitor.base_url = visitor.base_url.copy_with(scheme="https")
    visitor.headers["origin"] = "https://testserver"
    cookie = visitor.post("/login", data=ENTERED).headers["set-cookie"]
    assert cookie.startswith("__Host-login=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert visitor.get("/log").status_code == 200
    visitor.cookies.set(LOGIN_COOKIE, visitor.cookies["__Host-login"])
    del visitor.cookies["__Host-login"]
    assert visitor.get("/log").status_code == 303
    station = replace(town.station, settings=town.station.settings.model_copy(update={"secure_cookies": True}))
    with TestClient(create_app(station), base_url=SITE, follow_redirects=False) as proxied:
        assert "Secure" in proxied.post("/login", data=ENTERED).headers["set-cookie"]


def test_a_wrong_password_is_said_and_the_login_kept(visitor: TestClient) -> None:
    """The login stays in its field, the password does not."""
    answer = visitor.post("/login", data={"login": "secretary", "password": "sai-mat-khau"})
    assert answer.status_code == 422
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng" in words(answer.text)
    assert 'value="secretary"' in answer.text
    assert "sai-mat-khau" not in answer.text


def test_guessing_is_refused_and_said_until_when(visitor: TestClient) -> None:
    """After five wrong tries even the right password waits, and the page tells the commune's time."""
    for _ in range(5):
        visitor.post("/login", data={**ENTERED, "password": "sai"})
    answer = visitor.post("/login", data=ENTERED)
    assert answer.status_code == 429
    assert "17:15" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/login/code"]
)
def test_the_login_leads_nowhere_else(visitor: TestClient, elsewhere: str) -> None:
    """An address of another site after the login becomes the start page."""
    answer = visitor.post("/login", data={**ENTERED, "next": elsewhere})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("cookie", ["", "WyJhIiwxXQ.x.y", "x"])
def test_a_forged_cookie_is_nobody(visitor: TestClient, cookie: str) -> None:
    """Only cookies that the server signed name anybody."""
    visitor.cookies.set(LOGIN_COOKIE, cookie)
    assert visitor.get("/").headers["location"] == "/login"


def test_the_second_step_asks_for_the_code(twofold: TestClient, town: Town) -> None:
    """The password alone opens nothing; with the app's code one goes where one wanted to."""
    asked = twofold.post("/login", data={**ENTERED, "next": "/log?on=2026-11-22"})
    assert asked.headers["location"] == "/login/code?next=/log%3Fon%3D2026-11-22"
    assert LOGIN_COOKIE not in twofold.cookies
    assert twofold.get("/log").headers["location"].startswith("/login?")
    assert 'value="/log?on=2026-11-22"' in twofold.get(asked.headers["location"]).text
    wrong = twofold.post("/login/code", data={"code": "000000", "next": "/log"})
    assert wrong.status_code == 422
    code = pyotp.TOTP(SECRET).at(town.clock.now())
    answer = twofold.post("/login/code", data={"code": code, "next": "/log"})
    assert answer.headers["location"] == "/log"
    assert CODE_COOKIE not in twofold.cookies
    assert twofold.get("/log").status_code == 200


def test_codes_cannot_be_guessed(twofold: TestClient, town: Town) -> None:
    """The password and four wrong codes are five tries; the next code waits, right or not."""
    twofold.post("/login", data=ENTERED)
    statuses = [twofold.post("/login/code", data={"code": "000000"}).status_code for _ in range(5)]
    assert statuses == [422] * 4 + [429]
    code = pyotp.TOTP(SECRET).at(town.clock.now())
    assert twofold.post("/login/code", data={"code": code}).status_code == 429


def test_the_code_page_needs_the_password_first(twofold: TestClient) -> None:
    """Without the first step, or by a cookie of another kind, the second leads back to the login."""
    assert twofold.get("/login/code").headers["location"] == "/login?next=/login/code"
    twofold.cookies.set(CODE_COOKIE, "x.y.z")
    assert twofold.post("/login/code", data={"code": "000000"}).headers["location"] == "/login"


def test_a_new_login_takes_the_place_of_the_old(visitor: TestClient) -> None:
    """Who logs in again in the same browser is not listed twice, and the old cookie opens nothing."""
    visitor.post("/login", data=ENTERED)
    old = visitor.cookies[LOGIN_COOKIE]
    visitor.post("/login", data=ENTERED)
    assert visitor.get("/account").text.count('/end"') == 1
    visitor.cookies.clear()
    visitor.cookies.set(LOGIN_COOKIE, old)
    assert visitor.get("/account").status_code == 303


def test_logging_out_ends_the_login_itself(secretary: TestClient, town: Town) -> None:
    """After logging out a copy of the cookie opens nothing."""
    copy = secretary.cookies[LOGIN_COOKIE]
    assert "login=" in secretary.post("/logout").headers["set-cookie"]
    secretary.cookies.clear()
    secretary.cookies.set(LOGIN_COOKIE, copy)
    assert secretary.get("/").headers["location"] == "/login"


def test_a_closed_account_is_out_at_once(secretary: TestClient, town: Town) -> None:
    """What an admin closes does not wait for a cookie to expire."""
    with unit_of_work(town.station.sessions) as session:
        service.close(session, session.get_one(User, town.people[Role.SECRETARY].id), None, town.clock.now())
    assert secretary.get("/log").status_code == 303


def test_being_here_is_kept_every_ten_minutes(secretary: TestClient, town: Town) -> None:
    """Reading renews the login, so that it does not end under somebody's hands; a busy writer is not waited for."""

    def seen() -> list[object]:
        with unit_of_work(town.station.sessions, writes=False) as session:
            return list(session.scalars(select(LoginSession.last_seen_at)))

    begun = town.clock.now()
    town.clock.pass_by(minutes=9)
    secretary.get("/log")
    assert seen() == [begun]
    town.clock.pass_by(minutes=1)
    secretary.get("/log")
    assert seen() == [town.clock.now()]
    town.clock.pass_by(minutes=10)
    secretary.post("/announcements/new", data={})
    assert seen() == [town.clock.now()]


def test_whose_password_was_given_chooses_one_first(browser: Browser, town: Town) -> None:
    """Every page leads to the choice and nothing is done before it; the choice leads back to the page."""
    with unit_of_work(town.station.sessions) as session:
        session.execute(update(User).values(must_change_password=True))
    secretary = browser(Role.SECRETARY)
    for answer in (secretary.get("/log"), secretary.get("/account")):
        assert answer.headers["location"].startswith("/account/password?next=")
    answer = secretary.post("/announcements/new", data={"title": "Chưa đổi mật khẩu", "do": "save"})
    assert answer.headers["location"] == "/account/password"
    chosen = {"password": PASSWORD, "again": PASSWORD, "next": "/announcements"}
    assert secretary.post("/account/password", data=chosen).headers["location"] == "/announcements"
    page = secretary.get("/announcements")
    assert page.status_code == 200
    assert "Chưa đổi mật khẩu" not in page.text


def test_the_language_can_be_chosen_and_stays(secretary: TestClient) -> None:
    """One press changes all pages to English, on the page where one was."""
    answer = secretary.post(
        "/language", data={"language": "en"}, headers={"referer": "http://testserver/log?on=2026-11-22"}
    )
    assert answer.headers["location"] == "/log?on=2026-11-22"
    page = secretary.get("/log").text
    assert "Broadcast log" in page
    assert '<html lang="en">' in page
