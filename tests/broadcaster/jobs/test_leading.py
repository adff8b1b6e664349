"""Of several workers one leads."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from broadcaster.jobs.leading import Lead
from content.kernel.db import SessionFactory, open_engine, session_factory, unit_of_work
from tests.databases import PostgreSQL


@pytest.fixture
def workers(postgresql: PostgreSQL) -> Iterator[list[SessionFactory]]:
    """Two workers' views of one PostgreSQL."""
    with postgresql.database() as url:
        engines = [open_engine(url) for _ in range(2)]
        yield [session_factory(engine) for engine in engines]
        for engine in engines:
            engine.dispose()


def leads_soon(lead: Lead) -> bool:
    """PostgreSQL lets go of a lock when it has seen that the connection is gone, which takes it a moment."""
    end = time.monotonic() + 30
    while not lead.is_ours() and time.monotonic() < end:
        time.sleep(0.02)
    return lead.is_ours()


def test_one_leads_until_it_leaves(workers: list[SessionFactory]) -> None:
    """The other one asks at each turn, and leads as soon as it can."""
    first, second = map(Lead, workers)
    assert [first.is_ours(), second.is_ours(), first.is_ours()] == [True, False, True]
    first.close()
    assert [leads_soon(second), first.is_ours()] == [True, False]
    for lead in (first, second):
        lead.close()


def test_who_lost_its_connection_does_not_lead(workers: list[SessionFactory], caplog: pytest.LogCaptureFixture) -> None:
    """As after a crash of PostgreSQL or a broken line: it says so, and whoever asks next leads."""
    first, second = map(Lead, workers)
    assert first.is_ours()
    with unit_of_work(workers[1]) as session:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%try_advisory%'"
        session.execute(text(f"{others} AND pid <> pg_backend_pid() AND datname = current_database()")).all()
    assert not first.is_ours()
    assert "lead.unknown" in caplog.messages
    assert [leads_soon(second), first.is_ours()] == [True, False]
    for lead in (first, second):
        lead.close()


def test_on_sqlite_the_one_worker_leads(sessions: SessionFactory) -> None:
    """Nobody is asked."""
    lead = Lead(sessions)
    assert lead.is_ours()
    lead.close()
