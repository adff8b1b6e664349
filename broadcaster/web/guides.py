"""The one-page guides of `docs/huong-dan`, inside the pages: they work without the internet."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from markdown_it import MarkdownIt

from broadcaster.deps import Looking
from broadcaster.web.render import render
from broadcaster.web.words import mark
from content.kernel.errors import NotFound

router = APIRouter(prefix="/guides")
GUIDES: Final = {"bi-thu": mark("Guide for secretaries"), "can-bo": mark("Guide for approving cadres")}
PICTURES: Final = "hinh"


class NoSuchGuide(NotFound):
    """Not one of ours."""

    sentence = "There is no such guide."


@router.get("/{name}")
def show(visit: Looking, name: str) -> Response:
    """One guide."""
    if name not in GUIDES:
        raise NoSuchGuide
    return render(visit, "guides/show.html", title=GUIDES[name], others=GUIDES, name=name, text=_html(name))


@router.get(f"/{PICTURES}/{{file}}")
def show_picture(visit: Looking, file: str) -> Response:  # noqa: ARG001  (only for who is logged in)
    """A picture of a guide."""
    pictures = {path.name: path for path in (folder() / PICTURES).glob("*.jpg")}
    if file not in pictures:
        raise NoSuchGuide
    return FileResponse(pictures[file], headers={"Cache-Control": "private, max-age=86400"})


def folder() -> Path:
    """Where the guides are: inside the wheel, or in a source checkout beside the packages."""
    packaged = Path(str(files("broadcaster.web") / "guides"))
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "docs" / "huong-dan"


@cache
def _html(name: str) -> str:
    """The guide without its heading, which the page shows itself. Raw HTML in it stays text."""
    text = (folder() / f"{name}.md").read_text(encoding="utf-8").partition("\n")[2]
    made: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return made.replace('<img src="', '<img loading="lazy" src="/guides/')
