"""`broadcaster accounts`: what an admin does without the pages."""

import shutil
from pathlib import Path

import pyotp
import pytest
from typer.testing import CliRunner

from broadcaster.accounts import links, second_factor, service
from broadcaster.accounts.errors import LastAdmin, WrongLogin
from broadcaster.cli.root import app
from broadcaster.serve import Choice, prepare
from broadcaster.settings import Settings
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def installed(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Station:
    """A commune with an admin, in a data folder that the commands find by the environment."""
    (tmp_path / "data").mkdir()
    shutil.copy(migrated, tmp_path / "data" / "broadcaster.db")
    monkeypatch.setenv("BROADCASTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("broadcaster.serve.check_port", lambda *_: None)
    return prepare(Settings(), Choice("Tả Phời"))[0]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["accounts", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout.strip()


def test_first_passwords_must_be_changed(installed: Station) -> None:
    """What the command printed lets its person in once, to choose another."""
    for arguments in (("add", "lan", "Chị Lan"), ("password", "lan")):
        printed = run(*arguments)
        with unit_of_work(installed.sessions, writes=False) as session:
            assert service.log_in(session, "lan", printed).must_change_password


def test_a_link_leads_to_where_the_person_reaches_the_pages(installed: Station) -> None:
    """The address is as given, and the token is alive."""
    printed = run("link", "admin", "--url", "https://loa.example/")
    assert printed.startswith("https://loa.example/link/")
    with unit_of_work(installed.sessions, writes=False) as session:
        assert links.whose(session, printed.rsplit("/", 1)[1], installed.clock.now()).login == "admin"
    assert run("link", "admin").startswith("http://127.0.0.1:")


def test_closing_and_opening(installed: Station) -> None:
    """A closed account is out until it is opened; the last admin cannot be closed from here either."""
    first = run("add", "lan", "Chị Lan")
    run("close", "lan")
    with unit_of_work(installed.sessions, writes=False) as session, pytest.raises(WrongLogin):
        service.log_in(session, "lan", first)
    run("reopen", "lan")
    with unit_of_work(installed.sessions, writes=False) as session:
        assert service.log_in(session, "lan", first)
    with pytest.raises(LastAdmin):
        run("close", "admin")


def test_a_lost_phone(installed: Station) -> None:
    """The second factor is listed, and switched off."""
    with unit_of_work(installed.sessions) as session:
        commune = the_commune(session)
        assert commune is not None
        now = installed.clock.now()
        admin = service.by_login(session, commune, "admin")
        second_factor.switch_on(session, b"k" * 32, admin, SECRET, pyotp.TOTP(SECRET).at(now), now)
    assert " on " in run("list")
    run("totp-off", "admin")
    assert " on " not in run("list")
