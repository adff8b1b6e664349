"""`broadcaster lexicon` and `read --lexicon`: a table out and in, with somebody who answers for it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from broadcaster import cli
from broadcaster.cli.root import app

assert cli  # its import registers the commands
runner = CliRunner()


@pytest.fixture
def installed(sample_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder beside the sample commune's; its server is where none answers."""
    monkeypatch.setenv("BROADCASTER_PORT", "1")
    return sample_folder.parent


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "words.csv"
    file.write_text("Viết,Đọc là\nUBND,ủy ban\n,mất\nTYT,trạm y tế\n", encoding="utf-8")
    return file


def test_a_table_goes_in_and_out(installed: Path, table: Path) -> None:
    """What came in is listed and exported; a second time nothing is new; bad lines are named."""
    said = runner.invoke(app, ["lexicon", "import", str(table), "--by", "bithu"])
    assert said.exit_code == 0
    assert said.stdout == "2 new, 0 changed, 0 as they were\n"
    assert "line 3: Write the word" in said.stderr
    again = runner.invoke(app, ["lexicon", "import", str(table), "--by", "bithu"])
    assert again.stdout == "0 new, 0 changed, 2 as they were\n"
    assert "trạm y tế" in runner.invoke(app, ["lexicon", "list", "TYT"]).stdout
    out = installed / "out.csv"
    assert runner.invoke(app, ["lexicon", "export", str(out)]).exit_code == 0
    assert out.read_bytes() == runner.invoke(app, ["lexicon", "export"]).stdout_bytes


def test_a_dry_run_changes_nothing(installed: Path, table: Path) -> None:
    """It only tells."""
    assert "2 new" in runner.invoke(app, ["lexicon", "import", str(table), "--by", "bithu", "--dry-run"]).stdout
    assert "UBND" not in runner.invoke(app, ["lexicon", "list"]).stdout


def test_somebody_answers_for_the_words(installed: Path, table: Path) -> None:
    """Without a login that writes, nothing comes in."""
    assert runner.invoke(app, ["lexicon", "import", str(table)]).exit_code == 2
    assert runner.invoke(app, ["lexicon", "import", str(table), "--by", "nobody"]).exit_code == 1


def test_reading_takes_words_of_ones_own(table: Path) -> None:
    """A table on the command line comes before the rules."""
    said = runner.invoke(app, ["read", "--lexicon", str(table), "Mời đến UBND và TYT"])
    assert said.stdout == "Mời đến ủy ban và trạm y tế\n"
