"""The page by a real browser's requests, over a real player and a real server."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta

import pytest

from broadcaster.player.agent import Agent
from broadcaster.player.clock import SystemSources
from broadcaster.player.keeping.identity import load_identity
from broadcaster.player.life import Life
from broadcaster.player.local import words
from broadcaster.player.local.page import Page
from broadcaster.player.local.view import VIETNAM
from broadcaster.player.output.paced import PacedOutput
from broadcaster.player.settings import Address
from broadcaster.protocol import ClockState, Phrase
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import CODE, cue
from tests.broadcaster.player.local.conftest import Browser
from tests.broadcaster.player.test_process import wait_until


@pytest.fixture
def paired(server, house, browser):
    """The machine paired over its page, with a plan and a phrase, once the player runs."""
    siren = server.add(encoded(noise(0.5)))
    opening = server.occurrence(
        server.now() + timedelta(hours=1), [cue("news", siren, duration_ms=500, title="Bản tin <sáng>")]
    )
    phrase = Phrase(key="flood", title="Lũ quét & sạt lở", media=(siren,))
    server.publish([opening], phrases=(phrase,))
    browser.look()
    browser.press("pair", server=server.url, code=CODE, name="Loa 1")
    server.wait_for(lambda: server.heartbeats and server.heartbeats[-1]["objects_missing"] == 0)
    return house


def test_an_unpaired_machine_is_paired_over_its_page(server, paired, browser):
    """With address and code the machine becomes the village's player, and its page says so."""
    assert load_identity(paired.data).player == server.player
    assert "Ún Tà" in browser.look()
    assert not (paired.data / "pairing" / "identity.json").exists()


def test_what_was_typed_wrongly_is_kept_and_explained(server, house, browser):
    """A wrong code or address is told in words, and nothing typed is lost."""
    browser.look()
    assert words.CODE_UNREADABLE.vi in browser.press("pair", server=server.url, code="12", name="Loa <1>")
    assert "Loa &lt;1&gt;" in browser.text
    assert words.ADDRESS_UNREADABLE.vi in browser.press("pair", server="radio", code=CODE, name="Loa 1")
    assert words.CODE_REFUSED.vi in browser.press("pair", server=server.url, code="ZZZZ9999", name="Loa 1")
    assert words.NO_ANSWER.vi in browser.press("pair", server="http://127.0.0.1:9", code=CODE, name="Loa 1")
    assert house.agent is None


def test_without_tls_the_key_is_compared_by_eye(server, house, browser, monkeypatch):
    """Over plain HTTP the fingerprint is shown first; only when it was found the same is the machine paired."""
    monkeypatch.setattr("broadcaster.player.network.pairing._proven", {}.get)
    server.publish()
    browser.look()
    shown = browser.press("pair", server=server.url, code=CODE, name="Loa 1")
    assert words.COMPARE.vi in shown
    assert house.agent is None
    fingerprint = shown.split('class="fingerprint">')[1].split("<")[0]
    browser.press("pair", server=server.url, code=CODE, name="Loa 1", fingerprint="0000-0000-0000-0000")
    assert not (house.data / "identity.json").exists()
    told = browser.press("pair", server=server.url, code=CODE, name="Loa 1", fingerprint=fingerprint)
    assert words.PAIRED.vi.format(village="Ún Tà") in told


def test_the_page_shows_how_the_player_is(server, paired, browser):
    """Clock, server, what is next and its key are there; titles are escaped."""
    shown = browser.look()
    for text in (
        "Bản tin &lt;sáng&gt;",
        "Lũ quét &amp; sạt lở",
        server.url,
        words.SILENT.vi,
        words.BYTES_MONTH.vi,
        words.STATES["trusted"].vi,
    ):
        assert text in shown
    assert "<sáng>" not in shown
    assert words.GIVE_TIME.vi not in shown
    assert words.SILENT.en in browser.look("/?lang=en")
    assert words.SILENT.en in browser.look()


def test_a_phrase_is_started_and_stopped(server, paired, browser):
    """A press sounds the phrase at once; Stop ends it; its row says that it was started here."""
    browser.look()
    assert words.STARTED.vi.format(title="Lũ quét &amp; sạt lở") in browser.press("phrase", key="flood")
    server.wait_for(lambda: any(row["alert_version"] == 0 for row in server.rows.values()), 40)
    assert words.STOPPED.vi in browser.press("stop")
    assert words.NOTHING_TO_STOP.vi in browser.press("stop")
    assert words.AUDIO_MISSING.vi in browser.press("phrase", key="no such phrase")


def test_the_test_tone_sounds_once_as_an_exercise(server, paired, browser):
    """A press on the tone is heard, and reported as what it was."""
    browser.look()
    assert words.TONE_STARTED.vi in browser.press("tone")
    server.wait_for(lambda: server.rows, 40)
    (row,) = server.rows.values()
    assert (row["outcome"], row["exercise"], row["alert_version"]) == ("aired", True, 0)


def test_a_press_without_the_pages_token_does_nothing(server, paired, browser):
    """Neither a forged form nor another page's press gets through."""
    browser.look()
    assert words.STALE.vi in browser.press("tone", token="forged")
    browser.press("tone", headers={"Origin": "http://evil.example"})
    assert browser.status == 403
    browser.press("tone", headers={"Sec-Fetch-Site": "cross-site"})
    assert browser.status == 403
    assert paired.agent.alerts.held() == ()


def test_a_strangers_name_for_us_is_not_answered(house, browser):
    """Asked by a name that is not ours (DNS rebinding), the page shows nothing."""
    browser.headers = {"Host": "evil.example"}
    browser.look()
    assert browser.status == 421
    assert "form" not in browser.text


def test_who_comes_from_elsewhere_needs_the_pin(paired, browser, phone):
    """Before the PIN nothing is shown and nothing done; after it everything is."""
    shown = phone.look()
    assert words.CALL.vi not in shown
    phone.press("tone")
    assert paired.agent.alerts.held() == ()
    assert words.PIN_WRONG.vi in phone.press("pin", pin="000")
    pin = json.loads((paired.data / "page.json").read_text())["pin"]
    assert words.CALL.vi in phone.press("pin", pin=pin)


def test_too_many_wrong_pins_close_the_page_for_a_while(house, phone):
    """The sixth try is not even looked at."""
    phone.look()
    for _ in range(5):
        phone.press("pin", pin="000")
    assert words.PIN_CLOSED.vi.format(minutes=1) in phone.press(
        "pin", pin=json.loads((house.data / "page.json").read_text())["pin"]
    )


def test_the_answers_forbid_what_the_page_does_not_need(house, browser):
    """No inline script or style, no framing, no sniffing, no keeping."""
    browser.look()
    policy = browser.told["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert browser.told["Cache-Control"] == "no-store"
    assert "HttpOnly; SameSite=Strict" in browser.told["Set-Cookie"]
    assert "<script>" not in browser.text
    assert "style=" not in browser.text
    for path in ("/style.css", "/time.js"):
        browser.look(path)
        assert browser.status == 200


def test_a_form_without_end_is_not_read(house, browser):
    """A form that says that it is large, or does not say how large it is, is refused unread."""
    browser.look()
    browser.ask("POST", "/tone", b"x" * 20_000)
    assert browser.status == 303


def test_pairing_again_changes_the_village_and_keeps_the_journal(server, data):
    """A second code makes the process another player at once; what was aired stays."""
    server.publish()
    command = [sys.executable, "-m", "broadcaster.player", "run", "--data", str(data), "--output", "null"]
    process = subprocess.Popen([*command, "--page", "127.0.0.1:0", "--with-parent"], stdin=subprocess.PIPE)
    try:
        server.wait_for(lambda: server.heartbeats)
        browser = Browser(json.loads((data / "page.json").read_text())["url"])
        browser.look()
        browser.press("tone")
        server.wait_for(lambda: server.rows, 40)
        server.village = "lao-cai"
        browser.press("pair", server=server.url, code=CODE, name="Loa 2")
        wait_until(lambda: load_identity(data).village == "lao-cai")
        server.publish(number=2)
        server.wait_for(lambda: server.heartbeats[-1]["manifest_id"] == 2)
        with closing(sqlite3.connect(data / "journal.db")) as db:
            assert db.execute("SELECT count(*) FROM as_run").fetchone() == (1,)
    finally:
        process.stdin.close()
        ended = process.wait(20)
    assert ended == 0


def test_a_taken_port_silences_nobody(house, tmp_path):
    """Where the port is taken the page is at another, and says where."""
    taken = int(house.page.url.rpartition(":")[2])
    folder = tmp_path / "second"
    folder.mkdir()
    with Page(Life(folder, lambda: Agent(folder, PacedOutput)), Address("127.0.0.1", taken)) as second:
        assert second.url != house.page.url
        assert json.loads((folder / "page.json").read_text())["url"] == second.url
        Browser(second.url).look()
    assert not (folder / "page.json").exists()


class NoClock(SystemSources):
    """A machine that has lost the time."""

    def set_by(self):
        return None


def test_a_phone_gives_the_time(server, data):
    """Without a clock the page asks for the phone's time first; one press and the player knows it again."""
    server.publish()
    agent = Agent(data, PacedOutput, NoClock())
    agent.sync.round()
    agent.close()
    (data / "clock.json").unlink()
    server.faults.away = True
    life = Life(data, lambda: Agent(data, PacedOutput, NoClock()))
    with Page(life, Address("127.0.0.1", 0)) as page:
        life.agent = Agent(data, PacedOutput, NoClock())
        browser = Browser(page.url)
        assert words.NO_TIME.vi in browser.look()
        assert words.TIME_UNREADABLE.vi in browser.press("time", at="", typed="")
        assert words.TIME_REFUSED.vi in browser.press("time", at="2001-01-01T00:00:00Z", typed="")
        # Without the script: what was typed is the village's wall clock.
        local = (server.now() + timedelta(minutes=5)).astimezone(VIETNAM)
        assert "+300" in browser.press("time", at="", typed=f"{local:%Y-%m-%dT%H:%M:%S.%f}")
        assert life.agent.clock.read().state is ClockState.DRIFTING
        assert words.GIVE_TIME.vi in browser.text
        assert "+60" in browser.press("time", at=(server.now() + timedelta(minutes=6)).isoformat(), typed="")
        life.agent.close()
