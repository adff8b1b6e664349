"""Coming in: what a wrong proof costs, and what a right one clears."""

import pyotp
import pytest
from sqlalchemy import select

from broadcaster.accounts import door, links, logins, passwords, second_factor, service
from broadcaster.accounts.errors import DeadLink, LockedOut, PasswordTooShort, WrongCode, WrongLogin, WrongPassword
from broadcaster.accounts.models import LoginTry, Role, User
from content.kernel.db import SessionFactory, unit_of_work
from content.kernel.nodes import NodeKind, add_node
from tests.broadcaster.accounts.conftest import PASSWORD, acts
from tests.conftest import HandClock

KEY, SECRET, HERE = b"k" * 32, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "10.0.0.7"
CHOSEN = "bốn con ngựa đen"


@pytest.fixture
def mai(sessions: SessionFactory, clock: HandClock) -> User:
    """A cadre with a password of her own and a second factor."""
    with unit_of_work(sessions) as session:
        commune = add_node(session, NodeKind.COMMUNE, "coc-san", "Cốc San")
        user = service.add_user(session, commune, "mai", "Lù Thị Mai", Role.CADRE, PASSWORD, clock.now())
        user.must_change_password = False
        code = pyotp.TOTP(SECRET).at(clock.now())
        second_factor.switch_on(session, KEY, user, SECRET, code, clock.now())
        clock.pass_by(minutes=1)
        return user


def tries_of(sessions: SessionFactory) -> list[str]:
    with unit_of_work(sessions, writes=False) as session:
        return list(session.scalars(select(LoginTry.login)))


def audited(sessions: SessionFactory) -> list[str]:
    with unit_of_work(sessions, writes=False) as session:
        return acts(session)[2:]


def test_a_wrong_password_is_counted_although_it_fails(sessions: SessionFactory, mai: User, clock: HandClock) -> None:
    """Unknown and known logins alike; the fifth locks, even for the right password, and is in the audit."""
    for login in ("ai", "Mai "):
        for _ in range(5):
            with pytest.raises(WrongLogin):
                door.prove(sessions, login, "sai", HERE, clock.now())
    with pytest.raises(LockedOut):
        door.prove(sessions, "mai", PASSWORD, HERE, clock.now())
    assert tries_of(sessions) == ["ai"] * 5 + ["mai"] * 5
    assert audited(sessions) == ["account.locked_out"]
    clock.pass_by(minutes=15)
    assert door.prove(sessions, "mai", PASSWORD, HERE, clock.now()).uuid == mai.uuid


def test_only_the_whole_login_clears_the_tries(sessions: SessionFactory, mai: User, clock: HandClock) -> None:
    """Who knows the password cannot guess codes without end by proving it again and again."""
    guesses = 0
    with pytest.raises(LockedOut):
        while guesses < 10:
            door.prove(sessions, "mai", PASSWORD, HERE, clock.now())
            with pytest.raises(WrongCode):
                door.enter_by_code(sessions, KEY, mai, "000000", HERE, "", clock.now())
            guesses += 1
    assert guesses == 2
    clock.pass_by(minutes=15)
    code = pyotp.TOTP(SECRET).at(clock.now())
    login = door.enter_by_code(sessions, KEY, mai, code, HERE, "Chrome", clock.now())
    assert tries_of(sessions) == []
    assert audited(sessions) == ["account.logged_in"]
    with unit_of_work(sessions, writes=False) as session:
        assert logins.living(session, login.uuid, clock.now())


def test_the_code_is_owed_to_this_password(sessions: SessionFactory, mai: User, clock: HandClock) -> None:
    """A password that is changed between the two steps ends the login that had begun by the old one."""
    with unit_of_work(sessions) as session:
        assert door.waiting(session, mai.uuid, mai.password_epoch)
        user = session.get_one(User, mai.id)
        service.set_password(session, user, passwords.hashed("x"), None, clock.now(), chosen=False)
        assert door.waiting(session, mai.uuid, mai.password_epoch) is None


def test_another_password_needs_the_present_one(sessions: SessionFactory, mai: User, clock: HandClock) -> None:
    """A wrong present password and a weak new one are refused; then only this login goes on."""
    here, there = (door.enter(sessions, mai, HERE, "", clock.now()) for _ in range(2))
    for change, rule in (
        (door.Change("sai", CHOSEN, CHOSEN), WrongPassword),
        (door.Change(PASSWORD, "ngắn", "ngắn"), PasswordTooShort),
    ):
        with pytest.raises(rule):
            door.choose_password(sessions, mai, change, here, HERE, clock.now())
    door.choose_password(sessions, mai, door.Change(PASSWORD, CHOSEN, CHOSEN), here, HERE, clock.now())
    assert door.prove(sessions, "mai", CHOSEN, HERE, clock.now())
    with unit_of_work(sessions, writes=False) as session:
        assert logins.living(session, here.uuid, clock.now())
        assert logins.living(session, there.uuid, clock.now()) is None


def test_the_second_factor_goes_off_by_the_password(sessions: SessionFactory, mai: User, clock: HandClock) -> None:
    """An open browser alone does not switch it off."""
    with pytest.raises(WrongPassword):
        door.drop_second_factor(sessions, mai, "sai", HERE, clock.now())
    door.drop_second_factor(sessions, mai, PASSWORD, HERE, clock.now())
    assert audited(sessions) == ["account.second_factor_off"]


def test_dead_links_are_counted_for_the_address(sessions: SessionFactory, mai: User, clock: HandClock) -> None:
    """Twenty dead links lock an address; a living one costs nothing, even when its password is refused."""
    with unit_of_work(sessions) as session:
        token = links.make(session, session.get_one(User, mai.id), None, clock.now())
    with pytest.raises(PasswordTooShort):
        door.use_link(sessions, token, "ngắn", "ngắn", HERE, clock.now())
    assert tries_of(sessions) == []
    for _ in range(20):
        with pytest.raises(DeadLink):
            door.open_link(sessions, "guessed", HERE, clock.now())
    with pytest.raises(LockedOut):
        door.open_link(sessions, "guessed", HERE, clock.now())
    assert door.use_link(sessions, token, CHOSEN, CHOSEN, HERE, clock.now()).uuid == mai.uuid
