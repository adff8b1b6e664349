"""Guessing is slow: so many wrong tries for an account or from an address within a window, then none for a while.

A try is counted before the password is looked at, and forgotten when it proves right: so neither many tries at once
nor a broken connection slip through, and what is refused costs no hash. A guesser can lock somebody out for a quarter
of an hour; that is the price, and the links of `links` are not locked by it.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from broadcaster.accounts.errors import LockedOut
from broadcaster.accounts.models import LoginTry

WINDOW = timedelta(minutes=15)
MOST_OF_ACCOUNT = 5
MOST_OF_ADDRESS = 20


def count(session: Session, login: str, address: str, now: datetime) -> bool:
    """Count a try that is about to be made; True if it is the last one before the lock. Raises LockedOut.

    Args:
        session: a unit of work of its own, to be committed before the try is made.
        login: as typed; empty where no account is named.
        address: where it comes from.
        now: aware instant; `LockedOut` tells the instant until which to wait, as `time`.
    """
    session.execute(delete(LoginTry).where(LoginTry.at <= now - WINDOW))
    of_account = _times(session, LoginTry.login == login[:64]) if login else []
    of_address = _times(session, LoginTry.address == address[:64])
    for times, most in ((of_account, MOST_OF_ACCOUNT), (of_address, MOST_OF_ADDRESS)):
        if len(times) >= most:
            raise LockedOut(time=times[-most] + WINDOW)
    session.add(LoginTry(login=login[:64], address=address[:64], at=now))
    session.flush()
    return len(of_account) + 1 == MOST_OF_ACCOUNT or len(of_address) + 1 == MOST_OF_ADDRESS


def forget(session: Session, login: str) -> None:
    """The account has proved itself: its tries count no more."""
    session.execute(delete(LoginTry).where(LoginTry.login == login))


def _times(session: Session, whose: ColumnElement[bool]) -> list[datetime]:
    """When they were made, oldest first."""
    return list(session.scalars(select(LoginTry.at).where(whose).order_by(LoginTry.at)))
