"""A station over a migrated database, and the whole application over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from broadcaster.app import create_app
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from tests.conftest import HandClock


@pytest.fixture
def station(database: str, tmp_path: Path, clock: HandClock) -> Iterator[Station]:
    """An open station on an empty commune-less database."""
    opened = open_station(Settings(data_dir=tmp_path / "data", database_url=database), clock)
    yield opened
    opened.sessions.kw["bind"].dispose()


@pytest.fixture
def client(station: Station) -> Iterator[TestClient]:
    """A client of the whole application; errors of the server are answers, as over the network."""
    with TestClient(create_app(station), base_url="http://testserver", raise_server_exceptions=False) as opened:
        yield opened
