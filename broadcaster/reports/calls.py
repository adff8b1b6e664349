"""Emergency calls over a span: how many sounded, how many people stopped, and who did not hear them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from broadcaster.alerts.models import Alert
from broadcaster.alerts.queries import call_of
from broadcaster.asrun.models import Airing
from broadcaster.asrun.reckoning import ALERT, REPORT_WITHIN, Shown
from broadcaster.protocol import AlertScope, Reason
from broadcaster.reports.figures import Unheard
from broadcaster.reports.spans import Span
from content.kernel.nodes import Node
from content.kernel.priority import Priority

AT_ONCE: Final = timedelta(minutes=1)
"""A call that was taken back sooner than this is missed by nobody."""


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls sounded: real ones, those of them that people stopped meanwhile, and drills."""

    real: int
    stopped: int
    exercises: int


def calls(session: Session, where: ColumnElement[bool]) -> Calls:
    """The calls among these lines of the log."""
    query = select(Airing.is_exercise, Airing.reason, Airing.occurrence_uuid).where(
        where, Airing.kind == ALERT, Airing.sounded_ms > 0
    )
    found = [(uuid, exercise, reason) for exercise, reason, uuid in session.execute(query.distinct())]
    return Calls(
        real=len({uuid for uuid, exercise, _ in found if not exercise}),
        stopped=len({uuid for uuid, exercise, reason in found if not exercise and reason == Reason.WITHDRAWN}),
        exercises=len({uuid for uuid, exercise, _ in found if exercise}),
    )


def missed(session: Session, commune: Node, villages: Sequence[Node], span: Span, now: datetime) -> Iterator[Unheard]:
    """The real calls of these local dates, over by now, that sounded whole not once in villages that were called."""
    begin, end = span.instants(commune.zone)
    query = select(Alert).where(
        Alert.node_id == commune.id,
        Alert.scope == AlertScope.ACTUAL,
        Alert.audible.is_(True),
        Alert.raised_at >= begin,
        Alert.raised_at < end,
    )
    found = session.scalars(query.order_by(Alert.id))
    alerts = [one for one in found if one.is_over(now - REPORT_WITHIN) and not _taken_back(one)]
    heard = _heard_in(session, villages, [one.uuid for one in alerts])
    for alert in alerts:
        called = set(call_of(alert).villages)
        silent = tuple(one.name for one in villages if one.uuid in called and one.id not in heard[alert.uuid])
        if silent:
            yield Unheard(alert.uuid, alert.title, str(Priority.EMERGENCY), silent, ())


def _taken_back(alert: Alert) -> bool:
    return alert.cancelled_at is not None and alert.cancelled_at - alert.raised_at < AT_ONCE


def _heard_in(session: Session, villages: Sequence[Node], alerts: Sequence[UUID]) -> dict[UUID, set[int]]:
    """By alert: the ids of the villages in which it sounded whole, or until people stopped it."""
    query = (
        select(Airing.occurrence_uuid, Airing.village_id)
        .where(Airing.village_id.in_([one.id for one in villages]), Airing.occurrence_uuid.in_(alerts))
        .where(Airing.outcome.in_([Shown.AIRED, Shown.STOPPED]))
        .group_by(Airing.occurrence_uuid, Airing.village_id)
    )
    found: dict[UUID, set[int]] = defaultdict(set)
    for uuid, village_id in session.execute(query):
        found[uuid].add(village_id)
    return found
