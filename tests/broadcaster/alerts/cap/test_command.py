"""`broadcaster cap`."""

from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner, Result

from broadcaster.alerts.cap.model import MsgType, Status
from broadcaster.alerts.cap.writing import to_xml
from broadcaster.cli import app
from tests.broadcaster.alerts.cap.messages import NOW, SAMPLES, SENT, alert
from tests.broadcaster.alerts.cap.test_signing import OURS, THEIRS, signed


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["cap", *map(str, arguments)])


def written(folder: Path, name: str, **changed: object) -> Path:
    path = folder / name
    path.write_bytes(to_xml(alert(**changed)))
    return path


def test_what_would_be_done_comes_first(tmp_path: Path) -> None:
    """The kind, the reason, and the words that would be spoken."""
    told = run(written(tmp_path, "flood.cap"), "--now", NOW.isoformat())
    assert told.exit_code == 0
    assert told.stdout.startswith("air: It is a real alert for the public.\n")
    assert "Cảnh báo lũ quét" in told.stdout


def test_a_drill_is_shown_as_it_would_sound(tmp_path: Path) -> None:
    """With the word first."""
    told = run(written(tmp_path, "drill.cap", status=Status.EXERCISE), "--now", NOW.isoformat()).stdout
    assert told.startswith("drill: ")
    assert "spoken      Diễn tập. " in told


def test_messages_are_judged_in_the_order_of_receipt(tmp_path: Path) -> None:
    """Each knows those before it."""
    first = written(tmp_path, "1.cap")
    later = {"references": (alert().name,), "sent_at": SENT + timedelta(minutes=1)}
    update = written(tmp_path, "2.cap", identifier="laocai-2", msg_type=MsgType.UPDATE, **later)
    cancel = written(tmp_path, "3.cap", identifier="laocai-3", msg_type=MsgType.CANCEL, **later)
    told = run(first, update, cancel, first, "--now", NOW.isoformat()).stdout
    kinds = [line.split(":")[0] for line in told.splitlines() if line[0] != " " and not line.endswith(".cap:")]
    assert kinds == ["air", "update", "cancel", "refuse"]
    told = run(cancel, first, "--now", NOW.isoformat()).stdout
    assert "A later message has already replaced or ended it." in told


def test_a_refusal_is_an_answer_and_not_a_failure() -> None:
    """Exit 0 for what was judged, with the reason."""
    for name, reason in (
        ("xee", "DOCTYPE"),
        ("invalid", "schema"),
        ("weather", "CAP 1.1"),
        ("canada", "is known here"),
    ):
        told = run(SAMPLES / f"google_cap-library__{name}.cap")
        assert (told.exit_code, told.stdout.split(":")[0]) == (0, "refuse")
        assert reason in told.stdout


def test_another_language_is_said(tmp_path: Path) -> None:
    """A message without the language wanted is spoken in what it has."""
    told = run(SAMPLES / "google_cap-library__thunderstorm.cap", "--now", "2003-06-17T22:00:00Z")
    assert "en-US (there is no vi)" in told.stdout
    told = run(SAMPLES / "google_cap-library__canada_signed.cap", "--now", "2013-01-25T00:00:00Z", "--lang", "fr")
    assert "language    fr-CA\n" in told.stdout


def test_what_cannot_be_read_or_meant_fails(tmp_path: Path) -> None:
    """Exit 1 for a file or a time that is none."""
    assert run(tmp_path / "none.cap").exit_code == 1
    assert run(tmp_path).exit_code == 1
    for now in ("soon", "2026-11-22T10:00:00"):
        assert run(written(tmp_path, "flood.cap"), "--now", now).exit_code == 1


def test_with_a_certificate_only_its_messages_pass(tmp_path: Path) -> None:
    """What the sender signed is judged, another is refused, and a file that is no certificate fails."""
    for name, content in (("ours.pem", OURS[1].encode()), ("ours.cap", signed()), ("theirs.cap", signed(THEIRS))):
        (tmp_path / name).write_bytes(content)
    told = run(
        tmp_path / "ours.cap", tmp_path / "theirs.cap", "--now", NOW.isoformat(), "--cert", tmp_path / "ours.pem"
    )
    assert "air: " in told.stdout
    assert "refuse: The signature is not the source's" in told.stdout
    assert run(tmp_path / "ours.cap", "--cert", tmp_path / "ours.cap").exit_code != 0
