"""Accounts: added, changed, closed; what ends a login, and who is the last admin."""

import pytest
from sqlalchemy.orm import Session

from broadcaster.accounts import logins, passwords, service
from broadcaster.accounts.errors import (
    BadLogin,
    LastAdmin,
    LoginTaken,
    NameMissing,
    NameTooLong,
    NoSuchUser,
    WrongLogin,
)
from broadcaster.accounts.models import Role, User
from content.kernel.errors import BroadcastError
from content.kernel.nodes import Node
from tests.broadcaster.accounts.conftest import PASSWORD, acts
from tests.conftest import HandClock


@pytest.fixture
def admin(session: Session, commune: Node, clock: HandClock) -> User:
    return service.add_user(session, commune, "hoa", "Sần Thị Hoa", Role.ADMIN, PASSWORD, clock.now())


def test_a_first_password_must_be_changed(session: Session, admin: User, clock: HandClock) -> None:
    """Whoever was given a password owes a change, until they have chosen one."""
    assert admin.must_change_password
    service.set_password(session, admin, passwords.hashed("x"), admin.uuid, clock.now(), chosen=True)
    assert not admin.must_change_password
    service.set_password(session, admin, passwords.hashed("y"), None, clock.now(), chosen=False)
    assert admin.must_change_password
    assert acts(session) == ["account.added", "account.password_set", "account.password_set"]


@pytest.mark.parametrize(
    ("login", "name", "rule"),
    [
        ("", "X", BadLogin),
        ("Chị Lan", "X", BadLogin),
        ("mai", "X", LoginTaken),
        ("lan", " ", NameMissing),
        ("lan", "n" * 121, NameTooLong),
    ],
)
def test_logins_and_names_have_rules(
    session: Session, commune: Node, user: User, clock: HandClock, login: str, name: str, rule: type[BroadcastError]
) -> None:
    """What nobody could type or tell apart is refused, and nothing is added."""
    with pytest.raises(rule):
        service.add_user(session, commune, login, name, Role.VIEWER, PASSWORD, clock.now())
    assert service.people(session, commune) == [user]


@pytest.mark.parametrize("act", ["password", "role", "close"])
def test_what_ends_the_trust_ends_the_logins(session: Session, user: User, clock: HandClock, act: str) -> None:
    """A new password, another role and closing log the person out everywhere."""
    user.villages = []
    login = logins.begin(session, user, "10.0.0.7", "Chrome", clock.now())
    match act:
        case "password":
            service.set_password(session, user, passwords.hashed("x"), None, clock.now(), chosen=False)
        case "role":
            service.change(session, user, user.name, Role.CADRE, [], None, clock.now())
        case "close":
            service.close(session, user, None, clock.now())
    assert logins.living(session, login.uuid, clock.now()) is None


def test_a_new_name_ends_nothing(session: Session, user: User, villages: list[Node], clock: HandClock) -> None:
    """Name and villages may change while somebody works; what changed is in the audit, and only that."""
    login = logins.begin(session, user, "", "", clock.now())
    service.change(session, user, "Lù Thị Mai", Role.SECRETARY, villages[:1], None, clock.now())
    assert logins.living(session, login.uuid, clock.now())
    service.change(session, user, "Lù Thị Mai", Role.SECRETARY, villages[:1], None, clock.now())
    assert acts(session) == ["account.added", "account.logged_in", "account.changed"]


def test_the_last_admin_stays(session: Session, commune: Node, admin: User, clock: HandClock) -> None:
    """The only open admin account can be neither closed nor demoted; the second-last can."""
    now = clock.now()
    for act in (
        lambda: service.close(session, admin, None, now),
        lambda: service.change(session, admin, "Hoa", Role.CADRE, [], None, now),
    ):
        with pytest.raises(LastAdmin):
            act()
    other = service.add_user(session, commune, "lan", "Lan", Role.ADMIN, PASSWORD, now)
    service.close(session, other, None, now)
    with pytest.raises(LastAdmin):
        service.close(session, admin, None, now)
    service.reopen(session, other, None, now)
    service.close(session, admin, other.uuid, now)
    assert [person.login for person in service.people(session, commune)] == ["lan", "hoa"]


def test_a_closed_account_cannot_log_in_until_it_is_opened(session: Session, user: User, clock: HandClock) -> None:
    """Closing is undone by opening; the password is the same as before."""
    service.close(session, user, None, clock.now())
    with pytest.raises(WrongLogin):
        service.log_in(session, "mai", PASSWORD)
    service.reopen(session, user, None, clock.now())
    assert service.log_in(session, " MAI ", PASSWORD) == user


def test_a_secretary_writes_for_own_villages(
    session: Session, user: User, admin: User, villages: list[Node], clock: HandClock
) -> None:
    """Named villages bound a secretary; none named is the whole commune; who approves reaches all."""
    assert service.villages_for(session, user, villages) == villages
    service.change(session, user, user.name, Role.SECRETARY, villages[1:], None, clock.now())
    assert service.villages_for(session, user, villages) == villages[1:]
    assert service.villages_for(session, admin, villages) == villages
    service.change(session, user, user.name, Role.CADRE, villages[1:], None, clock.now())
    assert service.villages_for(session, user, villages) == villages


def test_people_are_of_one_commune(session: Session, user: User, villages: list[Node]) -> None:
    """Neither login nor uuid finds an account of another node."""
    with pytest.raises(NoSuchUser):
        service.by_login(session, villages[0], "mai")
    with pytest.raises(NoSuchUser):
        service.person(session, villages[0], user.uuid)
