"""`broadcaster import`."""

from pathlib import Path

from typer.testing import CliRunner

from broadcaster.cli import importing
from broadcaster.cli.root import app
from tests.content.importing.makers import odt, paragraphs

TEXT = "Cộng hòa xã hội chủ nghĩa Việt Nam\nTHÔNG BÁO\nHọp thôn."


def test_the_text_is_printed_and_the_rest_is_said_beside_it(tmp_path: Path) -> None:
    """Standard output holds the text only; kind, encoding, title and what was left out go to standard error."""
    assert importing
    (tmp_path / "a.bin").write_bytes(odt(paragraphs(TEXT.splitlines())))
    run = CliRunner().invoke(app, ["import", str(tmp_path / "a.bin")])
    assert run.stdout == "THÔNG BÁO\nHọp thôn.\n"
    assert run.stderr == "kind: odt\nencoding: UTF-8\ntitle: Thông báo\nleft out: national motto\n"


def test_official_parts_can_be_kept(tmp_path: Path) -> None:
    """`--keep-official` leaves nothing out."""
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    run = CliRunner().invoke(app, ["import", "--keep-official", str(tmp_path / "a.txt")])
    assert run.stdout == TEXT + "\n"
