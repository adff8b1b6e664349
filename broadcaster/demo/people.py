"""What the secretary and the cadre do, through the pages' own forms."""

import re
import time
from datetime import datetime

from broadcaster.demo.browser import Browser, Page
from broadcaster.demo.stage import Person, Stage, TookTooLong
from broadcaster.texts import Text
from content.kernel.errors import NotAllowed

RENDERED_WITHIN_S = 120.0
_ANNOUNCEMENT = re.compile(r"/announcements/([0-9a-f-]{36})")


class NotOffered(NotAllowed):
    """The page says that this person may not decide."""

    sentence = "The review page of {announcement} offers no approval to this person."


def log_in(browser: Browser, person: Person) -> Page:
    """Through the login form."""
    return browser.send(browser.open("/login"), {"login": person.login, "password": person.password})


def write(browser: Browser, text: Text, villages: list[str], everywhere: bool) -> str:  # noqa: FBT001
    """Write an announcement and send it for approval; returns its uuid."""
    form = browser.open("/announcements/new")
    typed: dict[str, str | list[str]] = {
        "title": text.title,
        "text": text.text,
        "category": text.category,
        "priority": text.priority,
        "where": "all" if everywhere else "some",
        "villages": villages,
    }
    sent = browser.send(form, typed, button=("do", "send"))
    found = _ANNOUNCEMENT.search(sent.url)
    assert found is not None, sent.url
    return found[1]


def approve(browser: Browser, announcement: str, stage: Stage) -> None:
    """Wait until the announcement can be heard, then approve it on the review page."""
    page = _once_rendered(browser, announcement, stage)
    browser.send(page, {"heard": "true"}, button=("do", "approve"))


def open_slot(browser: Browser, name: str, start: datetime, minutes: int) -> None:
    """Add a one-off slot for all villages, through the schedule's form."""
    page = browser.open(f"/schedule?on={start:%Y-%m-%d}")
    browser.send(
        page,
        {
            "name": name,
            "start_local": f"{start:%H:%M:%S}",
            "minutes": str(minutes),
            "recurs": "once",
            "starts_on": f"{start:%Y-%m-%d}",
            "where": "all",
        },
    )


def _once_rendered(browser: Browser, announcement: str, stage: Stage) -> Page:
    deadline = time.monotonic() + RENDERED_WITHIN_S
    while time.monotonic() < deadline:
        page = browser.open(f"/announcements/{announcement}/review")
        if any("heard" in form.names for form in page.forms):
            return page
        if not any("reason" in form.names for form in page.forms):
            raise NotOffered(announcement=announcement)
        stage.tend()
        time.sleep(0.3)
    raise TookTooLong(what="the recording", seconds=RENDERED_WITHIN_S)
