"""The pages in a real browser, as people use them: on a phone, at a desk, without JavaScript, without a network."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from broadcaster.demo.stage import Person, Stage

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
TEXT = "Mời bà con họp thôn lúc 19h30 ngày 25/11."
PAGES = ["/", "/announcements", "/announcements/new", "/schedule", "/villages", "/villages/un-ta", "/log"]
HEAVIEST_BYTES = 100_000
RENDERED_WITHIN_MS = 60_000

SHOWN = re.compile(r"/announcements/[0-9a-f-]{36}(\?|$)")

Visit = Callable[..., Any]


@pytest.fixture
def visit(chromium: Any, stage: Stage) -> Iterator[Visit]:
    """Opens a browser of their own for somebody, logged in; what the console says as an error fails the test."""
    contexts, errors = [], []

    def open_as(person: Person, viewport: dict[str, int] = PHONE, **options: object) -> Any:
        context = chromium.new_context(base_url=stage.url, viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("/login")
        page.fill("[name=login]", person.login)
        page.fill("[name=password]", person.password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(stage.url + "/")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert errors == []


def write(page: Any, title: str) -> None:
    page.goto("/announcements/new")
    page.fill("[name=title]", title)
    page.fill("[name=text]", TEXT)


def send(page: Any) -> str:
    """Press “send for approval”; returns the announcement's address."""
    page.click("button[name=do][value=send]")
    page.wait_for_url(SHOWN)
    return re.sub(r"\?.*", "", page.url)


def test_a_phone_is_enough(visit: Visit, stage: Stage, screens: Path) -> None:
    """A secretary sees how the text will be read while typing, sends it; a cadre hears it to the end and approves."""
    page = visit(stage.secretary)
    write(page, "Họp thôn tối thứ tư")
    page.wait_for_selector("text=mười chín giờ ba mươi phút")
    page.screenshot(path=screens / "compose-360.png", full_page=True)
    address = send(page)
    cadre = visit(stage.cadre)
    cadre.goto(f"{address}/review")
    cadre.wait_for_selector("audio", state="attached", timeout=RENDERED_WITHIN_MS)
    cadre.goto(f"{address}/review")
    cadre.screenshot(path=screens / "review-360.png", full_page=True)
    assert cadre.is_disabled("button[value=approve]")
    assert cadre.query_selector("[name=heard]") is None
    cadre.evaluate("document.querySelector('audio').play()")
    cadre.wait_for_selector("button[value=approve]:enabled", timeout=RENDERED_WITHIN_MS)
    cadre.reload()
    cadre.click("button[value=approve]:enabled")
    cadre.wait_for_url(SHOWN)
    cadre.goto(address)
    assert "đã duyệt · đã nghe hết" in cadre.inner_text("main")


def test_all_of_it_works_without_javascript(visit: Visit, stage: Stage) -> None:
    """Writing, previewing, sending and approving are plain forms."""
    page = visit(stage.secretary, java_script_enabled=False)
    write(page, "Không có JavaScript")
    page.click("button[value=preview]")
    assert "mười chín giờ ba mươi phút" in page.inner_text("main")
    assert page.input_value("[name=title]") == "Không có JavaScript"
    address = send(page)
    cadre = visit(stage.cadre, java_script_enabled=False)
    for _ in range(60):
        cadre.goto(f"{address}/review")
        if cadre.query_selector("[name=heard]"):
            break
        cadre.wait_for_timeout(1000)
    cadre.check("[name=heard]")
    cadre.click("button[value=approve]")
    cadre.goto(address)
    assert "đã duyệt · khai đã nghe hết" in cadre.inner_text("main")


def test_what_is_typed_without_a_network_is_not_lost(visit: Visit, stage: Stage) -> None:
    """A draft typed while the network is down is there again when the page is opened anew, and goes up by itself."""
    page = visit(stage.secretary)
    write(page, "Trước khi mất mạng")
    page.click("button[name=do][value=save]")
    page.wait_for_url(re.compile(r"/edit"))
    page.context.set_offline(True)
    page.fill("[name=text]", "Gõ khi mất mạng.")
    context, address = page.context, page.url
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(address)
    assert again.input_value("[name=text]") == "Gõ khi mất mạng."
    again.wait_for_selector("#save-state:has-text('Đã lưu')")
    other = visit(stage.secretary)
    other.goto(address)
    assert other.input_value("[name=text]") == "Gõ khi mất mạng."


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits(visit: Visit, stage: Stage, screens: Path, viewport: dict[str, int], scheme: str) -> None:
    """No page is wider than the screen, has other than one h1, or weighs 100 kB at its first load."""
    page = visit(stage.admin, viewport, color_scheme=scheme)
    for path in PAGES:
        weight = 0

        def count(answer: Any) -> None:
            nonlocal weight
            weight += len(answer.body()) if answer.ok else 0

        page.on("response", count)
        page.goto(path, wait_until="networkidle")
        page.remove_listener("response", count)
        name = path.strip("/").replace("/", "-") or "today"
        page.screenshot(path=screens / f"{name}-{viewport['width']}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
        assert page.locator("h1").count() == 1, path
        assert weight < HEAVIEST_BYTES, path
