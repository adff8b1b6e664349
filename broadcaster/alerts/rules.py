"""A commune's rules for alerts, and whom to telephone where a loudspeaker stays silent. Each change is audited."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from broadcaster.alerts import queries
from broadcaster.alerts.errors import BadPhone
from broadcaster.alerts.models import AlertRules, Contact
from content.kernel import audit
from content.kernel.nodes import Node

_NUMBER = re.compile(r"\+?[0-9][0-9 .()-]{5,24}")
LAST_DAY = 28
"""Every month has it."""


class Phone(NamedTuple):
    """Somebody's name and number."""

    name: str
    number: str


class Rules(NamedTuple):
    """What an admin chooses; a day of None means no such drill."""

    second_person: bool
    alone_role: str
    silent_day: int | None
    silent_at_local: time
    audible_day: int | None
    audible_at_local: time


def change(session: Session, commune: Node, rules: Rules, actor: UUID, now: datetime) -> AlertRules:
    """Other rules from now on."""
    row = queries.rules(session, commune)
    before = {name: getattr(row, name) for name in rules._fields}
    for name, value in rules._asdict().items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    changes = {name: _plain(value) for name, value in rules._asdict().items() if value != before[name]}
    if changes:
        audit.record(session, commune.id, now, actor, "alert.rules_changed", f"commune:{commune.slug}", **changes)
    return row


def phones(session: Session, villages: Sequence[Node]) -> dict[int, list[Phone]]:
    """By village id: whom to telephone, the first first."""
    found: dict[int, list[Phone]] = {village.id: [] for village in villages}
    query = select(Contact).where(Contact.village_id.in_(found)).order_by(Contact.village_id, Contact.position)
    for row in session.scalars(query):
        found[row.village_id].append(Phone(row.name, row.phone))
    return found


def read_phones(text: str) -> list[Phone]:
    """Lines of a name, a comma and a number. Raises BadPhone."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        number = next((match for match in reversed(list(_NUMBER.finditer(line)))), None)
        if number is None:
            raise BadPhone(line=line)
        name = " ".join((line[: number.start()] + line[number.end() :]).split()).strip(" ,;:–-")
        found.append(Phone(name[:120], number.group().strip()[:32]))
    return found


def keep_phones(
    session: Session, commune: Node, lists: Mapping[int, Sequence[Phone]], actor: UUID, now: datetime
) -> None:
    """Let these lists, by village id, take the place of what there is."""
    session.execute(delete(Contact).where(Contact.village_id.in_(lists)))
    for village_id, phones_of in lists.items():
        for position, phone in enumerate(phones_of):
            session.add(Contact(village_id=village_id, position=position, name=phone.name, phone=phone.number))
    session.flush()
    count = sum(map(len, lists.values()))
    audit.record(session, commune.id, now, actor, "alert.phones_changed", f"commune:{commune.slug}", count=count)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, time) else value
