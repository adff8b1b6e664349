"""What browsers are told, and that no other site acts in a visitor's name."""

import pytest
from starlette.testclient import TestClient

from tests.broadcaster.web.conftest import SITE, Town, typed


@pytest.mark.parametrize("address", ["/", "/login", "/static/style.css", "/no-such-page", "/media/none"])
def test_every_answer_has_a_strict_policy(secretary: TestClient, address: str) -> None:
    """Nothing inline, nothing foreign, no framing, no guessing of types."""
    headers = secretary.get(address).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": SITE},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"referer": "https://evil.example/announcements/new"},
        {"origin": "https://evil.example", "referer": f"{SITE}/"},
        {},
    ],
)
def test_a_form_of_another_site_does_nothing(secretary: TestClient, town: Town, headers: dict[str, str]) -> None:
    """A write that another site sent, or that carries a login and says nothing of its origin, is refused unread."""
    del secretary.headers["origin"]
    answer = secretary.post("/announcements/new", data=typed(title="Từ nơi khác"), headers=headers)
    assert answer.status_code == 403
    assert "trang web khác" in answer.text
    assert "Từ nơi khác" not in secretary.get("/announcements").text


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": SITE}, {"referer": f"{SITE}/log"}],
)
def test_a_form_of_this_site_is_taken(secretary: TestClient, headers: dict[str, str]) -> None:
    """Our own pages may write, whichever way the browser says that it is they."""
    del secretary.headers["origin"]
    assert secretary.post("/announcements/new", data=typed(), headers=headers).status_code == 303


def test_who_carries_no_login_may_say_nothing_of_its_origin(client: TestClient, town: Town) -> None:
    """A program logs in like anybody; only with a login it must say where it comes from."""
    assert client.post("/login", data={"login": "ai", "password": "x"}).status_code == 422


def test_nothing_is_inline(admin: TestClient) -> None:
    """No page carries a script or a style of its own, since the policy would refuse it."""
    for address in (
        *("/", "/announcements", "/announcements/new", "/schedule", "/villages", "/villages/un-ta", "/log"),
        *("/account", "/account/password", "/account/second-factor", "/people", "/people/new", "/login"),
    ):
        page = admin.get(address).text
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count('<script type="module" src="/static/')
