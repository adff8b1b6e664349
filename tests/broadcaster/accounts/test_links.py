"""One-time links: for one person, once, for a day."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts import links, logins, passwords, service
from broadcaster.accounts.errors import DeadLink
from broadcaster.accounts.models import PasswordLink, Role, User
from content.kernel.nodes import Node
from tests.broadcaster.accounts.conftest import acts
from tests.conftest import HandClock

HASH = passwords.hashed("bốn con ngựa đen")


def test_a_link_sets_a_password_once(session: Session, user: User, clock: HandClock) -> None:
    """Used, it is dead; the password counts, older logins end, and nothing need be changed."""
    login = logins.begin(session, user, "", "", clock.now())
    user.must_change_password = True
    token = links.make(session, user, None, clock.now())
    assert links.use(session, token, HASH, clock.now()) == user
    assert service.log_in(session, "mai", "bốn con ngựa đen") == user
    assert logins.living(session, login.uuid, clock.now()) is None
    assert not user.must_change_password
    with pytest.raises(DeadLink):
        links.use(session, token, HASH, clock.now())
    assert acts(session)[-3:] == ["account.link_made", "account.link_used", "account.password_set"]


def test_a_link_dies_after_a_day(session: Session, user: User, clock: HandClock) -> None:
    """The day's last second still counts, the next does not."""
    token = links.make(session, user, None, clock.now())
    clock.pass_by(hours=23, minutes=59, seconds=59)
    assert links.whose(session, token, clock.now()) == user
    clock.pass_by(seconds=1)
    with pytest.raises(DeadLink):
        links.whose(session, token, clock.now())


def test_a_newer_link_ends_the_older(session: Session, user: User, clock: HandClock) -> None:
    """Only the last link that was made for somebody is alive."""
    older, newer = (links.make(session, user, None, clock.now()) for _ in range(2))
    assert links.whose(session, newer, clock.now()) == user
    with pytest.raises(DeadLink):
        links.whose(session, older, clock.now())


def test_a_closed_account_has_no_links(session: Session, user: User, clock: HandClock) -> None:
    """A link that was made before the closing opens nothing."""
    token = links.make(session, user, None, clock.now())
    service.close(session, user, None, clock.now())
    with pytest.raises(DeadLink):
        links.whose(session, token, clock.now())


def test_the_token_is_not_in_the_database(session: Session, user: User, clock: HandClock) -> None:
    """Who copies the database cannot use its links."""
    token = links.make(session, user, None, clock.now())
    row = session.scalars(select(PasswordLink)).one()
    assert token not in (row.token_sha256, str(vars(row)))


def test_an_invited_account_opens_by_its_link_only(
    session: Session, commune: Node, villages: list[Node], user: User, clock: HandClock
) -> None:
    """Nobody knows the password of a new account; its villages are kept."""
    made = links.invite(session, commune, "lan", "Lan", Role.SECRETARY, villages[:1], user.uuid, clock.now())
    assert made.must_change_password
    assert service.villages_for(session, made, villages) == villages[:1]
