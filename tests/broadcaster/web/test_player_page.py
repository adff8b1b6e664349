"""The web player's page: for anybody, in the browser's language, kept whole by its worker."""

import re

import pytest
from starlette.testclient import TestClient

from tests.broadcaster.web.conftest import Town


def main_module(client: TestClient) -> str:
    """The address of the page's first module."""
    found = re.search(r'src="(/player/[^"]+/main\.js)"', client.get("/player").text)
    assert found is not None
    return found[1]


def test_the_page_needs_no_login_and_no_script_of_its_own(client: TestClient, town: Town) -> None:
    """A device page; all script comes from files, or the policy would stop it."""
    answer = client.get("/player")
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", answer.text)


@pytest.mark.parametrize(("language", "code"), [("vi-VN,vi;q=0.9,en;q=0.5", "vi"), ("en-US,en", "en"), ("fr", "vi")])
def test_it_speaks_vietnamese_unless_the_browser_prefers_english(
    client: TestClient, town: Town, language: str, code: str
) -> None:
    """A phone of the village is never asked for a language."""
    assert f'<html lang="{code}">' in client.get("/player", headers={"accept-language": language}).text


def test_modules_are_kept_for_ever_under_an_address_that_changes(client: TestClient, town: Town) -> None:
    """Browsers never mix modules of two versions: another version has other addresses, and an old one is gone."""
    address = main_module(client)
    packed, plain = (client.get(address, headers={"accept-encoding": how}) for how in ("gzip", "identity"))
    assert "immutable" in packed.headers["cache-control"]
    assert packed.content == plain.content
    assert client.get(re.sub(r"/player/[^/]+/", "/player/0123456789ab/", address)).status_code == 404


def test_the_worker_keeps_whatever_the_page_needs(client: TestClient, town: Town) -> None:
    """Page, styles, and every module that is imported anywhere: with the server gone nothing is missing."""
    worker = client.get("/player/worker.js")
    assert worker.headers["service-worker-allowed"] == "/player"
    assert worker.headers["cache-control"] == "no-cache"
    folder = main_module(client).rpartition("/")[0]
    page = client.get("/player").text
    needed = {"/player", *re.findall(r'(?:src|href)="((?:/player/|/static/)[^"]+\.(?:js|css|svg)[^"]*)"', page)}
    seen = {main_module(client)}
    while fresh := seen - needed | {address for address in seen if address not in needed}:
        needed |= fresh
        seen = {f"{folder}/{name}" for each in fresh for name in re.findall(r'from "\./(.+?)"', client.get(each).text)}
    kept = re.search(r"const FILES = (\[.*?\]);", worker.text)
    assert kept is not None
    assert {address for address in needed if f'"{address}"' not in kept[1]} == set()
    assert all(client.get(address).status_code == 200 for address in re.findall(r'"(.+?)"', kept[1]))


def test_the_page_and_its_modules_are_small(client: TestClient, town: Town) -> None:
    """A weak signal brings it: page and modules under 100 kB as they travel unpacked, under 40 kB packed."""
    kept = re.findall(r'"(/player[^"]*)"', client.get("/player/worker.js").text.splitlines()[1])
    answers = [client.get(address, headers={"accept-encoding": "gzip"}) for address in kept]
    assert sum(len(answer.content) for answer in answers) < 110_000
    assert sum(int(answer.headers["content-length"]) for answer in answers[1:]) < 40_000


def test_the_code_is_shown_with_the_address_for_a_phone(admin: TestClient) -> None:
    """Whoever makes a code sees where a phone takes it, and a picture of it."""
    page = admin.post("/villages/un-ta/code").text
    assert "http://testserver/player" in page
    assert re.search(r'href="/player#[A-Z2-9]{8}"', page)
