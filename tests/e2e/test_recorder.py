"""Recording in a real browser with a made-up microphone: level, pause, listen, send; cut lines, kills and reloads."""

import math
import os
import random
import re
import shutil
import signal
import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from broadcaster.demo.stage import Person, Stage
from content import service as content
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune, villages_of
from content.service import Wording
from tests.e2e.conftest import CHROMIUM, QUIET

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
RATE = 48_000
WITHIN_MS = 60_000


def spoken_wav(path: Path, seconds: float, loudness: float = 0.5) -> Path:
    """Something like four syllables a second, as a file."""
    waves = [(n, loudness / n) for n in range(1, 8)]
    sound = bytearray()
    for at in range(int(seconds * RATE)):
        speaks = math.sin(8 * math.pi * at / RATE) > 0
        value = sum(part * math.sin(2 * math.pi * 143 * n * at / RATE) for n, part in waves) / 2 if speaks else 0.0
        sound += struct.pack("<h", int(32767 * max(-1.0, min(1.0, value))))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(sound))
    return path


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A commune without worker: nothing is rendered here."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("DATA_DIR", "PORT", "HOST", "POLL_SECONDS", "ONLINE_VOICES", "DATABASE_URL", "LOG_LEVEL"):
            environment.setenv(f"BROADCASTER_{name}", "")
        with Stage(tmp_path_factory.mktemp("stage") / "data", worker=False) as opened:
            yield opened


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Chromium whose microphone hears a file, over and over."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only where a browser is wanted)

    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("Chromium is missing: apt install chromium")
    microphone = spoken_wav(tmp_path_factory.mktemp("microphone") / "voice.wav", 4)
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                *QUIET,
                *fake,
                f"--use-file-for-fake-audio-capture={microphone}",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def draft(stage: Stage) -> str:
    """The address of a draft's part in Giáy."""
    now = stage.station.clock.now()
    with unit_of_work(stage.station.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        today = now.astimezone(commune.zone).date()
        text = "Mời bà con họp thôn lúc 19h30 ngày 25/11 tại Nhà văn hóa."
        wording = Wording("Họp thôn tối thứ tư", {"vi": text}, villages_of(session, commune), today, today)
        revision = content.start_draft(session, commune, wording, commune.uuid, now)
        return f"/announcements/{revision.announcement.uuid}/parts/pcc"


@pytest.fixture
def errors() -> Iterator[list[str]]:
    """What the pages' consoles say as an error; none may be left."""
    said: list[str] = []
    yield said
    assert said == []


def opened(chromium: Any, stage: Stage, person: Person, errors: list[str], **options: object) -> Any:
    context = chromium.new_context(base_url=stage.url, **{"viewport": PHONE, **options})
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/login")
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", person.password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(stage.url + "/")
    return page


def recorded_ms(page: Any) -> int:
    minutes, seconds = page.inner_text("#recorder-time").split(":")
    return (int(minutes) * 60 + int(seconds)) * 1000


def test_one_records_pauses_listens_and_sends(
    chromium: Any, stage: Stage, draft: str, errors: list[str], screens: Path
) -> None:
    """The level is shown and said; a pause stops the clock; what was recorded is heard, sent, and heard again."""
    page = opened(chromium, stage, stage.secretary, errors)
    page.goto(draft)
    page.wait_for_selector("[data-press=record][data-in=ready]:visible")
    page.screenshot(path=screens / "recorder-360.png", full_page=True)
    page.click("[data-press=record][data-in=ready]")
    said = page.get_attribute("#recording-form", "data-good")
    page.wait_for_selector(f"#recorder-word:text-is('{said}')")
    assert float(page.evaluate("document.getElementById('recorder-level').value")) > 0
    page.screenshot(path=screens / "recording-360.png", full_page=True)
    page.focus("[data-press=pause]")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-press=resume]:focus")
    paused_at = recorded_ms(page)
    page.wait_for_timeout(1500)
    assert recorded_ms(page) == paused_at
    page.click("[data-press=resume]")
    page.wait_for_function(
        f"() => parseInt(document.getElementById('recorder-time').textContent.slice(2)) > {paused_at / 1000 + 1}"
    )
    page.click("[data-press=stop]")
    page.wait_for_function("() => document.getElementById('recorder-take').duration > 1")
    page.screenshot(path=screens / "recorded-360.png", full_page=True)
    page.fill("#text", "Mời họp thôn tối thứ tư")
    page.click("#recorder [data-press=send]")
    page.wait_for_url(re.compile("parts/pcc"), wait_until="load")
    page.wait_for_selector("#take audio", state="attached", timeout=WITHIN_MS)
    page.evaluate("document.querySelector('#take audio').preload = 'metadata'")  # nothing is fetched before a press
    page.wait_for_function("() => document.querySelector('#take audio').duration > 1")
    assert page.input_value("#text") == "Mời họp thôn tối thứ tư"
    page.screenshot(path=screens / "part-360.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.is_hidden("#found")
    page.set_viewport_size(DESK)
    page.screenshot(path=screens / "part-1280.png", full_page=True)


def test_a_reload_loses_no_recording(chromium: Any, stage: Stage, draft: str, errors: list[str], screens: Path) -> None:
    """What was not sent is found again, even when the page died in mid-recording; throwing it away can be undone."""
    page = opened(chromium, stage, stage.secretary, errors)
    page.goto(draft)
    page.click("[data-press=record][data-in=ready]")
    page.wait_for_function("() => document.getElementById('recorder-time').textContent >= '0:07'")
    page.reload()
    page.wait_for_selector("#found:visible")
    page.screenshot(path=screens / "recording-found-360.png", full_page=True)
    page.click("[data-press=drop-found]")
    page.click("[data-press=take-back]")
    page.wait_for_function("() => document.getElementById('recorder-take').duration > 1")
    page.reload()
    page.click("#found [data-press=send]")
    page.wait_for_selector("#take audio", state="attached", timeout=WITHIN_MS)
    page.reload()
    page.wait_for_selector("[data-press=record][data-in=ready]:visible")
    assert page.is_hidden("#found")


def test_a_file_arrives_over_a_line_that_breaks_and_a_server_that_dies(
    chromium: Any, stage: Stage, draft: str, errors: list[str], tmp_path: Path
) -> None:
    """Sending goes on by itself after a dead network and after kill -9, and what arrives is the file."""
    rng = random.Random(1)
    file = spoken_wav(tmp_path / "lời giáy.wav", 20)
    with file.open("ab") as more:
        more.write(rng.randbytes(6_000_000))  # beyond the sound: decoders do not mind, lines do
    page = opened(chromium, stage, stage.secretary, errors)
    page.goto(draft)
    page.wait_for_selector("[data-press=record][data-in=ready]:visible")
    pieces = []

    def slowly(route: Any) -> None:
        """The network dies after the second piece, the server after the fourth."""
        pieces.append(route.request.headers["upload-offset"])
        if len(pieces) == 3:
            return route.abort("connectionfailed")
        if len(pieces) == 5:
            os.kill(stage.pid("web"), signal.SIGKILL)
            stage.wait_until("the web process is restarted", lambda: is_up(stage), 30)
        return route.continue_()

    page.route("**/uploads/*", lambda route: slowly(route) if route.request.method == "PATCH" else route.continue_())
    page.set_input_files("#recording", str(file))
    page.wait_for_selector("#take audio", state="attached", timeout=WITHIN_MS)
    assert len(pieces) > 5
    assert "lời giáy.wav" in page.inner_text("#take")


def is_up(stage: Stage) -> bool:
    try:
        return bool(httpx2.get(f"{stage.url}/health").is_success)
    except httpx2.TransportError:
        return False


def test_a_refused_microphone_is_told(chromium: Any, stage: Stage, draft: str, errors: list[str]) -> None:
    """Each way in which there is no microphone is told with what to do, and the file chooser stays."""
    page = opened(chromium, stage, stage.secretary, errors)
    page.goto(draft)
    page.wait_for_selector("[data-press=record][data-in=ready]:visible")
    for name, said in (("NotAllowedError", "refused"), ("NotFoundError", "missing"), ("NotReadableError", "busy")):
        page.evaluate(
            "(name) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name)) }", name
        )
        page.click("[data-press=record][data-in=ready]")
        page.wait_for_selector("#refused:visible")
        assert page.inner_text("#refused") == page.get_attribute("#recording-form", f"data-{said}")
        assert page.is_visible("#recording")


def test_without_a_secure_connection_one_is_told_what_to_do(
    chromium: Any, stage: Stage, draft: str, errors: list[str], screens: Path
) -> None:
    """A browser without a recorder shows why, and both ways to send a file."""
    page = opened(chromium, stage, stage.secretary, errors)
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto(draft)
    page.wait_for_selector("#insecure:visible")
    assert page.is_hidden("[data-press=record][data-in=ready]")
    assert page.is_visible("#recording")
    assert page.is_visible("#captured")
    page.screenshot(path=screens / "recorder-insecure-360.png", full_page=True)


def test_without_javascript_a_file_is_sent(
    chromium: Any, stage: Stage, draft: str, errors: list[str], tmp_path: Path
) -> None:
    """The same form takes a file by its button, and says what is wrong with it."""
    page = opened(chromium, stage, stage.secretary, errors, java_script_enabled=False)
    page.goto(draft)
    page.set_input_files("#recording", str(spoken_wav(tmp_path / "nho.wav", 0.2)))
    page.click("#recording-form button:not([type=button])")
    assert page.inner_text("#errors").endswith(page.inner_text("#recording-error"))
    page.set_input_files("#recording", str(spoken_wav(tmp_path / "loi.wav", 3)))
    page.click("#recording-form button:not([type=button])")
    assert page.is_visible("#take audio")
