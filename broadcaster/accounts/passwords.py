"""Passwords: made, hashed, held against the rules. Argon2id; no database.

Hashing takes some 50 ms and 64 MB by design: do it outside transactions that write.
"""

import secrets
import unicodedata
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from broadcaster.accounts.errors import (
    PasswordIsName,
    PasswordIsOld,
    PasswordsDiffer,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
)
from broadcaster.accounts.models import User

LEAST = 10
LIMIT = 200
"""Characters. Source: ADR 0013."""
_COMMON = frozenset((files("broadcaster.accounts") / "common_passwords.txt").read_text().split())
"""Ten characters and more, of lists of leaked passwords and of what one types in a Vietnamese office."""
_FEWEST_DIFFERENT = 4
# Easily read aloud and typed on a phone: no capitals, no l/1/o/0.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS = 3

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe())
"""Checked when the login is unknown, so that the answer takes as long as for a known one."""


def new_password() -> str:
    """A first password of 60 bits, in three groups of four: `k7wm-x3pa-ehr9`."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(_GROUPS))


def hashed(password: str) -> str:
    """What is stored."""
    return _hasher.hash(_normal(password))


def is_right(user: User | None, password: str) -> bool:
    """Whether this is the user's password; takes as long where there is no such user."""
    try:
        return _hasher.verify(user.password_hash if user else _NOBODY, _normal(password)) and user is not None
    except (Argon2Error, InvalidHashError):
        return False


def check(user: User, password: str, again: str) -> None:
    """Whether the user may choose this.

    Raises:
        PasswordTooShort: fewer than `LEAST` characters.
        PasswordTooLong: more than `LIMIT`.
        PasswordIsName: the login or the name, once or again and again, with or without marks, figures and signs.
        PasswordTooCommon: on the short list, or a few characters over and over.
        PasswordIsOld: what the user has now.
        PasswordsDiffer: `again` is something else.
    """
    chosen = _normal(password)
    if len(chosen) < LEAST:
        raise PasswordTooShort(least=LEAST)
    if len(chosen) > LIMIT:
        raise PasswordTooLong(limit=LIMIT)
    if any(_is_again(_letters(chosen), _letters(name)) for name in (user.login, user.name)):
        raise PasswordIsName
    if chosen.casefold() in _COMMON or len(set(chosen)) < _FEWEST_DIFFERENT:
        raise PasswordTooCommon
    if is_right(user, chosen):
        raise PasswordIsOld
    if chosen != _normal(again):
        raise PasswordsDiffer


def _normal(password: str) -> str:
    """The same letters however the keyboard composes them."""
    return unicodedata.normalize("NFC", password)


def _is_again(words: str, name: str) -> bool:
    return bool(name and words) and words.replace(name, "") == ""


def _letters(words: str) -> str:
    """Only the letters, small and without marks: `Lù Thị Mai 1990` is `luthimai`."""
    apart = unicodedata.normalize("NFD", words.casefold().replace("đ", "d"))
    return "".join(char for char in apart if char.isalpha())
