"""The second person for others' warnings: where the commune wants two for an alert, a press here needs two as well.

What a source may air by itself passes this by: an admin decided so beforehand. Ending a warning needs one person, as
stopping an alert does.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts import queries
from broadcaster.alerts import service as alerts
from broadcaster.alerts.cap.deciding import Kind
from broadcaster.alerts.errors import NobodyAsked, SamePerson, WhyMissing
from broadcaster.alerts.incoming import service
from broadcaster.alerts.incoming.models import Message, State
from broadcaster.alerts.incoming.service import Understood
from broadcaster.alerts.models import AlertRules
from broadcaster.alerts.service import By
from broadcaster.alerts.wishes import CONFIRM_WITHIN
from broadcaster.fleet.signing import Signer
from content.kernel import audit
from content.kernel.nodes import Node


def needs_second(rules: AlertRules, found: Understood | None) -> bool:
    """Whether the commune wants two people for this."""
    return rules.second_person and found is not None and found.decision.kind is not Kind.CANCEL


def is_asked(message: Message, now: datetime) -> bool:
    """Whether a second person may confirm it now."""
    is_fresh = message.asked_at is not None and now - message.asked_at < CONFIRM_WITHIN
    return is_fresh and message.state == State.WAITING


def asked(session: Session, commune: Node, now: datetime) -> list[Message]:
    """Those that a second person may confirm now, oldest first."""
    query = select(Message).where(
        Message.node_id == commune.id, Message.state == State.WAITING, Message.asked_at > now - CONFIRM_WITHIN
    )
    return list(session.scalars(query.order_by(Message.id)))


def press(
    session: Session,
    signer: Signer,
    commune: Node,
    message: Message,
    by: By,
    *,
    villages: Collection[UUID] | None = None,
    text: str | None = None,
    alone: bool = False,
) -> list[UUID] | None:
    """Put it on the air, or where two are wanted, ask for the second (None). `alone` goes round that; `by.reason` why.

    Raises:
        WhyMissing: alone, and without a reason.
        MessageIsOver, NoVillages, NothingChosen, TextTooLong: as `service.air`.
    """
    found = service.understood(session, commune, message, by.at)
    if needs_second(queries.rules(session, commune), found):
        if not alone:
            _ask(session, commune, message, by, villages, text)
            return None
        if not by.reason.strip():
            raise WhyMissing
    return service.air(session, signer, commune, message, by, villages=villages, text=text)


def confirm(session: Session, signer: Signer, commune: Node, message: Message, by: By) -> list[UUID]:
    """The second person's press: it airs as the first one left it, and in that one's name.

    Raises:
        NobodyAsked: the minute is over, or it was settled meanwhile.
        SamePerson: who asked cannot confirm.
    """
    if not is_asked(message, by.at):
        raise NobodyAsked
    if by.actor == message.asked_by:
        raise SamePerson
    audit.record(session, commune.id, by.at, by.actor, "alert.confirmed", f"message:{message.uuid}")
    asked = message.asked_for or {}
    villages = None if asked.get("villages") is None else [UUID(each) for each in asked["villages"]]
    first = By(message.asked_by, by.at, by.origin)
    return service.air(session, signer, commune, message, first, villages=villages, text=asked.get("text"))


def _ask(
    session: Session, commune: Node, message: Message, by: By, villages: Collection[UUID] | None, text: str | None
) -> None:
    for call in service.would_call(session, commune, message, by.at, villages=villages, text=text):
        alerts.prepare(session, commune, call, by.at)
    message.asked_by, message.asked_at = by.actor, by.at
    message.asked_for = {"villages": None if villages is None else [str(each) for each in villages], "text": text}
    session.flush()
    audit.record(session, commune.id, by.at, by.actor, "alert.asked", f"message:{message.uuid}", title=message.title)
