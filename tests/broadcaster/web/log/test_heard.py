"""What village heads say by their card, without a login."""

import re
from html import unescape

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from broadcaster.app import create_app
from broadcaster.asrun import hearing
from broadcaster.asrun.models import Hearing, HearingLink
from broadcaster.web.log.guesses import MOST_WRONG
from content.kernel import audit
from content.kernel.db import unit_of_work
from tests.broadcaster.web.conftest import Browser, Town, words
from tests.broadcaster.web.log.test_day import minute, report


@pytest.fixture
def aired(town: Town) -> Town:
    """An announcement sounded in Ún Tà half an hour ago."""
    town.slot()
    town.approved(title="Lịch cắt điện")
    town.plan()
    report(town, "aired")
    town.clock.pass_by(hours=1)
    minute(town)
    return town


def card_of(town: Town, browser: TestClient, slug: str = "un-ta") -> str:
    """The address on a new card, without the site."""
    assert browser.post(f"/log/heard/{slug}").status_code == 303
    card = browser.get(f"/log/heard/{slug}/card").text
    assert "<svg" in card
    return "/h/" + card.split('class="code">')[1].split("<")[0].replace("-", "")


def form_in(page: str) -> dict[str, str]:
    """The first form's hidden fields."""
    names = ("occurrence", "group")
    return {name: unescape(page.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0]) for name in names}


def test_a_head_of_a_village_says_what_was_heard(aired: Town, cadre: TestClient, client: TestClient) -> None:
    """Without a login, a cookie or a script; the newest answer counts and stands in the log and in the report."""
    address = card_of(aired, cadre)
    page = client.get(address)
    assert page.status_code == 200
    assert "Lịch cắt điện" in page.text
    assert "script" not in page.text
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "no-store"
    about = form_in(page.text)
    client.follow_redirects = False
    for verdict, said in (("clear", ""), ("silent", "loa hỏng <b>")):
        answer = client.post(address, data={**about, "verdict": verdict, "words": said})
        assert answer.headers["location"] == f"{address}?thanks=1"
    with unit_of_work(aired.station.sessions, writes=False) as session:
        (kept,) = session.scalars(select(Hearing))
        assert (kept.verdict, kept.words, kept.times) == ("silent", "loa hỏng <b>", 2)
        acts = audit.newest(session, [aired.villages[0].id], audit.Wanted(act="log.heard"), limit=5)
        assert len(acts) == 2
    for place in ("/log", "/log?village=un-ta", f"/log/announcements/{about['group']}"):
        assert 'class="hearing silent"' in cadre.get(place).text, place
    assert "loa hỏng &lt;b&gt;" in cadre.get("/log").text


def test_a_card_opens_one_village_and_nothing_else(aired: Town, cadre: TestClient, client: TestClient) -> None:
    """What the village was not to hear cannot be answered, and no other page opens."""
    mine, other = card_of(aired, cadre), card_of(aired, cadre, "luong-lao-1")
    about = form_in(client.get(mine).text)
    client.follow_redirects = False
    client.post(other, data={**about, "verdict": "clear"})
    with unit_of_work(aired.station.sessions, writes=False) as session:
        assert session.scalars(select(Hearing)).all() == []
    token = mine.removeprefix("/h/")
    assert client.get("/log", headers={"authorization": f"Bearer {token}"}).status_code == 303
    assert client.get(f"/feeds/{token}/today.m3u8").status_code == 404


@pytest.mark.parametrize("token", ["guessed", "a" * 38, "%00", "é", "A" * 2000])
def test_a_guessed_address_opens_nothing(client: TestClient, town: Town, token: str) -> None:
    """It is answered with a page in words."""
    answer = client.get(f"/h/{token}")
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_a_lost_card_is_ended(aired: Town, cadre: TestClient, client: TestClient) -> None:
    """A new card ends the old one, and a card can be ended without another."""
    old = card_of(aired, cadre)
    new = card_of(aired, cadre)
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    cadre.post("/log/heard/un-ta/end")
    assert client.get(new).status_code == 404
    assert cadre.get("/log/heard/un-ta/card").status_code == 404


def test_a_card_answers_a_persons_pace_only(aired: Town, cadre: TestClient, client: TestClient) -> None:
    """After sixty answers in ten minutes it waits, and then goes on."""
    address = card_of(aired, cadre)
    about = {**form_in(client.get(address).text), "verdict": "clear"}
    client.follow_redirects = False
    codes = [client.post(address, data=about).status_code for _ in range(hearing.MOST + 1)]
    assert codes == [303] * hearing.MOST + [503]
    aired.clock.pass_by(minutes=11)
    assert client.post(address, data=about).status_code == 303


def test_a_code_can_be_typed(aired: Town, cadre: TestClient, client: TestClient) -> None:
    """Eight signs that nobody mistakes, in any case, with a dash or without; a wrong one is said at the field."""
    address = card_of(aired, cadre)
    code = address.removeprefix("/h/")
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{8}", code)
    client.follow_redirects = False
    for typed in (code, code.lower(), hearing.shown(code), f" {code[:4]} {code[4:]} "):
        assert client.get("/h", params={"code": typed}).headers["location"] == address
        assert client.get(f"/h/{typed}").status_code == 200
    wrong = client.get("/h", params={"code": "AAAA-AAAA"})
    assert wrong.status_code == 422
    assert 'id="code-error"' in wrong.text
    assert 'value="AAAA-AAAA"' in wrong.text
    assert client.get("/h").status_code == 200


def test_an_address_of_older_cards_still_opens(aired: Town, cadre: TestClient, client: TestClient) -> None:
    """Until another card is made, or the card is ended."""
    card_of(aired, cadre)
    key = aired.station.signer.secret_for(hearing.PURPOSE)
    with unit_of_work(aired.station.sessions, writes=False) as session:
        old = hearing.token_of(key, session.scalars(select(HearingLink)).one())
    assert client.get(f"/h/{old}").status_code == 200
    card_of(aired, cadre)
    assert client.get(f"/h/{old}").status_code == 404


def test_codes_are_guessed_slowly(aired: Town, cadre: TestClient) -> None:
    """An address that was wrong too often gets nothing, not even by the right code; others are not held up by it."""
    address = card_of(aired, cadre)
    app = create_app(aired.station)
    guesser, head = (TestClient(app, client=(host, 1)) for host in ("192.0.2.1", "192.0.2.2"))
    found = [guesser.get(f"/h/AAAAAA{number:02}".replace("0", "B").replace("1", "C")) for number in range(MOST_WRONG)]
    assert {answer.status_code for answer in found} == {404}
    assert guesser.get(address).status_code == 503
    assert guesser.get("/h", params={"code": address[3:]}).status_code == 503
    assert head.get(address).status_code == 200
    aired.clock.pass_by(minutes=11)
    assert guesser.get(address).status_code == 200


def test_cards_are_for_cadres(browser: Browser, town: Town) -> None:
    """A secretary neither sees nor makes them."""
    secretary = browser(Role.SECRETARY)
    assert secretary.get("/log/heard").status_code == 403
    assert secretary.post("/log/heard/un-ta").status_code == 403
    assert "Thẻ" not in words(secretary.get("/log").text)


def test_days_before_yesterday_are_not_asked_for(aired: Town, cadre: TestClient, client: TestClient) -> None:
    """Nobody remembers for longer."""
    address = card_of(aired, cadre)
    before = form_in(client.get(address).text)["occurrence"]
    aired.clock.pass_by(days=2)
    minute(aired)
    assert before not in client.get(address).text
