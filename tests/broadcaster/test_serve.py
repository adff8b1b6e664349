"""Starting a server: what is in the way is said in one sentence, what is new is said once."""

import socket
from pathlib import Path

import pytest

from broadcaster import serve
from broadcaster.accounts import service as accounts
from broadcaster.serve import Choice, PortTaken, prepare
from broadcaster.settings import Settings
from broadcaster.station import DataFolderUnwritable
from content.kernel.db import unit_of_work
from content.kernel.nodes import the_commune, villages_of
from schedules import queries as schedules


def settings(folder: Path, port: int = 0) -> Settings:
    return Settings(data_dir=folder, port=port or free_port())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_first_start_makes_the_sample_commune_and_says_its_passwords_once(tmp_path: Path) -> None:
    """Nine villages, a slot every few minutes, three accounts that can log in; the second start says nothing."""
    chosen = settings(tmp_path / "data")
    station, credentials = prepare(chosen, Choice())
    assert [one.login for one in credentials] == ["admin", "bithu", "canbo"]
    with unit_of_work(station.sessions, writes=False) as session:
        commune = the_commune(session)
        assert commune is not None
        assert len(villages_of(session, commune)) == 9
        assert len(schedules.slots(session, commune)) == 1
        for one in credentials:
            assert accounts.log_in(session, one.login, one.password).role == one.role
    assert prepare(chosen, Choice())[1] == []


def test_an_own_commune_starts_empty(tmp_path: Path) -> None:
    """A commune by name has an admin and nothing else."""
    station, credentials = prepare(settings(tmp_path / "data"), Choice("Tả Phời"))
    assert [one.login for one in credentials] == ["admin"]
    with unit_of_work(station.sessions, writes=False) as session:
        commune = the_commune(session)
        assert commune is not None
        assert commune.name == "Tả Phời"
        assert villages_of(session, commune) == []


def test_a_port_in_use_is_said_before_anything_is_made(tmp_path: Path) -> None:
    """The sentence names the port and another one; no database is left behind."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} .*BROADCASTER_PORT={port + 1}"):
            prepare(settings(tmp_path / "data", port), Choice())
    assert not (tmp_path / "data" / "broadcaster.db").exists()


def test_an_unwritable_data_folder_is_said(tmp_path: Path) -> None:
    """A folder that cannot be made is named, with what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderUnwritable, match="BROADCASTER_DATA_DIR"):
        prepare(settings(tmp_path / "file" / "data"), Choice())


def test_the_greeting_names_address_and_passwords(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever starts it for the first time sees where to go and what to type."""
    chosen = settings(tmp_path / "data", 8765)
    credentials = [serve.Credential("admin", "abcd-efgh-ijkl", accounts.Role.ADMIN)]
    serve.greet(credentials)
    serve.point(chosen, None)
    said = capsys.readouterr().out
    assert "http://127.0.0.1:8765" in said
    assert "login admin" in said
    assert "password abcd-efgh-ijkl" in said
