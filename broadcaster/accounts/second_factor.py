"""The second factor: six figures of an app on the phone (TOTP), and recovery codes for who lost it.

The secret is sealed at rest with a key that is not in the database, so that a copied database makes no codes.
Source: RFC 6238 (30-second steps, one step of drift either way, no code twice).
"""

import hashlib
import hmac
import logging
import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from broadcaster.accounts.errors import WrongCode
from broadcaster.accounts.models import RecoveryCode, User
from content.kernel import audit

log = logging.getLogger(__name__)
STEP_S = 30
RECOVERY_CODES = 8
_DRIFT = (0, -1, 1)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_HALF = 5


def new_secret() -> str:
    """160 bits, as apps take them in: 32 letters and figures."""
    return pyotp.random_base32()


def address_of(user: User, secret: str, issuer: str) -> str:
    """What the QR code says: `otpauth://...`."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name=issuer)


def switch_on(session: Session, key: bytes, user: User, secret: str, code: str, now: datetime) -> list[str]:
    """Begin to ask for codes, once the app has shown that it makes them; returns the recovery codes, shown once.

    Raises WrongCode.
    """
    step = _step_of(secret, code, now)
    if step is None:
        raise WrongCode
    user.totp_sealed, user.totp_step = SecretBox(key).encrypt(secret.encode()), step
    codes = ["-".join(_some_letters() for _ in range(2)) for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.add_all(RecoveryCode(user_id=user.id, code_sha256=_hash(one)) for one in codes)
    session.flush()
    audit.record(session, user.node_id, now, user.uuid, "account.second_factor_on", f"user:{user.uuid}")
    return codes


def switch_off(session: Session, user: User, actor: UUID | None, now: datetime) -> None:
    """Ask for no codes any more."""
    if user.totp_sealed is not None:
        user.totp_sealed = None
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        session.flush()
        audit.record(session, user.node_id, now, actor, "account.second_factor_off", f"user:{user.uuid}")


def is_right(session: Session, key: bytes, user: User, code: str, now: datetime) -> bool:
    """Whether this is the app's present code or an unused recovery code; either is used up by it."""
    step = _step_of(_secret(key, user), code, now)
    if step is not None and step > user.totp_step:
        user.totp_step = step
        session.flush()
        return True
    return _use_recovery_code(session, user, code, now)


def codes_left(session: Session, user: User) -> int:
    """How many recovery codes are unused."""
    return session.scalars(select(func.count()).where(RecoveryCode.user_id == user.id)).one()


def _use_recovery_code(session: Session, user: User, code: str, now: datetime) -> bool:
    found = session.scalars(
        select(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.code_sha256 == _hash(code))
    ).one_or_none()
    if found is None:
        return False
    session.delete(found)
    audit.record(session, user.node_id, now, user.uuid, "account.recovery_code_used", f"user:{user.uuid}")
    return True


def _step_of(secret: str | None, code: str, now: datetime) -> int | None:
    """The step whose code this is, of the present one and its neighbours."""
    typed, step = "".join(code.split()), int(now.timestamp()) // STEP_S
    if secret is None or not (typed.isascii() and typed.isdecimal()):
        return None
    totp = pyotp.TOTP(secret)
    return next((step + by for by in _DRIFT if hmac.compare_digest(totp.generate_otp(step + by), typed)), None)


def _secret(key: bytes, user: User) -> str | None:
    """The secret; None where it cannot be opened (another key came with a restored backup): recovery codes still do."""
    try:
        return SecretBox(key).decrypt(user.totp_sealed or b"").decode()
    except (CryptoError, ValueError):
        log.exception("second_factor_unreadable", extra={"user": str(user.uuid)})
        return None


def _some_letters() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_HALF))


def _hash(code: str) -> str:
    """As people type it: with or without the dash, small or capital."""
    return hashlib.sha256("".join(char for char in code.casefold() if char.isalnum()).encode()).hexdigest()
