"""Guessing: after how many tries it is refused, for whom, and for how long."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.accounts import tries
from broadcaster.accounts.errors import LockedOut
from broadcaster.accounts.models import LoginTry
from tests.conftest import HandClock


def test_the_sixth_try_at_an_account_is_refused_wherever_it_comes_from(session: Session, clock: HandClock) -> None:
    """Five tries within a quarter of an hour, then none until the first of them is that old."""
    start = clock.now()
    assert [tries.count(session, "mai", f"10.0.0.{n}", clock.now()) for n in range(5)] == [False] * 4 + [True]
    clock.pass_by(minutes=14)
    with pytest.raises(LockedOut) as refused:
        tries.count(session, "mai", "10.0.0.9", clock.now())
    assert refused.value.until == start + tries.WINDOW
    tries.count(session, "lan", "10.0.0.9", clock.now())
    clock.pass_by(minutes=1)
    tries.count(session, "mai", "10.0.0.9", clock.now())


def test_the_twenty_first_try_of_an_address_is_refused_whatever_the_account(session: Session, clock: HandClock) -> None:
    """Twenty tries from one address, at whichever accounts, and dead links among them."""
    for n in range(20):
        tries.count(session, f"user{n}" if n % 2 else "", "10.0.0.7", clock.now())
    with pytest.raises(LockedOut):
        tries.count(session, "mai", "10.0.0.7", clock.now())
    tries.count(session, "mai", "10.0.0.8", clock.now())


def test_what_is_refused_does_not_lengthen_the_wait(session: Session, clock: HandClock) -> None:
    """Who goes on trying while locked out waits no longer for it."""
    for _ in range(5):
        tries.count(session, "mai", "", clock.now())
    for _ in range(14):
        clock.pass_by(minutes=1)
        with pytest.raises(LockedOut):
            tries.count(session, "mai", "", clock.now())
    clock.pass_by(minutes=1)
    tries.count(session, "mai", "", clock.now())


def test_success_forgets_the_account_s_tries(session: Session, clock: HandClock) -> None:
    """Who has logged in may mistype five times again; others' tries stay."""
    for login in ("mai", "mai", "lan"):
        tries.count(session, login, "", clock.now())
    tries.forget(session, "mai")
    assert session.scalars(select(LoginTry.login)).all() == ["lan"]


def test_old_tries_are_swept(session: Session, clock: HandClock) -> None:
    """The table holds only the last quarter of an hour."""
    for _ in range(3):
        tries.count(session, "mai", "", clock.now())
    clock.pass_by(minutes=15)
    tries.count(session, "lan", "", clock.now())
    assert session.scalars(select(func.count()).select_from(LoginTry)).one() == 1


def test_endless_logins_are_cut(session: Session, clock: HandClock) -> None:
    """What is typed is counted by its first letters, as it is stored."""
    for _ in range(5):
        tries.count(session, "x" * 1000, "", clock.now())
    with pytest.raises(LockedOut):
        tries.count(session, "x" * 1000, "", clock.now())
