"""The people page: adding, changing, closing, links; nobody learns a password."""

import re

import pyotp
import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from broadcaster.accounts import second_factor
from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role, User
from content.kernel.audit import AuditEntry
from content.kernel.db import unit_of_work
from tests.broadcaster.web.conftest import SITE, Town, words

LAN = {"name": "Chị Lan", "login": "Lan ", "role": "secretary", "where": "some", "villages": ["un-ta"]}
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def link_on(page: str) -> str:
    """The link that the page shows to be sent."""
    found = re.search(r"http://testserver(/link/[\w-]+)", page)
    assert found is not None
    return found[1]


def test_somebody_is_added_and_opens_the_account_by_a_link(admin: TestClient, client: TestClient, town: Town) -> None:
    """The admin sees a link and a picture of it, never a password; the person chooses one and is in."""
    page = admin.post("/people/new", data=LAN).text
    assert "<svg" in page
    client.headers["origin"] = SITE
    chosen = {"password": "bốn con ngựa đen", "again": "bốn con ngựa đen"}
    assert client.post(link_on(page), data=chosen).status_code == 200
    assert "Chị Lan" in client.get("/account").text
    line = words(admin.get("/people").text).split("Chị Lan")[1].split("</li>")[0]
    assert "Ún Tà" in line
    with unit_of_work(town.station.sessions, writes=False) as session:
        acts = session.scalars(select(AuditEntry).where(AuditEntry.act == "account.added")).one()
    assert acts.actor == town.people[Role.ADMIN].uuid


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"login": "cadre"}, "login"),
        ({"login": "Chị Lan"}, "login"),
        ({"name": " "}, "name"),
        ({"villages": []}, "villages"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    admin: TestClient, town: Town, changes: dict[str, object], field: str
) -> None:
    """The form comes back as typed, and nobody is added."""
    answer = admin.post("/people/new", data={**LAN, **changes})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert 'value="secretary" selected' in answer.text
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert session.scalars(select(func.count()).select_from(User)).one() == len(town.people)


def test_another_role_counts_at_once(admin: TestClient, secretary: TestClient, town: Town) -> None:
    """The person logs in anew, as what they are now."""
    person = town.people[Role.SECRETARY]
    typed = {"name": "Lù Thị Mai Hoa", "role": "viewer", "where": "all"}
    assert admin.post(f"/people/{person.uuid}", data=typed).headers["location"] == "/people?did=person-saved"
    assert secretary.get("/log").status_code == 303
    assert "Lù Thị Mai Hoa" in admin.get(f"/people/{person.uuid}").text


def test_an_unknown_role_is_the_least(admin: TestClient, town: Town) -> None:
    """What no form of ours sends makes nobody an admin."""
    admin.post("/people/new", data={**LAN, "role": "root"})
    with unit_of_work(town.station.sessions, writes=False) as session:
        assert accounts.by_login(session, town.commune, "lan").role == Role.VIEWER


@pytest.mark.parametrize("act", ["close", "demote"])
def test_the_last_admin_stays(admin: TestClient, town: Town, act: str) -> None:
    """The page says why, and the admin is still one."""
    address = f"/people/{town.people[Role.ADMIN].uuid}"
    if act == "close":
        answer = admin.post(f"{address}/close")
    else:
        answer = admin.post(address, data={"name": "Hoa", "role": "cadre"})
    assert answer.status_code == 422
    assert "Sần Thị Hoa" in words(answer.text)
    assert admin.get("/people").status_code == 200


def test_closing_is_undone_by_opening(admin: TestClient, town: Town) -> None:
    """The line offers to open it again, and nothing else."""
    address = f"/people/{town.people[Role.CADRE].uuid}"
    assert admin.post(f"{address}/close").headers["location"] == "/people?did=person-closed"
    assert f'action="{address}/reopen"' in admin.get("/people").text
    assert "/link" not in admin.get(address).text
    assert admin.post(f"{address}/reopen").headers["location"] == "/people?did=person-reopened"
    assert f'action="{address}/close"' in admin.get(address).text


def test_a_link_for_a_forgotten_password_is_shown_once(admin: TestClient, town: Town) -> None:
    """Until it is used the old password counts; the page shows it on this answer only."""
    address = f"/people/{town.people[Role.VIEWER].uuid}"
    shown = link_on(admin.post(f"{address}/link").text)
    assert shown not in admin.get(address).text
    assert admin.get(shown).status_code == 200


def test_a_link_that_no_other_device_reaches_says_so(admin: TestClient, town: Town) -> None:
    """Made at this machine by its own name, it would lead the person's phone to the phone."""
    address = f"/people/{town.people[Role.VIEWER].uuid}/link"
    assert 'class="notice care"' not in admin.post(address).text
    admin.headers |= {"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000"}
    assert 'class="notice care"' in admin.post(address).text


def test_a_lost_phone_is_helped(admin: TestClient, town: Town) -> None:
    """The admin switches the second factor off, and it is offered only while it is on."""
    cadre = town.people[Role.CADRE]
    address = f"/people/{cadre.uuid}"
    assert "second-factor" not in admin.get(address).text
    with unit_of_work(town.station.sessions) as session:
        key, now = town.station.signer.secret_for("totp"), town.clock.now()
        user = session.get_one(User, cadre.id)
        second_factor.switch_on(session, key, user, SECRET, pyotp.TOTP(SECRET).at(now), now)
    assert f'action="{address}/second-factor/off"' in admin.get(address).text
    admin.post(f"{address}/second-factor/off")
    assert "second-factor/off" not in admin.get(address).text


def test_the_menu_leads_there(admin: TestClient, viewer: TestClient) -> None:
    """Everybody finds their own account, admins also the people."""
    assert 'href="/account"' in viewer.get("/log").text
    assert 'href="/people"' not in viewer.get("/log").text
    assert 'href="/people"' in admin.get("/log").text
