"""Rows on a terminal of any width."""

import pytest

from broadcaster.cli import tables

UUID = "6f718074-95e0-45cb-8cba-896a14c106f3"
ROWS = [(UUID, "Bản tin sáng", ""), (UUID[::-1], "Bản tin trưa", "lunar:15")]


@pytest.mark.parametrize(("width", "is_table"), [("120", True), ("50", False)])
def test_no_word_is_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str, *, is_table: bool
) -> None:
    """A window too narrow for a table gets the rows one under another, without empty cells."""
    monkeypatch.setenv("COLUMNS", width)
    tables.show(("Slot", "Name", "Also"), ROWS)
    said = capsys.readouterr().out
    assert UUID in said
    assert UUID[::-1] in said
    assert ("┃ Slot" in said) is is_table
    assert said.count("Also: ") == (0 if is_table else 1)


def test_what_looks_like_markup_is_told_as_it_stands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """People write brackets and colons in titles."""
    monkeypatch.setenv("COLUMNS", "120")
    tables.show(("Name",), [("Họp [bold]thôn[/bold] :warning:",)])
    assert "Họp [bold]thôn[/bold] :warning:" in capsys.readouterr().out
