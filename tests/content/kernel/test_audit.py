"""The audit chain."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from content.kernel import audit
from content.kernel.audit import EVERYTHING, AuditEntry, Wanted
from content.kernel.nodes import Node
from tests.conftest import HandClock


def test_a_changed_entry_breaks_the_chain(session: Session, commune: Node, clock: HandClock) -> None:
    """Whoever alters an entry is found at exactly that entry."""
    for number in range(5):
        audit.record(session, commune.id, clock.now(), None, "test.act", "thing:1", number=number)
    assert audit.check_chain(session, commune.id) is None
    session.execute(update(AuditEntry).where(AuditEntry.sequence == 3).values(act="test.other"))
    session.expire_all()
    assert audit.check_chain(session, commune.id) == 3


def test_a_removed_entry_breaks_the_chain(session: Session, commune: Node, clock: HandClock) -> None:
    """Whoever removes an entry is found at the next one."""
    entries = [audit.record(session, commune.id, clock.now(), None, "test.act", "thing:1") for _ in range(4)]
    session.delete(entries[1])
    session.flush()
    assert audit.check_chain(session, commune.id) == 2


def test_a_log_of_several_places_is_followed_place_by_place(
    session: Session, commune: Node, villages: list[Node], clock: HandClock
) -> None:
    """Each place has its own chain; a break in one leaves the others whole, and later breaks change nothing."""
    for number in range(3):
        for node in (commune, *villages):
            audit.record(session, node.id, clock.now(), None, "test.act", "thing:1", number=number)
    session.execute(update(AuditEntry).where(AuditEntry.node_id == commune.id).values(act="test.other"))
    session.expire_all()
    chains = audit.check(audit.stream(session, [commune.id, *(village.id for village in villages)]))
    assert [chains[node.id].broken_at for node in (commune, *villages)] == [1, None, None]
    assert chains[villages[0].id].entries == 3


def test_an_export_can_be_checked_without_the_database(session: Session, commune: Node, clock: HandClock) -> None:
    """A line holds all that the hash covers, whatever the zone in which an act was noted."""
    local = clock.now().astimezone(commune.zone)
    for number in range(3):
        audit.record(session, commune.id, local, uuid4(), "test.act", "thing:đ", text="Họp thôn", number=number)
    session.expire_all()
    lines = [audit.to_line(entry) for entry in audit.stream(session, [commune.id])]
    chain = audit.check(map(audit.from_line, lines))[commune.id]
    assert (chain.entries, chain.broken_at) == (3, None)
    assert chain.last_hash == session.get_one(AuditEntry, 3).hash
    forged = [lines[0], lines[1].replace("Họp thôn", "Họp xã"), lines[2]]
    assert audit.check(map(audit.from_line, forged))[commune.id].broken_at == 2


def test_the_log_is_narrowed_and_read_newest_first(session: Session, commune: Node, clock: HandClock) -> None:
    """By who, what and when; pages do not overlap."""
    actor = uuid4()
    for number in range(4):
        audit.record(session, commune.id, clock.now(), actor if number else None, f"test.act{number}", "thing:1")
        clock.pass_by(hours=1)

    def acts(wanted: Wanted, limit: int = 9, offset: int = 0) -> list[str]:
        return [e.act[-1] for e in audit.newest(session, [commune.id], wanted, limit=limit, offset=offset)]

    assert acts(EVERYTHING) == ["3", "2", "1", "0"]
    assert acts(EVERYTHING, 2, 2) == ["1", "0"]
    assert acts(Wanted(actor=actor)) == ["3", "2", "1"]
    assert acts(Wanted(act="test.act1")) == ["1"]
    assert acts(Wanted(act="%")) == []
    assert acts(Wanted(subject="thing:")) == ["3", "2", "1", "0"]
    assert acts(Wanted(from_at=clock.now() - timedelta(hours=3), until_at=clock.now() - timedelta(hours=1))) == [
        "2",
        "1",
    ]
