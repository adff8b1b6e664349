"""Writing in a real browser where it is hard: saves that cross a reload, a login that ends, files, two people."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from broadcaster.demo.stage import Person, Stage

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
SAVED = "#save-state:has-text('Đã lưu lúc')"
SAVED_WITHIN_MS = 20_000
EDIT = re.compile(r"/announcements/[0-9a-f-]{36}/edit")

Visit = Callable[[Person], Any]


@pytest.fixture
def visit(chromium: Any, stage: Stage) -> Iterator[Visit]:
    """Opens a browser of their own for somebody, logged in."""
    contexts = []

    def open_as(person: Person) -> Any:
        context = chromium.new_context(base_url=stage.url, viewport=PHONE)
        contexts.append(context)
        page = context.new_page()
        page.goto("/login")
        page.fill("[name=login]", person.login)
        page.fill("[name=password]", person.password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(stage.url + "/")
        return page

    yield open_as
    for context in contexts:
        context.close()


def begin(page: Any, text: str = "Chữ đầu tiên.") -> str:
    """A saved draft, open; returns its address."""
    page.goto("/announcements/new")
    page.fill("[name=title]", "Gõ trên điện thoại")
    page.fill("[name=text]", text)
    page.click("button[value=save]")
    page.wait_for_url(EDIT)
    return str(page.url).partition("?")[0]


def sent_in_vain(page: Any) -> None:
    """From now on the server gets every save, and the page gets no answer."""

    def deliver(route: Any) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(EDIT, deliver)


def test_a_save_whose_answer_was_lost_is_ones_own(visit: Visit, stage: Stage) -> None:
    """The page, loaded anew, knows its words on the server, and goes on with what was typed since."""
    page = visit(stage.secretary)
    address = begin(page)
    sent_in_vain(page)
    with page.expect_event("requestfailed", timeout=SAVED_WITHIN_MS):
        page.fill("[name=text]", "Chữ thứ hai.")
    page.fill("[name=text]", "Chữ thứ ba.")
    page.unroute(EDIT)
    page.goto(address)
    assert page.input_value("[name=text]") == "Chữ thứ ba."
    page.wait_for_selector(SAVED, timeout=SAVED_WITHIN_MS)
    page.reload()
    assert page.input_value("[name=text]") == "Chữ thứ ba."
    assert not page.is_visible("#restored")


def test_a_save_that_arrives_behind_a_reload_is_ones_own(visit: Visit, stage: Stage) -> None:
    """The server takes a save only after the page was loaded anew: what it then holds came from here."""
    page = visit(stage.secretary)
    address = begin(page)
    held: list[dict[str, Any]] = []

    def hold(route: Any) -> None:
        if route.request.method == "POST":
            held.append({"data": route.request.post_data, "headers": route.request.headers})
            route.abort()
        else:
            route.continue_()

    page.route(EDIT, hold)
    with page.expect_event("requestfailed", timeout=SAVED_WITHIN_MS):
        page.fill("[name=text]", "Chữ đang trên đường.")
    page.unroute(EDIT)
    page.goto(address)
    assert page.is_visible("#restored")
    late = page.request.post(address, data=held[0]["data"], headers=held[0]["headers"])
    assert late.ok
    page.wait_for_selector(SAVED, timeout=SAVED_WITHIN_MS)
    assert page.input_value("[name=text]") == "Chữ đang trên đường."


def test_words_of_somebody_else_are_never_taken_for_ones_own(visit: Visit, stage: Stage) -> None:
    """Who comes second is told, by the page and after a reload, and keeps their words; a press shows both."""
    page = visit(stage.secretary)
    address = begin(page)
    other = visit(stage.cadre)
    other.goto(address)
    other.fill("[name=text]", "Chữ của người khác.")
    other.click("button[value=save]")
    other.wait_for_url(re.compile(r"/edit"))
    page.fill("[name=text]", "Chữ của tôi.")
    told = "#save-state:has-text('người khác đã sửa')"
    page.wait_for_selector(told, timeout=SAVED_WITHIN_MS)
    page.goto(address)
    assert page.input_value("[name=text]") == "Chữ của tôi."
    page.wait_for_selector(told, timeout=SAVED_WITHIN_MS)
    page.click("button[value=save]")
    page.wait_for_selector("text=Chữ của người khác.")
    assert page.input_value("[name=text]") == "Chữ của tôi."


def test_a_login_that_ends_costs_no_word(visit: Visit, stage: Stage) -> None:
    """The page says so with a way to log in, and what was typed is there afterwards."""
    page = visit(stage.secretary)
    address = begin(page)
    page.context.clear_cookies()
    page.fill("[name=text]", "Gõ khi phiên đã hết.")
    page.wait_for_selector("#save-state a", timeout=SAVED_WITHIN_MS)
    page.click("#save-state a")
    page.fill("[name=login]", stage.secretary.login)
    page.fill("[name=password]", stage.secretary.password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(address)
    assert page.input_value("[name=text]") == "Gõ khi phiên đã hết."
    page.wait_for_selector(SAVED, timeout=SAVED_WITHIN_MS)


def test_a_chosen_file_is_taken_at_once(visit: Visit, stage: Stage) -> None:
    """No further press: the text is below what was typed, and a reload keeps it."""
    page = visit(stage.secretary)
    page.goto("/announcements/new")
    page.fill("[name=text]", "Chữ đã gõ.")
    page.locator("details", has=page.locator("#file")).last.locator("summary").click()
    page.set_input_files("#file", {"name": "a.txt", "mimeType": "text/plain", "buffer": "Chữ trong tệp.".encode()})
    page.wait_for_url(EDIT)
    page.wait_for_selector(".notice.good")
    for _ in range(2):
        assert page.input_value("[name=text]") == "Chữ đã gõ.\n\nChữ trong tệp."
        assert not page.is_visible("#restored")
        page.reload()


def test_a_file_that_is_too_big_is_not_sent(visit: Visit, stage: Stage) -> None:
    """A phone on a weak network learns it before the first byte."""
    page = visit(stage.secretary)
    address = begin(page)
    page.locator("details", has=page.locator("#file")).last.locator("summary").click()
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"0" * (11 << 20)})
    page.wait_for_selector("#save-state:has-text('11 MB')")
    assert page.input_value("#file") == ""
    assert page.url.partition("?")[0] == address


def test_the_enter_key_saves(visit: Visit, stage: Stage) -> None:
    """Enter in the title neither imports nor discards: it saves the draft."""
    page = visit(stage.secretary)
    begin(page)
    page.fill("[name=title]", "Tiêu đề mới")
    page.press("[name=title]", "Enter")
    page.wait_for_selector(".notice.good")
    assert page.input_value("[name=title]") == "Tiêu đề mới"


def test_a_pressed_word_shows_its_line(visit: Visit, stage: Stage) -> None:
    """Pressing an underlined word opens the list at that word, from where it can be taught."""
    page = visit(stage.secretary)
    begin(page, "Mời bà con họp lúc 19h30 tại UBND xã.")
    page.click("a.changed[data-written=UBND]")
    line = page.locator("li:focus")
    assert "UBND" in line.inner_text()
    line.locator("button").click()
    page.wait_for_url(re.compile(r"/lexicon/new"))
    assert page.input_value("[name=written]") == "UBND"


def test_a_draft_that_saved_itself_is_ones_own_after_a_reload_without_network(visit: Visit, stage: Stage) -> None:
    """Begun without a press, typed on without a network, loaded anew: nobody else is said to have edited it."""
    page = visit(stage.secretary)
    page.goto("/announcements/new")
    page.fill("[name=title]", "Không ai bấm lưu")
    page.fill("[name=text]", "Chữ đầu tiên.")
    page.wait_for_selector(SAVED, timeout=SAVED_WITHIN_MS)
    sent_in_vain(page)
    with page.expect_event("requestfailed", timeout=SAVED_WITHIN_MS):
        page.fill("[name=text]", "Chữ thứ hai.")
    page.unroute(EDIT)
    page.reload()
    page.fill("[name=text]", "Chữ thứ ba.")
    page.wait_for_selector(SAVED, timeout=SAVED_WITHIN_MS)
    page.reload()
    assert page.input_value("[name=text]") == "Chữ thứ ba."


def test_sending_without_a_network_keeps_the_form(visit: Visit, stage: Stage) -> None:
    """The page says that the words are kept, instead of the browser's own error; the press works with a network."""
    page = visit(stage.secretary)
    begin(page)
    page.context.set_offline(True)
    page.click("button[value=save]")
    page.wait_for_selector("#save-state:has-text('Mất mạng')")
    assert page.is_visible("[name=text]")
    page.context.set_offline(False)
    page.click("button[value=save]")
    page.wait_for_url(re.compile("did=saved"))
