"""The web player as a village meets it: paired on the page, heard, reported; and without its server."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from broadcaster.asrun.models import AsRunEntry
from broadcaster.demo import people
from broadcaster.demo.browser import Browser
from broadcaster.demo.stage import Stage
from broadcaster.fleet import service as fleet
from broadcaster.player.conformance.hands import Commands
from broadcaster.player.conformance.runner import chosen, run
from broadcaster.texts import Text
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune, village
from tests.e2e import web_player_command
from tests.e2e.conftest import QUIET
from tests.e2e.test_recorder import is_up

pytestmark = pytest.mark.browser

NEWS = Text("Họp thôn", "Mời bà con họp lúc 19h30 ngày 25/11.", "hop-thon", "routine")
LEAD_S = 40
PATIENCE_MS = 90_000
COMMAND = "{python} -m " + web_player_command.__name__
HEARD = """() => {
  const samples = [];
  window.heard = samples;
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to === this.context.destination && this instanceof AnalyserNode) {
      const data = new Float32Array(this.fftSize);
      setInterval(() => {
        this.getFloatTimeDomainData(data);
        samples.push(Math.max(...data.map(Math.abs)));
      }, 50);
    }
    return connect.call(this, to, ...rest);
  };
}"""

# A phone's browser lets a page sound once somebody has pressed something on it; one that is driven counts any question
# of the driver as a press.
UNASKED = """
let pressed = false;
addEventListener("pointerdown", () => (pressed = true), true);
window.AudioContext = class extends AudioContext {
  get state() {
    return pressed ? super.state : "suspended";
  }
  resume() {
    return pressed ? super.resume() : new Promise(() => {});
  }
};
"""


@pytest.fixture
def phone(chromium: Any, stage: Stage) -> Iterator[Any]:
    """An old phone's browser, in Vietnamese."""
    context = chromium.new_context(
        base_url=stage.url, locale="vi-VN", viewport={"width": 360, "height": 740}, has_touch=True
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(f"({HEARD})()")
    yield context
    context.close()


def test_a_phone_is_paired_heard_and_in_the_log(phone: Any, stage: Stage, screens: Path) -> None:
    """The code from the picture, one press; an approved announcement leaves the loudspeaker and is in the log as aired.

    Then the server dies: a reload still brings the page, its village and what comes next.
    """
    page = _paired(phone, stage)
    announcement = _approved(stage)
    start = _open_slot(stage)
    page.wait_for_selector(f"#coming :text('{NEWS.title}')", timeout=60_000)
    page.screenshot(path=str(screens / "web-player-360.png"), full_page=True)
    stage.wait_until("the row of the cue", lambda: bool(_rows(stage, NEWS.title)), LEAD_S + 90)
    (row,) = _rows(stage, NEWS.title)
    assert (row.outcome, row.reason) == ("aired", None), announcement
    assert abs(float(str(row.row["late_ms"]))) < 1000, start
    assert max(page.evaluate("window.heard")) > 0.01
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    assert page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.active !== null)")
    with _without_server(stage):
        page.reload()
        page.wait_for_selector("#village:text('Ún Tà')")
        page.wait_for_selector("#state[data-state=waits]")
    assert errors == []


def test_a_phrase_is_started_by_hand_without_the_server(phone: Any, stage: Stage) -> None:
    """Unfolded and pressed, a prepared phrase sounds until Stop with the server gone, and is in the log afterwards."""
    page = _paired(phone, stage)
    page.click("details:has(#phrases) > summary")
    page.wait_for_selector("#phrases summary:text-is('Lũ quét')", timeout=2 * PATIENCE_MS)
    with _without_server(stage):
        page.click("#phrases summary:text-is('Lũ quét')")
        page.click("#phrases details[open] button")
        page.wait_for_selector("#state[data-state=alert] #playing:has-text('Lũ quét')")
        page.wait_for_function("() => Math.max(...window.heard) > 0.01")
        page.click("#stop")
        page.wait_for_selector("#state[data-state=waits]")
    stage.wait_until("the row of the phrase", lambda: bool(_rows(stage, "Lũ quét")), 90)
    (row,) = _rows(stage, "Lũ quét")
    assert (row.outcome, row.row["alert_version"], row.row["exercise"]) == ("partial", 0, False)


def test_an_alert_is_pushed_cut_short_and_cleared(phone: Any, stage: Stage) -> None:
    """The server's call sounds within its event's way, falls silent when it is cancelled, and the all-clear follows.

    In a village of its own: a phone that is paired here later hears the all-clear too, and cuts for it what it plays.
    """
    page = _paired(phone, stage, "an-san")
    page.wait_for_selector("#phrases summary:text-is('Lũ quét')", state="attached", timeout=2 * PATIENCE_MS)
    said = "--reason", "Diễn tập trên máy"
    called = _alerts(stage, "send", "--phrase", "flash_flood", "--village", "an-san", *said)
    page.wait_for_selector("#state[data-state=alert] #playing:has-text('Lũ quét')")
    assert page.is_hidden("#stop")
    alert = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", called)
    assert alert is not None, called
    _alerts(stage, "cancel", alert[0], "--all-clear", *said)
    page.wait_for_selector("#state[data-state=alert] #playing:has-text('Báo yên')")
    stage.wait_until("the all-clear's row", lambda: bool(_rows(stage, "Báo yên")), 120)
    ended = [row.row["ended_at"] for row in _rows(stage, "Lũ quét") if row.row["occurrence_uuid"] == alert[0]]
    (clear, *_) = _rows(stage, "Báo yên")
    assert ended
    assert max(map(_instant, ended)) <= _instant(clear.row["started_at"])


def test_the_test_tone_is_an_exercise(phone: Any, stage: Stage) -> None:
    """One press sounds a tone once, at the volume of emergencies, and nobody takes it for one."""
    page = _paired(phone, stage)
    page.click("#test")
    page.wait_for_selector("#state[data-state=exercise]")
    title = page.get_attribute("#player", "data-test")
    stage.wait_until("the row of the tone", lambda: bool(_rows(stage, title)), 60)
    (row,) = _rows(stage, title)
    assert (row.outcome, row.row["position_ms"], row.row["exercise"]) == ("aired", 2000, True)
    assert max(page.evaluate("window.heard")) > 0.05


def test_after_the_phone_was_switched_off_one_press_is_enough(chromium: Any, stage: Stage, tmp_path: Path) -> None:
    """A browser that lets no page sound unasked says so in large letters, and is the same player after one press."""
    how = {"executable_path": web_player_command.chromium(), "base_url": stage.url, "locale": "vi-VN"}
    begin = chromium.browser_type.launch_persistent_context
    with begin(tmp_path / "phone", args=list(QUIET), **how) as first:
        _paired(first, stage)
    with begin(tmp_path / "phone", args=list(QUIET), **how) as second:
        second.add_init_script(UNASKED)
        page = second.new_page()
        page.goto("/player")
        page.wait_for_selector("#village:text('Ún Tà')")
        page.wait_for_selector("#state[data-state=press]")
        page.click("#start")
        page.wait_for_selector("#state[data-state=waits]")


def test_a_browser_that_cannot_verify_says_so(phone: Any) -> None:
    """Where WebCrypto knows no Ed25519 nothing is paired, and the page says what to update."""
    page = phone.new_page()
    page.add_init_script("crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))")
    page.goto("/player")
    page.wait_for_selector("[data-part=too-old]:has-text('137')")
    assert page.is_hidden("#pairing")


def test_unpairing_is_undone(phone: Any, stage: Stage) -> None:
    """A phone that was unpaired by mistake is the same player again after one press."""
    page = _paired(phone, stage)
    page.click("#unpair")
    page.wait_for_selector("#undo-unpair")
    page.click("#undo-unpair")
    page.wait_for_selector("#village:text('Ún Tà')")


def test_a_wrong_code_is_told_at_the_field(phone: Any, stage: Stage) -> None:
    """What was typed stays, and the sentence says what to do."""
    page = phone.new_page()
    page.goto("/player")
    page.fill("#code", "AAAA BBBB")
    page.click("#pair")
    page.wait_for_selector("#refused:not([hidden])")
    assert page.input_value("#code") == "AAAA BBBB"
    page.fill("#code", "10")
    page.click("#pair")
    page.wait_for_selector("#code[aria-invalid=true]")


def test_the_page_fits_and_nothing_is_refused_by_its_own_policy(phone: Any, stage: Stage) -> None:
    """No scrolling sideways at 360 px, no complaint in the console, no address but our own."""
    complaints: list[str] = []
    asked: list[str] = []
    page = phone.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/player")
    page.wait_for_selector("#pairing:not([hidden])")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    sizes = "performance.getEntriesByType('resource').map((each) => each.transferSize)"
    assert sum(page.evaluate(sizes)) < 100_000
    assert complaints == []
    assert {url for url in asked if not url.startswith(stage.url)} == set()


def test_rules_are_kept_as_by_the_native_player() -> None:
    """The conformance suite starts the page in Chromium: three of its checks (all: `make test-slow`)."""
    commands = Commands(run=COMMAND + " --server {server} --code {code} --data {data}", pair=None)
    some = chosen(["plays", "once", "alert-cuts"])
    assert {result.check.name: result.why for result in run(some, commands, 2, 60) if result.why} == {}


def _paired(phone: Any, stage: Stage, key: str = "un-ta") -> Any:
    with unit_of_work(stage.station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        place = village(session, commune, key)
        name, code = place.name, fleet.make_code(session, place, None, stage.station.clock.now())
    page = phone.new_page()
    page.goto(f"/player#{code}")
    page.click("#pair")
    page.wait_for_selector(f"#village:text('{name}')")
    page.wait_for_selector("#start", state="hidden")
    return page


def _approved(stage: Stage) -> str:
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.secretary)
        announcement = people.write(browser, NEWS, ["un-ta"], everywhere=False)
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.cadre)
        people.approve(browser, announcement, stage)
    return announcement


def _open_slot(stage: Stage) -> Any:
    start = stage.soon(LEAD_S)
    with Browser(stage.url) as browser:
        people.log_in(browser, stage.admin)
        people.open_slot(browser, "Bản tin chiều", start, 1)
    return start


def _alerts(stage: Stage, *words: str) -> str:
    asked = [sys.executable, "-m", "broadcaster.cli", "alert", *words]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def _instant(written: object) -> datetime:
    return datetime.fromisoformat(str(written))


def _rows(stage: Stage, title: str) -> list[AsRunEntry]:
    with unit_of_work(stage.station.sessions, writes=False) as session:
        return [row for row in session.scalars(select(AsRunEntry)) if row.title == title]


@contextlib.contextmanager
def _without_server(stage: Stage) -> Iterator[None]:
    """The web process is stopped dead, connections and all, and goes on afterwards."""
    pid = stage.pid("web")
    os.kill(pid, signal.SIGKILL)
    gone = threading.Event()
    gone.wait(0.5)
    try:
        yield
    finally:
        stage.wait_until("the web process is back", lambda: is_up(stage), 180)
