"""The commands, as typed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from broadcaster import cli
from broadcaster.cli.root import app

runner = CliRunner()


@pytest.fixture
def installed(sample_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample commune's folder; its server is where none answers."""
    monkeypatch.setenv("BROADCASTER_PORT", "1")
    return sample_folder


def run(*arguments: str, stdin: str = "") -> str:
    result = runner.invoke(app, arguments, input=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a refused command says on standard error, as one line."""
    monkeypatch.setattr("sys.argv", ["broadcaster", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 1
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    return said


def test_read_takes_arguments_and_standard_input() -> None:
    """One line out for each line in."""
    assert run("read", "lúc 7h30") == "lúc bảy giờ ba mươi phút\n"
    assert run("read", stdin="5kg\n\n2 m\n").splitlines() == ["năm ki lô gam", "", "hai mét"]


def test_read_explains_each_change() -> None:
    """--explain names place and rule of each span."""
    assert "'5kg' -> 'năm ki lô gam'" in run("read", "--explain", "mua 5kg")


def test_a_pairing_code_is_printed(installed: Path) -> None:
    """Eight characters, for a village that exists."""
    assert len(run("player", "pair", "un-ta").strip()) == 8
    assert "Player" in run("player", "list")


def test_a_new_account_and_a_new_password(installed: Path) -> None:
    """First passwords are printed once."""
    first = run("accounts", "add", "lan", "Chị Lan", "--role", "cadre").strip()
    assert run("accounts", "password", "lan").strip() != first
    assert "Chị Lan" in run("accounts", "list")


def test_plan_is_a_table(installed: Path) -> None:
    """An empty day is an empty table."""
    assert "Village" in run("plan", "--date", "2026-11-23")


def test_everything_is_whole(installed: Path) -> None:
    """Db upgrade and db check pass on a fresh installation, and check finds a damaged file."""
    assert "up to date" in run("db", "upgrade")
    assert "All is whole." in run("db", "check")
    broken = installed / "objects" / "ab" / ("0" * 62)
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.write_bytes(b"not what its name says")
    assert runner.invoke(app, ["db", "check"]).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plan", "--village", "xyz"], "no village or commune named “xyz”"),
        (["plan", "--date", "ngày mai"], "is not a date"),
        (["player", "pair", "xyz"], "no village or commune named “xyz”"),
        (["accounts", "password", "ai"], "no account “ai”"),
        (["accounts", "add", "admin", "X"], "is taken"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    installed: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    """No trace, exit status 1, what to do."""
    assert said in refused(monkeypatch, capsys, *arguments)


def test_before_the_first_start_there_is_nothing_to_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command on an empty folder says how to begin."""
    monkeypatch.setenv("BROADCASTER_DATA_DIR", str(tmp_path / "data"))
    assert "broadcaster serve" in refused(monkeypatch, capsys, "plan")


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The setting and its problem, not pydantic's words about fields."""
    monkeypatch.setenv("BROADCASTER_PORT", "many")
    assert "Setting port" in refused(monkeypatch, capsys, "plan")


def test_doubts_of_the_reading_go_to_standard_error() -> None:
    """The spoken line is alone on standard output; old encodings and doubts are said beside it."""
    result = runner.invoke(app, ["read", "Th«ng b¸o lÞch tiªm chñng më réng th¸ng 12"])
    assert "TCVN3" in result.stderr
    assert "TCVN3" not in result.stdout
    assert "no_diacritics" in runner.invoke(app, ["read", "Moi ba con di hop thon toi nay luc bay gio"]).stderr


@pytest.mark.parametrize(("login", "name"), [("", "X"), ("Chị Lan", "X"), ("lan", " ")])
def test_an_account_needs_a_login_and_a_name(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], login: str, name: str
) -> None:
    """What nobody could type or recognise is refused."""
    assert refused(monkeypatch, capsys, "accounts", "add", login, name)
