"""Every page under axe: WCAG 2.2 AA without a serious finding, on a phone in light and at a desk in dark."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from broadcaster.demo.stage import Stage
from broadcaster.web.routes import router
from tests.e2e.browsing import log_in

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
RULES = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
GRAVE = {"serious", "critical"}
NO_PAGES = re.compile(
    r"^/(media|health|ready|metrics|today/|alerts/now$)"
    r"|\.(csv|jsonl|json|ics|m3u8|xlsx|pdf|svg|wav|ogg|atom|xml|js|webmanifest)$"
    r"|/(sound|air|progress|confirmations|export|sample|bundle|xml|state|changes)\b"
)
"""Addresses that answer with something else than a page of their own."""


@pytest.fixture(scope="module")
def addresses(stage: Stage, chromium: Any) -> list[str]:
    """Every page there is, by the routes themselves, so that no new one is forgotten."""
    context = chromium.new_context(base_url=stage.url)
    page = log_in(context, stage.secretary)
    page.goto("/announcements/new")
    page.fill("[name=title]", "Họp thôn")
    page.fill("[name=text]", "Mời bà con họp thôn lúc 19h30 ngày 25/11.")
    page.click("button[name=do][value=save]")
    page.wait_for_url(re.compile("/edit"))
    uuid = re.findall(r"[0-9a-f-]{36}", page.url)[0]
    context.close()
    known = {
        "{uuid}": uuid,
        "{slug}": "un-ta",
        "{language}": "pcc",
        "{village}": "un-ta",
        "{key}": "fire",
        "{name}": "bi-thu",
    }
    areas = [included.original_router for included in router.routes]
    paths = {route.path for area in areas for route in area.routes if "GET" in getattr(route, "methods", ())}
    filled = (re.sub(r"{\w+}", lambda name: known.get(name[0], name[0]), path) for path in paths)
    return sorted(path for path in filled if "{" not in path and not NO_PAGES.search(path))


@pytest.fixture(params=[(PHONE, "light"), (DESK, "dark")], ids=["phone-light", "desk-dark"])
def page(request: pytest.FixtureRequest, stage: Stage, chromium: Any) -> Iterator[Any]:
    viewport, scheme = request.param
    context = chromium.new_context(base_url=stage.url, viewport=viewport, color_scheme=scheme)
    yield log_in(context, stage.admin)
    context.close()


def test_no_page_has_a_serious_finding(page: Any, addresses: list[str]) -> None:
    """People who see little, hear little or use a keyboard get along on every page."""
    found: list[str] = []
    for address in addresses:
        page.goto(address)
        report = Axe().run(page, options=RULES).response
        found += [
            f"{address}: {finding['id']} {[node['html'][:160] for node in finding['nodes'][:3]]}"
            for finding in report["violations"]
            if finding["impact"] in GRAVE
        ]
    assert len(addresses) > 10
    assert found == []
