"""Announcements as files, and the twelve sample announcements that come with the product.

A file is a head between two `---` lines (title, category, priority), then the text. Files without a head are taken
too: the name of the file is then the title.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from content.kernel.errors import NotFound

PRIORITIES = {"thong-thuong": "routine", "uu-tien": "important", "khan-cap": "emergency"}


class NoAnnouncements(NotFound):
    """Nothing to demonstrate."""

    sentence = "There are no .md or .txt files in {folder}. Name a folder of announcements."


@dataclass(frozen=True, slots=True)
class Text:
    """One announcement as somebody wrote it down."""

    title: str
    text: str
    category: str
    priority: str


def load(folder: Path | None) -> list[Text]:
    """The announcements of a folder (None: our own twelve), by file name. Raises NoAnnouncements."""
    source = folder or Path(str(files("broadcaster.texts") / "announcements"))
    found = sorted(path for path in source.glob("*") if path.suffix in {".md", ".txt"}) if source.is_dir() else []
    if not found:
        raise NoAnnouncements(folder=source)
    return [parse(path.read_text(encoding="utf-8-sig"), path.stem) for path in found]


def parse(source: str, name: str) -> Text:
    """One file's announcement."""
    head: dict[str, str] = {}
    text = source
    if source.startswith("---\n") and "\n---\n" in source[4:]:
        lines, text = source[4:].split("\n---\n", 1)
        head = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines.splitlines())}
    priority = PRIORITIES.get(head.get("priority", ""), "routine")
    return Text(head.get("title", name), text.strip(), head.get("category", "khac"), priority)
