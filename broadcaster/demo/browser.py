"""A very small browser: opens pages, fills in the forms that are on them, sends them.

What a form does not show cannot be sent, so the demo breaks when a person's way would break.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin

import httpx2

from content.kernel.errors import Conflict

Values = dict[str, str | list[str]]


class FormRefused(Conflict):
    """The page came back with an error."""

    sentence = "The page {url} refused the form (status {status}): {said}"


class NoSuchForm(Conflict):
    """The page lacks what the demo looks for."""

    sentence = "The page {url} has no form that takes {names}."


@dataclass
class Form:
    """One form of a page, with the values it shows."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


@dataclass
class Page:
    """A loaded page: where it is and what can be filled in."""

    url: str
    text: str
    forms: list[Form]


class Browser:
    """One person's browser, with cookies."""

    def __init__(self, base_url: str) -> None:
        """Talk to this server only."""
        self._client = httpx2.Client(base_url=base_url, follow_redirects=True, timeout=30)

    def __enter__(self) -> Self:
        """Use as a context."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def open(self, url: str) -> Page:
        """Load a page."""
        return self._page(self._client.get(url))

    def send(self, page: Page, values: Values, *, button: tuple[str, str] | None = None) -> Page:
        """Fill in the first form of the page that has all these fields, and press a button of it.

        Raises:
            NoSuchForm: the page offers no such form.
            FormRefused: the answer is an error page or shows the form again with an error.
        """
        wanted = set(values) | ({button[0]} if button else set())
        form = next((form for form in page.forms if wanted <= form.names), None)
        if form is None:
            raise NoSuchForm(url=page.url, names=sorted(wanted))
        data: Values = {**form.fields, **values, **(dict([button]) if button else {})}
        answer = self._client.post(urljoin(page.url, form.action), data=data, headers={"Origin": _origin(page.url)})
        if answer.is_error:
            raise FormRefused(url=answer.url, status=answer.status_code, said=_errors(answer.text))
        return self._page(answer)

    def _page(self, answer: httpx2.Response) -> Page:
        if answer.is_error:
            raise FormRefused(url=answer.url, status=answer.status_code, said=_errors(answer.text))
        reader = _Reader()
        reader.feed(answer.text)
        return Page(str(answer.url), answer.text, reader.forms)


class _Reader(HTMLParser):
    """Collects forms: hidden and filled-in inputs, selected options, checked boxes, text areas, buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area is not None:
            self._form.fields[self._area] = [self._form.fields[self._area][0] + data]

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name, fields = given.get("name", ""), self._form.fields
        if name:
            self._form.names.add(name)
        if tag == "select":
            self._select = name
        elif tag == "textarea" and name:
            self._area, fields[name] = name, [""]
        elif tag == "option" and self._select and ("selected" in given or self._select not in fields):
            fields[self._select] = [given.get("value", "")]
        elif tag == "input" and name and _is_sent(given):
            fields.setdefault(name, []).append(given.get("value", "on"))


def _is_sent(given: dict[str, str]) -> bool:
    kind = given.get("type", "text")
    if kind in {"checkbox", "radio"}:
        return "checked" in given
    return kind not in {"submit", "button", "file"}


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


def _errors(html: str) -> str:
    """The words of the error summary, without tags."""
    words: list[str] = []

    class Summary(HTMLParser):
        depth = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if self.depth or ("role", "alert") in attrs:
                self.depth += tag not in {"br", "img", "input", "hr"}

        def handle_endtag(self, tag: str) -> None:
            self.depth = max(0, self.depth - (tag not in {"br", "img", "input", "hr"}))

        def handle_data(self, data: str) -> None:
            if self.depth and data.strip():
                words.append(data.strip())

    Summary().feed(html)
    return " ".join(words) or "no reason given"
