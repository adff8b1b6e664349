"""What browser tests do again and again."""

from typing import Any

from broadcaster.demo.stage import Person


def log_in(context: Any, person: Person) -> Any:
    """A page of this browser context on which the person is logged in."""
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=login]", person.login)
    page.fill("[name=password]", person.password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: not url.endswith("/login"))
    return page
