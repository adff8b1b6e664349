"""What somebody chose on the page and has not sent yet: the first of the two presses, and the second person.

Choosing asks for the sounds at once, so that at the second press they are there. Nothing is heard before `send` (or,
where the commune wants two people, before the second one's `confirm`).
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts import queries, quiet
from broadcaster.alerts import service as alerts
from broadcaster.alerts.calls import Call
from broadcaster.alerts.errors import (
    NobodyAsked,
    NoSuchWish,
    SamePerson,
    WhyMissing,
    WishIsOld,
    WishWasSent,
)
from broadcaster.alerts.models import Alert, AlertRules, AlertWish
from broadcaster.alerts.service import By
from broadcaster.fleet.signing import Signer
from content.kernel import audit
from content.kernel.nodes import Node

LIVES = timedelta(minutes=15)
CONFIRM_WITHIN = timedelta(seconds=60)
LONGEST_REASON = 300


def make(
    session: Session, commune: Node, call: Call, actor: UUID, now: datetime, replaces: Alert | None = None
) -> AlertWish:
    """Keep what was chosen, and have its sounds made. Raises NoVillages, NothingChosen, QuietNow."""
    alerts.check(call)
    quiet.check(session, commune, call, now)
    wish = AlertWish(
        node_id=commune.id,
        alert_id=replaces.id if replaces else None,
        call=call.model_dump(mode="json"),
        made_by=actor,
        made_at=now,
    )
    session.add(wish)
    session.flush()
    alerts.prepare(session, commune, call, now)
    return wish


def wish(session: Session, commune: Node, uuid: UUID) -> AlertWish:
    """One of them. Raises NoSuchWish."""
    query = select(AlertWish).where(AlertWish.node_id == commune.id, AlertWish.uuid == uuid)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NoSuchWish
    return found


def waiting(session: Session, commune: Node, now: datetime) -> list[AlertWish]:
    """Those that a second person may confirm now, oldest first."""
    query = select(AlertWish).where(
        AlertWish.node_id == commune.id, AlertWish.sent_at.is_(None), AlertWish.asked_at > now - CONFIRM_WITHIN
    )
    return list(session.scalars(query.order_by(AlertWish.id)))


def is_waiting(asked: AlertWish, now: datetime) -> bool:
    """Whether a second person may confirm it now."""
    return asked.sent_at is None and asked.asked_at is not None and now - asked.asked_at < CONFIRM_WITHIN


def needs_second(rules: AlertRules, call: Call) -> bool:
    """Whether the commune wants two people for this; what nobody hears needs one."""
    return rules.second_person and call.audible


def send(
    session: Session, signer: Signer, commune: Node, chosen: AlertWish, by: By, *, alone: bool = False
) -> Alert | None:
    """Send what was chosen; the same press again gives the alert that there is.

    Where the commune wants two people, the second one is asked for instead (None). `alone`, for those who may, goes
    round that; `by.reason` says why, for the audit log.

    Raises:
        WishIsOld: chosen too long ago.
        QuietNow: an exercise, and quiet hours have begun.
        WhyMissing: alone, and without a reason.
    """
    if chosen.sent_as is not None:
        return queries.alert(session, commune, chosen.sent_as)
    _check_age(chosen, by.at)
    quiet.check(session, commune, call_of(chosen), by.at)
    if needs_second(queries.rules(session, commune), call_of(chosen)):
        if not alone:
            _ask(session, commune, chosen, by)
            return None
        if not by.reason.strip():
            raise WhyMissing
    return _send(session, signer, commune, chosen, by)


def confirm(session: Session, signer: Signer, commune: Node, chosen: AlertWish, by: By) -> Alert:
    """The second person's press: it is sent now, in the name of who chose it.

    Raises:
        WishWasSent, NobodyAsked: somebody was quicker, or the minute is over.
        SamePerson: who chose it cannot confirm it.
    """
    if chosen.sent_at is not None:
        raise WishWasSent
    if not is_waiting(chosen, by.at):
        raise NobodyAsked
    if by.actor == chosen.made_by:
        raise SamePerson
    audit.record(session, commune.id, by.at, by.actor, "alert.confirmed", f"alert:{chosen.uuid}")
    return _send(session, signer, commune, chosen, By(chosen.made_by, by.at, by.origin))


def call_of(chosen: AlertWish) -> Call:
    """What was chosen."""
    return Call.model_validate(chosen.call)


def _ask(session: Session, commune: Node, chosen: AlertWish, by: By) -> None:
    chosen.asked_at = by.at
    session.flush()
    audit.record(
        session, commune.id, by.at, by.actor, "alert.asked", f"alert:{chosen.uuid}", title=call_of(chosen).title
    )


def _send(session: Session, signer: Signer, commune: Node, chosen: AlertWish, by: By) -> Alert:
    if chosen.alert_id is None:
        sent = alerts.raise_alert(session, signer, commune, call_of(chosen), by, uuid=chosen.uuid)
    else:
        replaced = session.get_one(Alert, chosen.alert_id)
        sent = alerts.update_alert(session, signer, replaced, call_of(chosen), by)
    chosen.sent_at, chosen.sent_as = by.at, sent.uuid
    session.flush()
    return sent


def _check_age(chosen: AlertWish, now: datetime) -> None:
    if now - chosen.made_at > LIVES:
        raise WishIsOld(minutes=int(LIVES.total_seconds() // 60))
