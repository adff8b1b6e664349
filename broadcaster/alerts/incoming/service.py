"""Receiving warnings, airing them, passing them over. Functions take the session first, flush and never commit.

A message may end or replace only what came from its own source, or what a person brought: else whoever may send us one
feed could silence the warnings of another. A person who brings a file is answerable for it and may end all.
"""

import hashlib
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, case, func, select, tuple_
from sqlalchemy.orm import Session, defer, joinedload

from broadcaster.alerts import quiet
from broadcaster.alerts import service as alerts
from broadcaster.alerts.calls import LONGEST_MINUTES, LONGEST_VALID_MINUTES, Call, Line
from broadcaster.alerts.cap.deciding import Decision, Kind, decide
from broadcaster.alerts.cap.model import Alert as CapAlert
from broadcaster.alerts.cap.model import Reference, Status
from broadcaster.alerts.cap.parsing import parse
from broadcaster.alerts.cap.signing import signed_part
from broadcaster.alerts.errors import BadCap, NothingChosen, NoVillages
from broadcaster.alerts.incoming import places
from broadcaster.alerts.incoming.errors import MessageIsOver, NoSuchMessage
from broadcaster.alerts.incoming.hearing import Hearing, Part, hearing, is_grave
from broadcaster.alerts.incoming.models import Message, MessageCall, MessageReference, Source, State
from broadcaster.alerts.models import Alert
from broadcaster.alerts.phrases import typed_line
from broadcaster.alerts.service import By
from broadcaster.fleet import lives
from broadcaster.fleet.signing import Signer
from broadcaster.notices import service as notices
from broadcaster.notices.models import Kind as NoticeKind
from broadcaster.protocol import AlertScope
from content.kernel import audit
from content.kernel.nodes import Node
from content.languages import VIETNAMESE

VOICED: Final = (VIETNAMESE,)
"""The languages that can be spoken here; in others only people speak (ADR 0014)."""
ELSEWHERE: Final = "elsewhere"
"""The reason of a refusal that is not CAP's: it is for none of our villages."""
ORIGIN: Final = "cap"
_AS_LISTED: Final = (joinedload(Message.source), defer(Message.xml))
"""What came may be a megabyte each, and lists are asked for every few seconds."""


@dataclass(frozen=True, slots=True)
class Via:
    """How a message came: by a source, or by a person's hand."""

    source: Source | None = None
    actor: UUID | None = None

    @property
    def origin(self) -> str:
        """Who is told to have sent it."""
        return self.source.name if self.source else ""


@dataclass(frozen=True, slots=True)
class Understood:
    """A message that is usable, and what would be heard of it."""

    alert: CapAlert
    decision: Decision
    heard: Hearing


def receive(session: Session, signer: Signer, commune: Node, xml: bytes, via: Via, now: datetime) -> Message:
    """Take a message in: decide, keep it with its receipt, and do what may be done without a press.

    Nothing is raised for what is no usable message: it is kept as refused, with the reason. The same again gives the
    first one, counted.
    """
    sha256 = hashlib.sha256(xml).hexdigest()
    if known := _same(session, commune, via, Message.sha256 == sha256):
        return _again(session, known, now)
    message = Message(
        node_id=commune.id,
        source_id=via.source.id if via.source else None,
        brought_by=via.actor,
        received_at=now,
        last_at=now,
        times=1,
        xml=xml,
        sha256=sha256,
        decision=Kind.REFUSE,
        state=State.REFUSED,
        refusal_facts={},
    )
    try:
        alert = _read(xml, via.source)
    except BadCap as error:
        message.refusal, message.refusal_facts = error.sentence, {k: str(v) for k, v in error.facts.items()}
        return _kept(session, message, via, now)
    if known := _same(session, commune, via, _is_named(alert.name)):
        return _again(session, known, now)
    message.signed = bool(via.source and via.source.certificate)
    found = _understand(session, commune, alert, _trusted(via), now)
    _describe(message, found)
    _kept(session, message, via, now)
    session.add_all(
        MessageReference(message_id=message.id, sender=one.sender, identifier=one.identifier, sent_at=one.sent_at)
        for one in alert.references
    )
    session.flush()
    if message.state == State.WAITING:
        _settle_or_tell(session, signer, commune, message, found, via, now)
    return message


def understood(session: Session, commune: Node, message: Message, now: datetime) -> Understood | None:
    """What a message says and would do now; None where it is not usable."""
    if message.refusal:
        return None
    source = session.get(Source, message.source_id) if message.source_id else None
    alert = parse(message.xml) if not message.signed else _read_signed(message, source)
    if alert is None:
        return None
    return _understand(session, commune, alert, _trusted(Via(source, message.brought_by)), now, but=message)


def air(
    session: Session,
    signer: Signer,
    commune: Node,
    message: Message,
    by: By,
    *,
    villages: Collection[UUID] | None = None,
    text: str | None = None,
) -> list[UUID]:
    """Put a waiting message on the air, or let it end what it ends; the alerts concerned.

    Args:
        session: unit of work.
        signer: the server's key.
        commune: whose message it is.
        message: a waiting one.
        by: who presses, and when.
        villages: other ones than the message means.
        text: other Vietnamese words than the message has.

    Raises:
        MessageIsOver: settled meanwhile, or expired.
        NoVillages, NothingChosen, TextTooLong: it would be heard nowhere, or say nothing.
    """
    found = understood(session, commune, message, by.at) if message.state == State.WAITING else None
    if found is None or found.decision.kind is Kind.REFUSE:
        raise MessageIsOver
    earlier = _earlier(session, message, found.decision.facts.ends)
    living = _living(session, earlier, by.at)
    if found.decision.kind is Kind.CANCEL:
        for alert in living:
            alerts.cancel_alert(session, signer, alert, by)
        _settle(session, message, State.SETTLED, by.actor, by.at)
    else:
        calls = _calls(session, commune, found, by.at, villages, text)
        raised = _raise(session, signer, commune, message, calls, living, by)
        session.add_all(MessageCall(message_id=message.id, alert_uuid=alert.uuid) for alert in raised)
        _settle(session, message, State.AIRED, by.actor, by.at)
        living = raised
    for one in earlier:
        if one.state in (State.WAITING, State.AIRED):
            _settle(session, one, State.REPLACED, by.actor, by.at)
    facts = {"message": f"{message.sender},{message.identifier}", "alerts": [str(alert.uuid) for alert in living]}
    audit.record(session, commune.id, by.at, by.actor, f"cap.{message.state}", f"message:{message.uuid}", **facts)
    return [alert.uuid for alert in living]


def would_call(
    session: Session,
    commune: Node,
    message: Message,
    now: datetime,
    *,
    villages: Collection[UUID] | None = None,
    text: str | None = None,
) -> list[Call]:
    """What `air` would raise, and the errors it would meet."""
    found = understood(session, commune, message, now) if message.state == State.WAITING else None
    if found is None or found.decision.kind is Kind.REFUSE:
        raise MessageIsOver
    return _calls(session, commune, found, now, villages, text)


def pass_over(session: Session, message: Message, actor: UUID, now: datetime) -> None:
    """Do nothing with a waiting message, by somebody's decision. Raises MessageIsOver."""
    if message.state != State.WAITING:
        raise MessageIsOver
    _settle(session, message, State.PASSED_OVER, actor, now)
    audit.record(session, message.node_id, now, actor, "cap.passed_over", f"message:{message.uuid}")


def take_up(session: Session, message: Message, actor: UUID, now: datetime) -> None:
    """Let a message that was passed over wait again. Raises MessageIsOver."""
    if message.state != State.PASSED_OVER:
        raise MessageIsOver
    message.state, message.settled_by, message.settled_at = State.WAITING, None, None
    session.flush()
    audit.record(session, message.node_id, now, actor, "cap.taken_up", f"message:{message.uuid}")


def message(session: Session, commune: Node, uuid: UUID) -> Message:
    """One message, with its source. Raises NoSuchMessage."""
    query = select(Message).where(Message.node_id == commune.id, Message.uuid == uuid)
    found = session.scalars(query.options(joinedload(Message.source))).one_or_none()
    if found is None:
        raise NoSuchMessage
    return found


def newest(session: Session, commune: Node, now: datetime, *, limit: int = 50, offset: int = 0) -> list[Message]:
    """The messages, what waits for a press first, then the newest, with their sources but without what came."""
    query = select(Message).where(Message.node_id == commune.id).options(*_AS_LISTED)
    order = case((_is_open(now), 0), else_=1), Message.id.desc()
    return list(session.scalars(query.order_by(*order).limit(limit).offset(offset)))


def waiting(session: Session, commune: Node, now: datetime) -> list[Message]:
    """What waits for a press and has not expired, oldest first, with their sources but without what came."""
    query = select(Message).where(Message.node_id == commune.id, _is_open(now)).options(*_AS_LISTED)
    return list(session.scalars(query.order_by(Message.id)))


def alerts_of(session: Session, message: Message) -> list[UUID]:
    """The alerts that a message became."""
    return list(session.scalars(select(MessageCall.alert_uuid).where(MessageCall.message_id == message.id)))


def _read(xml: bytes, source: Source | None) -> CapAlert:
    return parse(signed_part(xml, source.certificate) if source and source.certificate else xml)


def _read_signed(message: Message, source: Source | None) -> CapAlert | None:
    """Only what was signed, as when it came; the certificate may have been changed since."""
    try:
        return _read(message.xml, source)
    except BadCap:
        return None


def _understand(
    session: Session,
    commune: Node,
    alert: CapAlert,
    trusted: ColumnElement[bool],
    now: datetime,
    *,
    but: Message | None = None,
) -> Understood:
    others = (Message.node_id == commune.id, trusted, Message.id != (but.id if but else 0))
    names = [*alert.references, alert.name]
    known: Mapping[Reference, Status] = {
        Reference(row.sender, row.identifier, row.sent_at): Status(row.status)
        for row in session.scalars(select(Message).where(*others, _is_one_of(Message, names)))
        if row.sent_at
    }
    speaks_of_it = select(func.count()).select_from(MessageReference).join(Message)
    ended = session.scalars(speaks_of_it.where(*others, _is_one_of(MessageReference, [alert.name]))).one()
    decision = decide(alert, now, known, [alert.name] if ended else [])
    villages, around = places.places(session, commune)
    return Understood(alert, decision, hearing(decision.facts.infos, villages, around, VOICED))


def _describe(message: Message, found: Understood) -> None:
    alert, decision = found.alert, found.decision
    message.sender, message.identifier, message.sent_at = alert.sender, alert.identifier, alert.sent_at
    message.status = alert.status
    message.decision, message.reason = decision.kind, decision.reason
    message.until_at = decision.facts.until_at
    message.title = _title(found)
    if decision.kind is not Kind.REFUSE:
        message.state = State.WAITING
    if decision.kind in (Kind.AIR, Kind.DRILL, Kind.UPDATE) and not (found.heard.villages or found.heard.unsure):
        message.decision, message.reason, message.state = Kind.REFUSE, ELSEWHERE, State.REFUSED


def _title(found: Understood) -> str:
    infos = found.decision.facts.infos or found.alert.infos
    titles = [part.title for part in found.heard.parts] or [(i.headline or i.event) for i in infos[:1]]
    return " ".join(unicodedata.normalize("NFC", titles[0]).split())[:300] if titles else ""


def _settle_or_tell(
    session: Session, signer: Signer, commune: Node, message: Message, found: Understood, via: Via, now: datetime
) -> None:
    """What may happen without a press happens; of the rest people are told."""
    earlier = _earlier(session, message, found.decision.facts.ends)
    ends_nothing_heard = found.decision.kind is Kind.CANCEL and not _living(session, earlier, now)
    grave = found.heard.is_sure and is_grave(found.decision.facts.infos)
    by_itself = via.source is not None and via.source.airs_itself
    wakes_nobody = found.decision.kind is not Kind.DRILL or not quiet.asleep(session, commune, now)
    may_sound = grave and wakes_nobody and not lives.is_of_before(session, found.alert.sent_at)
    if ends_nothing_heard or (by_itself and (found.decision.kind is Kind.CANCEL or may_sound)):
        air(session, signer, commune, message, By(None, now, ORIGIN, f"message:{message.uuid}"))
        return
    if via.actor:  # who brought it sees it
        return
    facts: dict[str, notices.Fact] = {"title": message.title, "source": via.origin or "–", "received_at": now}
    event = notices.Event(
        NoticeKind.ALERT_WAITS, str(message.uuid), facts | {"link": f"/alerts/incoming/{message.uuid}"}
    )
    notices.notify(session, commune, event, now)


def _calls(
    session: Session,
    commune: Node,
    found: Understood,
    now: datetime,
    villages: Collection[UUID] | None,
    text: str | None,
) -> list[Call]:
    """One call for each part; one alone where somebody chose the villages or the words."""
    parts: Sequence[Part] = found.heard.parts
    if villages is not None or text is not None:
        words = text if text is not None else "\n".join(part.texts.get(VIETNAMESE, "") for part in parts)
        meant = tuple(villages) if villages is not None else found.heard.villages
        parts = [Part(meant, _title(found), {VIETNAMESE: words})]
    if not parts:  # of no village it could be told that it is meant, and nobody chose one
        raise NoVillages
    until_at = found.decision.facts.until_at or now
    minutes = max(1, min(LONGEST_VALID_MINUTES, int((until_at - now) / timedelta(minutes=1))))
    scope = AlertScope.EXERCISE if found.alert.status.is_practice else AlertScope.ACTUAL
    return [
        Call(
            title=part.title[:300],
            lines=_lines(session, commune, part),
            villages=_villages(part),
            scope=scope,
            minutes=min(10, minutes, LONGEST_MINUTES),
            valid_minutes=minutes,
        )
        for part in parts
    ]


def _villages(part: Part) -> tuple[UUID, ...]:
    if not part.villages:
        raise NoVillages
    return part.villages


def _lines(session: Session, commune: Node, part: Part) -> tuple[Line, ...]:
    words = part.texts.get(VIETNAMESE, "").strip()
    if not words:
        raise NothingChosen
    return (typed_line(session, commune, words),)


def _raise(
    session: Session,
    signer: Signer,
    commune: Node,
    message: Message,
    calls: Sequence[Call],
    living: Sequence[Alert],
    by: By,
) -> list[Alert]:
    """The first living alert takes up the first call, so that nobody hears both; the others end."""
    raised = []
    for place, call in enumerate(calls):
        quiet.check(session, commune, call, by.at)
        if place < len(living) and living[place].scope == call.scope:
            raised.append(alerts.update_alert(session, signer, living[place], call, by))
        else:
            uuid = uuid5(message.uuid, str(place))
            raised.append(alerts.raise_alert(session, signer, commune, call, by, uuid=uuid))
    for alert in living:
        if alert not in raised:
            alerts.cancel_alert(session, signer, alert, by)
    return raised


def _earlier(session: Session, message: Message, names: Sequence[Reference]) -> list[Message]:
    source = session.get(Source, message.source_id) if message.source_id else None
    trusted = _trusted(Via(source, message.brought_by))
    query = select(Message).where(Message.node_id == message.node_id, trusted, _is_one_of(Message, list(names)))
    return list(session.scalars(query)) if names else []


def _living(session: Session, messages: Sequence[Message], now: datetime) -> list[Alert]:
    """The alerts of these messages that may still sound, each once."""
    if not messages:
        return []
    uuids = select(MessageCall.alert_uuid).where(MessageCall.message_id.in_([one.id for one in messages]))
    found = session.scalars(select(Alert).where(Alert.uuid.in_(uuids)).order_by(Alert.id))
    return [alert for alert in found if not alert.is_over(now)]


def _trusted(via: Via) -> ColumnElement[bool]:
    """The messages that one of this origin may speak of."""
    if via.source is None:
        return Message.id > 0
    return Message.source_id.is_(None) | (Message.source_id == via.source.id)


def _same(session: Session, commune: Node, via: Via, condition: ColumnElement[bool]) -> Message | None:
    """The newest of this origin that is the same."""
    own = Message.source_id == via.source.id if via.source else Message.source_id.is_(None)
    query = select(Message).where(Message.node_id == commune.id, own, condition).order_by(Message.id.desc()).limit(1)
    return session.scalars(query).first()


def _again(session: Session, known: Message, now: datetime) -> Message:
    known.times += 1
    known.last_at = now
    session.flush()
    return known


def _kept(session: Session, message: Message, via: Via, now: datetime) -> Message:
    session.add(message)
    session.flush()
    facts = {"decision": str(message.decision), "reason": str(message.reason) or message.refusal, "source": via.origin}
    audit.record(session, message.node_id, now, via.actor, "cap.received", f"message:{message.uuid}", **facts)
    return message


def _settle(session: Session, message: Message, state: State, actor: UUID | None, now: datetime) -> None:
    message.state, message.settled_by, message.settled_at = state, actor, now
    session.flush()


def _is_open(now: datetime) -> ColumnElement[bool]:
    return (Message.state == State.WAITING) & (Message.until_at.is_(None) | (Message.until_at > now))


def _is_named(name: Reference) -> ColumnElement[bool]:
    return _is_one_of(Message, [name])


def _is_one_of(table: type[Message | MessageReference], names: Sequence[Reference]) -> ColumnElement[bool]:
    columns = tuple_(table.sender, table.identifier, table.sent_at)
    return columns.in_([(name.sender, name.identifier, name.sent_at) for name in names])
