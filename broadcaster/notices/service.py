"""Channels, and what is told by them. Functions take the session first, flush and never commit; nothing is slow here.

`notify` and `send` are what the rest of the server calls, in the transaction of the act that they tell of.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from nacl.secret import SecretBox
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from broadcaster.notices.errors import BadChannelName, NoKinds, NoSuchChannel
from broadcaster.notices.models import CHOSEN, Attachment, Channel, Delivery, Kind, Notice
from content.kernel import audit
from content.kernel.nodes import Node

SEAL = "notice-address"
"""What the key that seals addresses is derived for (`Signer.secret_for`)."""
LONGEST_NAME = 120
LONGEST_ERROR = 500
WAITS = tuple(timedelta(seconds=s) for s in (10, 30, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600))
"""Between one try and the next; after the last one it is given up: news of yesterday is no notice."""


Fact = str | int | datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth telling.

    `key` names it for ever (such as the alert and the village): telling it again does nothing. `facts` fill the words
    of its kind (`notices.words`); instants are given as datetimes under names that end in `_at`.
    """

    kind: Kind
    key: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


class File(NamedTuple):
    """What is attached."""

    name: str
    mime: str
    content: bytes


class Address(NamedTuple):
    """Where a channel leads: the whole address, what service that is, and what of it may be shown."""

    url: str
    service: str
    shown: str


def notify(session: Session, commune: Node, event: Event, now: datetime) -> int:
    """Tell of an event by all channels that are for its kind; how many those are. Once for each key."""
    if is_told(session, commune, event):
        return 0
    facts = {name: fact.isoformat() if isinstance(fact, datetime) else str(fact) for name, fact in event.facts.items()}
    notice = Notice(node_id=commune.id, kind=event.kind, key=event.key, facts=facts, at=now)
    return _post(session, notice, _listening(session, commune, event.kind))


def is_told(session: Session, commune: Node, event: Event) -> bool:
    """Whether this was told already; only reads."""
    known = select(Notice.id).where(Notice.node_id == commune.id, Notice.kind == event.kind, Notice.key == event.key)
    return session.scalars(known).first() is not None


def send(
    session: Session,
    commune: Node,
    subject: str,
    body: str,
    attachments: Sequence[File] = (),
    *,
    now: datetime,
    by: Collection[str] | None = None,
) -> int:
    """Send a letter of one's own words, such as a report, by the channels that are for reports; how many those are.

    `by` names some of them by their uuids.
    """
    facts = {"subject": subject, "body": body}
    notice = Notice(node_id=commune.id, kind=Kind.REPORT, key=str(uuid4()), facts=facts, at=now)
    notice.attachments = [Attachment(**file._asdict()) for file in attachments]
    channels = _listening(session, commune, Kind.REPORT)
    return _post(session, notice, [one for one in channels if by is None or str(one.uuid) in by])


def try_out(session: Session, commune: Node, channel: Channel, now: datetime) -> None:
    """Send a test by one channel."""
    facts = {"commune": commune.name}
    notice = Notice(node_id=commune.id, kind=Kind.TEST, key=str(uuid4()), facts=facts, at=now)
    _post(session, notice, [channel])


def add_channel(
    session: Session,
    commune: Node,
    key: bytes,
    name: str,
    address: Address,
    kinds: Collection[str],
    actor: UUID | None,
    now: datetime,
) -> Channel:
    """Another channel; its address is sealed with `key`. Raises BadChannelName, NoKinds."""
    channel = Channel(
        node_id=commune.id,
        name=_name(name),
        service=address.service,
        shown=address.shown,
        address_sealed=bytes(SecretBox(key).encrypt(address.url.encode())),
        kinds=_kinds(kinds),
        created_at=now,
    )
    session.add(channel)
    session.flush()
    audit.record(session, commune.id, now, actor, "notices.channel_added", f"channel:{channel.uuid}", name=channel.name)
    return channel


def change_channel(
    session: Session, channel: Channel, name: str, kinds: Collection[str], actor: UUID | None, now: datetime
) -> None:
    """Another name, or other things told. Raises BadChannelName, NoKinds."""
    channel.name, channel.kinds = _name(name), _kinds(kinds)
    session.flush()
    facts = {"name": channel.name, "kinds": channel.kinds}
    audit.record(session, channel.node_id, now, actor, "notices.channel_changed", f"channel:{channel.uuid}", **facts)


def set_removed(session: Session, channel: Channel, actor: UUID | None, now: datetime, *, removed: bool) -> None:
    """Remove a channel, or bring it back. What waits for it is not sent meanwhile."""
    channel.removed_at = now if removed else None
    session.flush()
    act = "notices.channel_removed" if removed else "notices.channel_restored"
    audit.record(session, channel.node_id, now, actor, act, f"channel:{channel.uuid}", name=channel.name)


def channels(session: Session, commune: Node) -> list[Channel]:
    """The channels in use, oldest first."""
    query = select(Channel).where(Channel.node_id == commune.id, Channel.removed_at.is_(None)).order_by(Channel.id)
    return list(session.scalars(query))


def channel(session: Session, commune: Node, uuid: UUID) -> Channel:
    """A channel of the commune, removed or not. Raises NoSuchChannel."""
    found = session.scalars(select(Channel).where(Channel.node_id == commune.id, Channel.uuid == uuid)).one_or_none()
    if found is None:
        raise NoSuchChannel
    return found


def last_deliveries(session: Session, of: Iterable[Channel]) -> dict[int, Delivery]:
    """By channel: what was last sent or tried by it."""
    newest = (
        select(func.max(Delivery.id)).where(Delivery.channel_id.in_([c.id for c in of])).group_by(Delivery.channel_id)
    )
    found = session.scalars(select(Delivery).where(Delivery.id.in_(newest)))
    return {delivery.channel_id: delivery for delivery in found}


def next_due(session: Session, now: datetime) -> Delivery | None:
    """What is to be posted next, whole; the longest waiting first."""
    query = (
        select(Delivery)
        .join(Delivery.channel)
        .where(*_waiting(), Delivery.next_try_at <= now, Channel.removed_at.is_(None))
        .options(joinedload(Delivery.channel), joinedload(Delivery.notice).selectinload(Notice.attachments))
        .order_by(Delivery.next_try_at, Delivery.id)
        .limit(1)
    )
    return session.scalars(query).first()


def claim(session: Session, due: Delivery, now: datetime) -> bool:
    """Take a delivery on, so that a second worker does not; a worker that dies leaves it to the next try."""
    fresh = session.get(Delivery, due.id)
    if fresh is None or fresh.tries != due.tries or fresh.sent_at or fresh.given_up_at:
        return False
    fresh.tries += 1
    fresh.next_try_at = now + WAITS[min(fresh.tries, len(WAITS)) - 1]
    session.flush()
    return True


def settle(session: Session, delivery_id: int, error: str | None, now: datetime) -> None:
    """Note how a try ended: sent, or to be tried again, or given up after the last one."""
    delivery = session.get_one(Delivery, delivery_id)
    delivery.error = error[:LONGEST_ERROR] if error else None
    if error is None:
        delivery.sent_at = now
    elif delivery.tries > len(WAITS):
        delivery.given_up_at = now
    session.flush()


def address_of(channel: Channel, key: bytes) -> str:
    """The whole address, to send to and for nothing else. Raises nacl's CryptoError with another key."""
    return SecretBox(key).decrypt(channel.address_sealed).decode()


def _post(session: Session, notice: Notice, to: Sequence[Channel]) -> int:
    session.add(notice)
    session.flush()
    session.add_all(Delivery(notice_id=notice.id, channel_id=one.id, next_try_at=notice.at) for one in to)
    session.flush()
    return len(to)


def _listening(session: Session, commune: Node, kind: Kind) -> list[Channel]:
    return [one for one in channels(session, commune) if kind in one.kinds]


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return Delivery.sent_at.is_(None), Delivery.given_up_at.is_(None)


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadChannelName(limit=LONGEST_NAME)
    return name


def _kinds(kinds: Collection[str]) -> list[str]:
    chosen = [kind for kind in CHOSEN if kind in kinds]
    if not chosen:
        raise NoKinds
    return [str(kind) for kind in chosen]
