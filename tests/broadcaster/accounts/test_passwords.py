"""Passwords: which may be chosen, and that they prove whose they are."""

import unicodedata

import pytest

from broadcaster.accounts import passwords
from broadcaster.accounts.errors import (
    PasswordIsName,
    PasswordIsOld,
    PasswordsDiffer,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
)
from broadcaster.accounts.models import User
from content.kernel.errors import BroadcastError

OLD = "ba con trâu trắng"


@pytest.fixture(scope="module")
def user() -> User:
    return User(login="mailu.coc-san", name="Đặng Thị Mai Lù", password_hash=passwords.hashed(OLD))


@pytest.mark.parametrize(
    ("chosen", "rule"),
    [
        ("chín chữ.", PasswordTooShort),
        ("a b" * 100, PasswordTooLong),
        ("mailu.coc-san", PasswordIsName),
        ("MAILU.coc-san.1990", PasswordIsName),
        ("Đặng Thị Mai Lù", PasswordIsName),
        ("dangthimailu123", PasswordIsName),
        ("mailucocsan-mailucocsan", PasswordIsName),
        ("MatKhau123", PasswordTooCommon),
        ("1212121212", PasswordTooCommon),
        (OLD, PasswordIsOld),
    ],
)
def test_each_rule_is_named(user: User, chosen: str, rule: type[BroadcastError]) -> None:
    """A password that must not be chosen is refused by the one rule that it breaks."""
    with pytest.raises(rule) as refused:
        passwords.check(user, chosen, chosen)
    assert refused.value.field == "password"


def test_it_is_typed_twice(user: User) -> None:
    """What cannot be seen is typed twice, however the keyboard composes the letters."""
    chosen = "bốn con ngựa đen"
    passwords.check(user, chosen, unicodedata.normalize("NFD", chosen))
    with pytest.raises(PasswordsDiffer):
        passwords.check(user, chosen, "bốn con ngựa trắng")


def test_a_composed_and_a_decomposed_letter_are_one(user: User) -> None:
    """A password set on a phone proves its owner on a computer that composes letters otherwise."""
    assert passwords.is_right(user, unicodedata.normalize("NFD", OLD))


@pytest.mark.parametrize("typed", ["", "ba con trau trang", OLD + " "])
def test_another_password_proves_nothing(user: User, typed: str) -> None:
    """Marks and spaces are part of it."""
    assert not passwords.is_right(user, typed)


def test_nobody_has_a_password() -> None:
    """An unknown login is never right, whatever is typed."""
    assert not passwords.is_right(None, OLD)


def test_a_row_without_a_password_lets_nobody_in() -> None:
    """What is no hash is no password."""
    assert not passwords.is_right(User(password_hash="none"), "none")
