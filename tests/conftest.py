"""What all tests share: a clock in the test's hands, and a database made by the real migrations."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy.orm import Session

from broadcaster import migrations
from content.kernel.db import SessionFactory, open_engine, session_factory, unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node
from tests.databases import PostgreSQL

hypothesis.settings.register_profile("ours", deadline=None)  # machines are noisy: no test is timed
hypothesis.settings.load_profile("ours")


class HandClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def clock() -> HandClock:
    """Sunday, 22 November 2026, 17:00 in Cốc San."""
    return HandClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """A real server, started when the first test asks for it."""
    server = PostgreSQL(tmp_path_factory.mktemp("pg"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database at the newest revision, made once."""
    path = tmp_path_factory.mktemp("db") / "migrated.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of this test's own database: SQLite, or what `BROADCASTER_TEST_DATABASE` says."""
    if os.environ.get("BROADCASTER_TEST_DATABASE") == "postgresql":
        with request.getfixturevalue("postgresql").database() as url:
            yield url
    else:
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('migrated'), tmp_path / 'test.db')}"


@pytest.fixture
def sessions(database: str) -> Iterator[SessionFactory]:
    engine = open_engine(database)
    yield session_factory(engine)
    engine.dispose()


@pytest.fixture
def session(sessions: SessionFactory) -> Iterator[Session]:
    """One unit of work for the whole test."""
    with unit_of_work(sessions) as opened:
        yield opened


@pytest.fixture
def commune(session: Session) -> Node:
    return add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")


@pytest.fixture
def villages(session: Session, commune: Node) -> list[Node]:
    """Two of its villages."""
    return [
        add_node(session, NodeKind.VILLAGE, slug, name, parent=commune)
        for slug, name in (("un-ta", "Ún Tà"), ("an-san", "An San"))
    ]
