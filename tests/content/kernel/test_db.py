"""Time and transactions of the database."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from content.kernel.audit import AuditEntry
from content.kernel.db import SessionFactory, StorageFull, unit_of_work
from content.kernel.nodes import Node, NodeKind, add_node


def test_naive_instants_are_refused(session: Session, commune: Node) -> None:
    """A time without zone never enters the database."""
    values = {"node_id": commune.id, "sequence": 1, "act": "x", "subject": "x", "facts": {}, "hash": "0"}
    with pytest.raises(StatementError, match="naive"):
        session.execute(insert(AuditEntry).values(at=datetime(2026, 11, 22), **values))  # noqa: DTZ001


def test_instants_come_back_as_utc(session: Session, commune: Node) -> None:
    """Any zone goes in; the same instant comes out in UTC."""
    vietnam = timezone(timedelta(hours=7))
    values = {"node_id": commune.id, "sequence": 1, "act": "x", "subject": "x", "facts": {}, "hash": "0"}
    session.execute(insert(AuditEntry).values(at=datetime(2026, 11, 22, 17, 30, tzinfo=vietnam), **values))
    assert session.scalars(select(AuditEntry.at)).one() == datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def test_a_failed_unit_leaves_nothing(sessions: SessionFactory) -> None:
    """An error anywhere in a unit of work undoes all of it."""
    with pytest.raises(ZeroDivisionError), unit_of_work(sessions) as session:
        add_node(session, NodeKind.COMMUNE, "x", "X")
        1 / 0  # noqa: B018
    with unit_of_work(sessions, writes=False) as session:
        assert session.scalars(select(Node)).all() == []


def test_readers_do_not_wait_for_writers(sessions: SessionFactory) -> None:
    """A unit that only reads begins and ends while another one writes."""
    with unit_of_work(sessions) as writer:
        add_node(writer, NodeKind.COMMUNE, "x", "X")
        with unit_of_work(sessions, writes=False) as reader:
            assert reader.scalars(select(Node)).all() == []


@pytest.mark.skipif(os.environ.get("BROADCASTER_TEST_DATABASE") == "postgresql", reason="its disk cannot be made full")
def test_a_full_disk_is_said_and_loses_nothing(sessions: SessionFactory) -> None:
    """A unit that does not fit raises StorageFull; what was stored before is still there."""
    with unit_of_work(sessions) as session:
        add_node(session, NodeKind.COMMUNE, "x", "X")
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(StorageFull), unit_of_work(sessions) as session:
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(10_000):
            add_node(session, NodeKind.VILLAGE, f"v{number}", "x" * 100)
    with unit_of_work(sessions, writes=False) as session:
        assert [node.slug for node in session.scalars(select(Node))] == ["x"]


def test_readers_see_one_instant(sessions: SessionFactory) -> None:
    """What is committed while a unit reads is not in its later answers."""
    with unit_of_work(sessions, writes=False) as reader:
        assert reader.scalars(select(Node)).all() == []
        with unit_of_work(sessions) as writer:
            add_node(writer, NodeKind.COMMUNE, "x", "X")
        assert reader.scalars(select(Node)).all() == []


def test_one_writes_at_a_time(sessions: SessionFactory) -> None:
    """Who begins to write while another does waits, and then sees what the other wrote: nothing is counted twice."""
    with unit_of_work(sessions) as session:
        add_node(session, NodeKind.COMMUNE, "x", "")

    def append() -> None:
        for _ in range(10):
            with unit_of_work(sessions) as session:
                node = session.scalars(select(Node)).one()
                node.name += "x"

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(append) for _ in range(4)]:
            done.result()
    with unit_of_work(sessions, writes=False) as session:
        assert session.scalars(select(Node.name)).one() == "x" * 40
