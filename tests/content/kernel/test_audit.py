"""The audit chain."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from content.kernel import audit
from content.kernel.audit import AuditEntry
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
