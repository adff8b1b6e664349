"""A secretary with a password, and how the audit is read."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts import passwords, service
from broadcaster.accounts.models import Role, User
from content.kernel.audit import AuditEntry
from content.kernel.nodes import Node
from tests.conftest import HandClock

PASSWORD = "ba con trâu trắng"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with little work: its strength is not what is tested here."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def user(session: Session, commune: Node, clock: HandClock) -> User:
    """Mai, who chose her password."""
    made = service.add_user(session, commune, "mai", "Lù Thị Mai", Role.SECRETARY, PASSWORD, clock.now())
    made.must_change_password = False
    session.flush()
    return made


def acts(session: Session) -> list[str]:
    """What the audit holds, oldest first."""
    return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.sequence)))
