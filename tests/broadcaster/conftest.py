"""A station over a migrated database, and the whole application over it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from broadcaster.app import create_app
from broadcaster.serve import Choice, prepare
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from tests.conftest import HandClock


@pytest.fixture
def station(database: str, tmp_path: Path, clock: HandClock) -> Iterator[Station]:
    """An open station on an empty commune-less database."""
    opened = open_station(Settings(data_dir=tmp_path / "data", database_url=database), clock)
    yield opened
    opened.sessions.kw["bind"].dispose()


@pytest.fixture(scope="session")
def sample_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a first start with the sample commune, made once."""
    folder = tmp_path_factory.mktemp("sample") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("broadcaster.serve.check_port", lambda *_: None)
        station, _ = prepare(Settings(data_dir=folder), Choice())
    station.sessions.kw["bind"].dispose()
    return folder


@pytest.fixture
def sample_folder(sample_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it for one test, where the commands find it by the environment."""
    folder = Path(shutil.copytree(sample_made, tmp_path / "data"))
    monkeypatch.setenv("BROADCASTER_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def client(station: Station) -> Iterator[TestClient]:
    """A client of the whole application; errors of the server are answers, as over the network."""
    with TestClient(create_app(station), base_url="http://testserver", raise_server_exceptions=False) as opened:
        yield opened
