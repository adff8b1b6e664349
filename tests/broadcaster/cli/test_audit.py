"""`broadcaster audit`, and the rule by which anybody can check an export."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from broadcaster.cli.root import app
from broadcaster.settings import Settings
from broadcaster.station import open_station
from content.kernel import audit
from content.kernel.audit import AuditEntry
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune
from tests.conftest import HandClock

MANUAL = Path(__file__).parents[3] / "docs" / "operations.md"
runner = CliRunner()


@pytest.fixture
def installed(sample_folder: Path, clock: HandClock) -> Settings:
    """The sample commune with some acts."""
    with unit_of_work(open_station(Settings()).sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        for reason in ("Nhầm ngày họp.", "“Gấp” – 100 %", ""):
            audit.record(session, commune.id, clock.now(), None, "test.act", "thing:1", reason=reason, half=0.5)
    return Settings()


@pytest.fixture
def export(installed: Settings, tmp_path: Path) -> Path:
    """The whole log in a file."""
    file = tmp_path / "audit.jsonl"
    file.write_text(runner.invoke(app, ["audit", "export"]).stdout, encoding="utf-8")
    return file


def forge(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("Nhầm ngày", "Đúng ngày"), encoding="utf-8")


def test_a_whole_log_is_said_to_be_whole(installed: Settings) -> None:
    """Each place with its number of entries and the last hash; exit status 0."""
    result = runner.invoke(app, ["audit", "check"])
    assert result.exit_code == 0
    assert re.search(r": \d+ entries, whole, last hash [0-9a-f]{64}$", result.stdout, re.MULTILINE)


def test_a_changed_log_is_found(installed: Settings) -> None:
    """The first entry that does not follow is named, and the exit status tells it too."""
    with unit_of_work(open_station(installed).sessions) as session:
        session.execute(update(AuditEntry).where(AuditEntry.sequence == 1).values(act="test.other"))
    result = runner.invoke(app, ["audit", "check"])
    assert (result.exit_code, "broken at entry 1" in result.stdout) == (1, True)


def test_an_export_is_checked_on_any_machine(export: Path) -> None:
    """Whole as it was taken; a word changed in it is found."""
    assert runner.invoke(app, ["audit", "check", str(export)]).exit_code == 0
    forge(export)
    assert runner.invoke(app, ["audit", "check", str(export)]).exit_code == 1


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    """Another file is said to be none."""
    other = tmp_path / "other.txt"
    other.write_text("{}\n")
    result = runner.invoke(app, ["audit", "check", str(other)])
    assert "is not an export" in str(result.exception)


def test_the_manual_tells_a_rule_that_works(export: Path) -> None:
    """The few lines of the manual check an export without any of our code."""
    section = MANUAL.read_text(encoding="utf-8").split("## The audit log")[1]
    lines = section.split("```python\n")[1].split("```")[0]
    command = [sys.executable, "-I", "-X", "utf8", "-c", lines, str(export)]
    assert subprocess.run(command, capture_output=True, check=True).stdout
    forge(export)
    assert b"broken at place" in subprocess.run(command, capture_output=True, check=False).stderr
