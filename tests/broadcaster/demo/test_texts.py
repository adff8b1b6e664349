"""The demonstration's announcements."""

from pathlib import Path

import pytest

from broadcaster.demo.texts import share_out
from broadcaster.texts import NoAnnouncements, Text, load, parse

VILLAGES = [f"v{number}" for number in range(9)]


def test_our_own_twelve() -> None:
    """The twelve samples ship with the product, each with a title and without its head in the text."""
    texts = load(None)
    assert len(texts) == 12
    assert all(text.title and "---" not in text.text for text in texts)
    assert sorted({text.priority for text in texts}) == ["emergency", "important", "routine"]


def test_files_without_a_head_are_taken() -> None:
    """The title is then the file's name."""
    assert parse("Mời họp.", "hop-thon") == Text("hop-thon", "Mời họp.", "khac", "routine")


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    """Nothing to show is an error that names the folder."""
    with pytest.raises(NoAnnouncements, match=str(tmp_path)):
        load(tmp_path)


@pytest.mark.parametrize("count", [1, 2, 9, 12, 30])
def test_every_text_is_heard_somewhere(count: int) -> None:
    """One text everywhere and first, each other one in one village, the load even."""
    texts = [Text(str(number), "x" * (10 + number), "khac", "routine") for number in range(count)]
    shared = share_out(texts, VILLAGES)
    assert {text.title for text, _ in shared} == {text.title for text in texts}
    assert shared[0][1] == VILLAGES
    assert all(len(villages) == 1 for _, villages in shared[1:])
    loads = [sum(village in heard for _, heard in shared) for village in VILLAGES]
    assert max(loads) - min(loads) <= 1


def test_the_common_text_is_the_most_urgent_one() -> None:
    """What goes first in the plan must be common to all, else the nine would not begin it at the same second."""
    texts = [Text("a", "x", "khac", "routine"), Text("b", "xxx", "khac", "emergency")]
    assert share_out(texts, VILLAGES)[0][0].title == "b"
