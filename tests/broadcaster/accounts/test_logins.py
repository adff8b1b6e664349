"""Logins: how long they live, and how they end."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from broadcaster.accounts import logins, service
from broadcaster.accounts.errors import NoSuchLogin
from broadcaster.accounts.models import User
from content.kernel.nodes import Node
from tests.conftest import HandClock


def test_a_login_lives_while_it_is_used(session: Session, user: User, clock: HandClock) -> None:
    """Fourteen days without a visit end it; a visit gives it fourteen more."""
    login = logins.begin(session, user, "10.0.0.7", "Chrome", clock.now())
    for _ in range(3):
        clock.pass_by(days=13)
        assert logins.living(session, login.uuid, clock.now()) == (login, user)
        logins.seen(session, login.uuid, clock.now())
    clock.pass_by(days=14)
    assert logins.living(session, login.uuid, clock.now()) is None


def test_being_here_is_kept_now_and_then(session: Session, user: User, clock: HandClock) -> None:
    """A visit within ten minutes of the last one need not be written."""
    login = logins.begin(session, user, "", "", clock.now())
    clock.pass_by(minutes=9)
    assert not logins.is_to_be_seen(login, clock.now())
    clock.pass_by(minutes=1)
    assert logins.is_to_be_seen(login, clock.now())


def test_one_ends_own_logins_only(session: Session, user: User, commune: Node, clock: HandClock) -> None:
    """Nobody logs out somebody else, nor the same login twice."""
    now = clock.now()
    other = service.add_user(session, commune, "lan", "Lan", service.Role.VIEWER, "x", now)
    login = logins.begin(session, user, "", "", now)
    with pytest.raises(NoSuchLogin):
        logins.end(session, other, login.uuid, now)
    logins.end(session, user, login.uuid, now)
    with pytest.raises(NoSuchLogin):
        logins.end(session, user, login.uuid, now)


def test_all_logins_end_but_this_one(session: Session, user: User, clock: HandClock) -> None:
    """Who changes the password stays where they are."""
    here, *_ = [logins.begin(session, user, "", str(device), clock.now()) for device in range(3)]
    logins.end_all(session, user, clock.now(), but=here.uuid)
    assert logins.of(session, user, clock.now()) == [here]


def test_leaving_is_never_an_error(session: Session, user: User, clock: HandClock) -> None:
    """Logging out twice, or from a login that nobody knows, does nothing."""
    login = logins.begin(session, user, "", "", clock.now())
    for uuid in (login.uuid, login.uuid, uuid4()):
        logins.leave(session, uuid, clock.now())
    assert logins.of(session, user, clock.now()) == []


def test_who_was_here_last(session: Session, user: User, commune: Node, clock: HandClock) -> None:
    """The newest visit counts, ended or not."""
    assert logins.last_seen(session, commune) == {}
    logins.begin(session, user, "", "", clock.now())
    clock.pass_by(hours=1)
    logins.end(session, user, logins.begin(session, user, "", "", clock.now()).uuid, clock.now())
    assert logins.last_seen(session, commune) == {user.id: clock.now()}
