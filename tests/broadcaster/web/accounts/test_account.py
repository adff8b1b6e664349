"""One's own account: password, second factor, where one is logged in; and the one-time link."""

import re
from dataclasses import replace

import pyotp
import pytest
from starlette.testclient import TestClient

from broadcaster.accounts import links, passwords, second_factor, service
from broadcaster.accounts.models import Role, User
from broadcaster.app import create_app
from broadcaster.deps import LOGIN_COOKIE
from content.kernel.db import unit_of_work
from tests.broadcaster.web.conftest import SITE, Browser, Town, words

OLD, CHOSEN = "ba con trâu trắng", "bốn con ngựa đen"


@pytest.fixture
def known(town: Town) -> None:
    """Everybody has the same password."""
    with unit_of_work(town.station.sessions) as session:
        for person in town.people.values():
            user = session.get_one(User, person.id)
            service.set_password(session, user, passwords.hashed(OLD), None, town.clock.now(), chosen=True)


def secret_on(page: str) -> tuple[str, str]:
    """The secret as shown, and as it goes back."""
    shown = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))
    return shown, re.search(r'name="secret" value="([^"]+)"', page)[1]  # type: ignore[index]


def switch_on(client: TestClient, town: Town) -> str:
    """Enrol as a person would; returns the page of the recovery codes."""
    shown, secret = secret_on(client.get("/account/second-factor").text)
    code = pyotp.TOTP(shown).at(town.clock.now())
    return client.post("/account/second-factor", data={"secret": secret, "code": code, "next": "/log"}).text


@pytest.mark.usefixtures("known")
def test_a_new_password_keeps_this_device_only(browser: Browser, town: Town) -> None:
    """The other device is out, this one stays, and the page says so."""
    here, there = browser(Role.CADRE), browser(Role.CADRE)
    typed = {"present": OLD, "password": CHOSEN, "again": CHOSEN}
    answer = here.post("/account/password", data=typed)
    assert answer.headers["location"] == "/account?did=password-changed"
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"present": "zq8"}, "present"),
        ({"password": "zq7", "again": "zq7"}, "password"),
        ({"password": OLD, "again": OLD}, "password"),
        ({"again": "khác hẳn thế"}, "again"),
    ],
)
def test_what_is_wrong_with_a_password_stands_at_its_field(
    cadre: TestClient, changes: dict[str, str], field: str
) -> None:
    """One rule at a time, at the field it is about, and no password comes back on the page."""
    typed = {"present": OLD, "password": CHOSEN, "again": CHOSEN, **changes}
    answer = cadre.post("/account/password", data=typed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert not any(password in words(answer.text) for password in (*typed.values(), OLD))


@pytest.mark.usefixtures("known")
def test_the_present_password_cannot_be_guessed(cadre: TestClient) -> None:
    """An open browser is not a place to try passwords."""
    typed = {"present": "sai", "password": CHOSEN, "again": CHOSEN}
    statuses = [cadre.post("/account/password", data=typed).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


@pytest.mark.usefixtures("known")
def test_the_second_factor_is_set_up_by_its_first_code(cadre: TestClient, town: Town) -> None:
    """Picture and key, a wrong code keeps both, a right one shows eight recovery codes once."""
    page = cadre.get("/account/second-factor").text
    assert '<svg viewBox="0 0 ' in page
    shown, secret = secret_on(page)
    wrong = cadre.post("/account/second-factor", data={"secret": secret, "code": "000000"})
    assert wrong.status_code == 422
    assert secret_on(wrong.text)[0] == shown
    codes = re.findall(r"<code>([\w-]+)</code>", switch_on(cadre, town))
    assert len(codes) == second_factor.RECOVERY_CODES
    assert codes[0] not in cadre.get("/account").text
    assert cadre.get("/account/second-factor").headers["location"] == "/account"


@pytest.mark.parametrize("secret", ["", "forged.x.y", "of-another"])
def test_only_our_own_secrets_are_taken(browser: Browser, town: Town, secret: str) -> None:
    """A secret that the page did not show to this person is replaced by a new one."""
    if secret == "of-another":
        secret = secret_on(browser(Role.ADMIN).get("/account/second-factor").text)[1]
    answer = browser(Role.CADRE).post("/account/second-factor", data={"secret": secret, "code": "000000"})
    assert answer.status_code == 422
    assert len(secret_on(answer.text)[0]) == 32


@pytest.mark.usefixtures("known")
def test_the_second_factor_goes_off_by_the_password(cadre: TestClient, town: Town) -> None:
    """A wrong one is said at its field; the right one ends it."""
    switch_on(cadre, town)
    wrong = cadre.post("/account/second-factor/off", data={"present": "zq8"})
    assert wrong.status_code == 422
    assert 'id="present-error"' in wrong.text
    answer = cadre.post("/account/second-factor/off", data={"present": OLD})
    assert answer.headers["location"] == "/account?did=second-factor-off"
    assert cadre.get("/account/second-factor").status_code == 200


def test_where_it_is_required_who_approves_sets_it_up_first(town: Town) -> None:
    """With `require_totp` a cadre is led there from every page, and a secretary is not."""
    station = replace(town.station, settings=town.station.settings.model_copy(update={"require_totp": True}))
    with TestClient(create_app(station), base_url=SITE, follow_redirects=False) as client:
        client.headers["origin"] = SITE
        client.cookies.set(LOGIN_COOKIE, town.login(Role.SECRETARY))
        assert client.get("/log").status_code == 200
        client.cookies.set(LOGIN_COOKIE, town.login(Role.CADRE))
        assert client.get("/log").headers["location"] == "/account/second-factor?next=/log"
        assert 'href="/log"' in switch_on(client, town)
        assert client.get("/log").status_code == 200


def test_each_device_can_be_logged_out(browser: Browser) -> None:
    """Logging out the other device leaves this one; logging out this one leads to the login."""
    here, there = browser(Role.VIEWER), browser(Role.VIEWER)
    page = words(here.get("/account").text)
    assert page.count("Chrome · Android") == 2
    mine, other = sorted(page.split('<li class="item has-action">')[1:], key=lambda line: "badge" not in line)
    end_mine, end_other = (re.search(r'action="(/account/logins/[^"]+)"', line)[1] for line in (mine, other))  # type: ignore[index]
    assert here.post(end_other).headers["location"] == "/account?did=login-ended"
    assert [client.get("/account").status_code for client in (here, there)] == [200, 303]
    assert here.post(end_mine).headers["location"] == "/login"
    assert here.get("/account").status_code == 303


def test_one_press_logs_out_everywhere(browser: Browser, town: Town) -> None:
    """All devices of this person, nobody else's."""
    here, there, other = browser(Role.CADRE), browser(Role.CADRE), browser(Role.ADMIN)
    assert here.post("/account/logins/end").headers["location"] == "/login"
    assert [client.get("/account").status_code for client in (here, there, other)] == [303, 303, 200]


def test_nobody_logs_out_somebody_else(browser: Browser) -> None:
    """The address of another person's login is no address here."""
    theirs = re.search(r'action="(/account/logins/[0-9a-f-]+/end)"', browser(Role.ADMIN).get("/account").text)
    assert theirs is not None
    assert browser(Role.VIEWER).post(theirs[1]).status_code == 404


@pytest.fixture
def link(town: Town) -> str:
    """A one-time link for the secretary."""
    with unit_of_work(town.station.sessions) as session:
        user = session.get_one(User, town.people[Role.SECRETARY].id)
        return f"/link/{links.make(session, user, None, town.clock.now())}"


@pytest.fixture
def stranger(client: TestClient) -> TestClient:
    """A browser without a login."""
    client.follow_redirects = False
    client.headers["origin"] = SITE
    return client


def test_a_link_lets_its_person_choose_a_password_and_in(stranger: TestClient, link: str) -> None:
    """Looking does not use it up, a bad choice neither; afterwards it is dead and says whom to ask."""
    assert "Lù Thị Mai" in stranger.get(link).text
    bad = stranger.post(link, data={"password": "secretary1", "again": "secretary1"})
    assert bad.status_code == 422
    assert 'id="password-error"' in bad.text
    assert stranger.post(link, data={"password": CHOSEN, "again": CHOSEN}).headers["location"] == "/"
    assert stranger.get("/account").status_code == 200
    assert stranger.get(link).status_code == 404
    assert stranger.post(link, data={"password": OLD, "again": OLD}).status_code == 404


def test_a_link_does_not_replace_the_second_factor(
    secretary: TestClient, stranger: TestClient, town: Town, link: str
) -> None:
    """Who has two steps still owes the code."""
    switch_on(secretary, town)
    answer = stranger.post(link, data={"password": CHOSEN, "again": CHOSEN})
    assert answer.headers["location"] == "/login/code?next=/"
    assert LOGIN_COOKIE not in stranger.cookies


def test_links_cannot_be_guessed(stranger: TestClient, town: Town) -> None:
    """Twenty dead links from an address, then none."""
    assert [stranger.get(f"/link/{n}").status_code for n in range(21)] == [404] * 20 + [429]
