"""The guides inside the pages."""

import re

import pytest
from starlette.testclient import TestClient

from broadcaster.web.guides import GUIDES, PICTURES, folder
from tests.broadcaster.web.conftest import words


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_shown_with_its_pictures(secretary: TestClient, name: str) -> None:
    """What is written for people is in the pages, pictures and all, without the internet."""
    page = secretary.get(f"/guides/{name}")
    assert page.status_code == 200
    assert len(page.content) < 100_000
    pictures = re.findall(r'src="(/guides/[^"]+)"', page.text)
    assert len(pictures) >= 2
    found = [secretary.get(picture) for picture in pictures]
    assert {answer.headers["content-type"] for answer in found} == {"image/jpeg"}
    assert sum(len(answer.content) for answer in (page, *found)) < 70_000  # scripts and styles are another 30


def test_every_picture_is_used(secretary: TestClient) -> None:
    """The browser test takes the pictures that the guides show, and no other."""
    used = {found for name in GUIDES for found in re.findall(rf"{PICTURES}/([\w-]+\.jpg)", _text(name))}
    assert {path.name for path in (folder() / PICTURES).glob("*.jpg")} == used


def test_an_unknown_guide_is_no_file_of_the_disk(secretary: TestClient) -> None:
    """Names are looked up, never opened."""
    assert secretary.get("/guides/..%2f..%2fREADME").status_code == 404
    assert secretary.get("/guides/nothing").status_code == 404
    assert "There is no such guide" not in words(secretary.get("/guides/nothing").text)


def _text(name: str) -> str:
    return (folder() / f"{name}.md").read_text(encoding="utf-8")
