"""The second factor: codes of the app, no code twice, recovery codes, and the sealed secret."""

from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy.orm import Session

from broadcaster.accounts import second_factor
from broadcaster.accounts.errors import WrongCode
from broadcaster.accounts.models import User
from tests.broadcaster.accounts.conftest import acts
from tests.conftest import HandClock

KEY = b"k" * 32
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of RFC 6238's test vectors: the ASCII figures 12345678901234567890."""


def code_at(at: datetime, steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(at + timedelta(seconds=second_factor.STEP_S * steps))


@pytest.fixture
def codes(session: Session, user: User, clock: HandClock) -> list[str]:
    """Recovery codes of a second factor that is on."""
    return second_factor.switch_on(session, KEY, user, SECRET, code_at(clock.now()), clock.now())


def test_codes_are_those_of_the_standard(session: Session, user: User) -> None:
    """Source: RFC 6238, appendix B (SHA-1): at 1111111109 s the code ends in 081804."""
    at = datetime.fromisoformat("2005-03-18T01:58:29+00:00")
    second_factor.switch_on(session, KEY, user, SECRET, "081804", at)


def test_it_goes_on_by_a_right_code_only(session: Session, user: User, clock: HandClock) -> None:
    """Whose app makes other codes is not locked out by it."""
    with pytest.raises(WrongCode):
        second_factor.switch_on(session, KEY, user, SECRET, code_at(clock.now(), 2), clock.now())
    assert user.totp_sealed is None


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_drift_is_forgiven(
    session: Session, user: User, codes: list[str], clock: HandClock, steps: int, *, right: bool
) -> None:
    """A phone's clock may be half a minute off, not a minute."""
    clock.pass_by(minutes=10)
    assert second_factor.is_right(session, KEY, user, code_at(clock.now(), steps), clock.now()) is right


def test_no_code_counts_twice(session: Session, user: User, codes: list[str], clock: HandClock) -> None:
    """Neither a code that was used, the one it was switched on by included, nor an older one."""
    assert not second_factor.is_right(session, KEY, user, code_at(clock.now()), clock.now())
    clock.pass_by(minutes=5)
    typed = f"{code_at(clock.now())[:3]} {code_at(clock.now())[3:]}"
    assert second_factor.is_right(session, KEY, user, typed, clock.now())
    assert not second_factor.is_right(session, KEY, user, typed, clock.now())
    assert not second_factor.is_right(session, KEY, user, code_at(clock.now(), -1), clock.now())


def test_each_recovery_code_counts_once(session: Session, user: User, codes: list[str], clock: HandClock) -> None:
    """Typed small or capital, with or without the dash; then it is gone."""
    assert len(set(codes)) == second_factor.RECOVERY_CODES == second_factor.codes_left(session, user)
    assert second_factor.is_right(session, KEY, user, codes[0].upper().replace("-", " "), clock.now())
    assert not second_factor.is_right(session, KEY, user, codes[0], clock.now())
    assert second_factor.codes_left(session, user) == second_factor.RECOVERY_CODES - 1


def test_the_secret_is_sealed(session: Session, user: User, codes: list[str], clock: HandClock) -> None:
    """Without the key the database makes no codes; recovery codes count all the same."""
    assert user.totp_sealed is not None
    assert SECRET.encode() not in user.totp_sealed
    clock.pass_by(minutes=5)
    assert not second_factor.is_right(session, b"x" * 32, user, code_at(clock.now()), clock.now())
    assert second_factor.is_right(session, b"x" * 32, user, codes[0], clock.now())


@pytest.mark.parametrize("typed", ["", "12", "abcdef", "١٢٣٤٥٦", "00000000000000"])
def test_what_is_no_code_is_wrong(session: Session, user: User, codes: list[str], clock: HandClock, typed: str) -> None:
    """Whatever is typed is an answer, never an accident."""
    assert not second_factor.is_right(session, KEY, user, typed, clock.now())


def test_off_means_off(session: Session, user: User, codes: list[str], clock: HandClock) -> None:
    """Neither the app nor the recovery codes count any more, and the audit says who did it."""
    second_factor.switch_off(session, user, None, clock.now())
    assert second_factor.codes_left(session, user) == 0
    assert user.totp_sealed is None
    second_factor.switch_off(session, user, None, clock.now())
    assert acts(session)[1:] == ["account.second_factor_on", "account.second_factor_off"]


def test_the_picture_names_commune_and_login(user: User) -> None:
    """The app shows which account the code is for."""
    address = second_factor.address_of(user, SECRET, "Cốc San")
    assert address.startswith("otpauth://totp/")
    assert "mai?" in address
    assert f"secret={SECRET}" in address
