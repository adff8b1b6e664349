"""Which reports are sent by themselves, and when one is due. Functions take the session first and flush."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.reports.models import ReportOrder
from broadcaster.reports.spans import Span, SpanKind
from content.kernel import audit
from content.kernel.nodes import Node

SENT_FROM = time(6, 30)
"""Not before the morning: nobody reads at midnight, and late rows of the night are in."""


@dataclass(frozen=True, slots=True)
class Due:
    """An order whose span is over and not sent yet."""

    order: ReportOrder
    span: Span


def living(session: Session, commune: Node) -> dict[SpanKind, ReportOrder]:
    """What the commune has ordered, by kind."""
    query = select(ReportOrder).where(ReportOrder.node_id == commune.id, ReportOrder.ended_at.is_(None))
    return {SpanKind(order.kind): order for order in session.scalars(query)}


def want(
    session: Session,
    commune: Node,
    kind: SpanKind,
    actor: UUID | None,
    now: datetime,
    channels: Collection[UUID] | None = None,
) -> None:
    """Order a report, by these channels or by all; as it was wanted before, nothing changes."""
    order, by = living(session, commune).get(kind), channels if channels is None else sorted(map(str, channels))
    if order is None:
        over = Span.around(kind, now.astimezone(commune.zone).date()).before
        order = ReportOrder(node_id=commune.id, kind=kind, made_by=actor, made_at=now, sent_until=over.last)
        session.add(order)
    elif order.channels == by:
        return
    order.channels = by
    session.flush()
    audit.record(session, commune.id, now, actor, "report.ordered", f"report:{kind}", channels=by or "all")


def end(session: Session, commune: Node, kind: SpanKind, actor: UUID | None, now: datetime) -> None:
    """End an order; one that is not there is no error."""
    order = living(session, commune).get(kind)
    if order is not None:
        order.ended_at = now
        session.flush()
        audit.record(session, commune.id, now, actor, "report.order_ended", f"report:{kind}")


def due(session: Session, commune: Node, now: datetime) -> list[Due]:
    """What is to be sent now: the newest span of each order that is over."""
    local = now.astimezone(commune.zone)
    if local.time() < SENT_FROM:
        return []
    over = {kind: Span.around(kind, local.date()).before for kind in SpanKind}
    orders = living(session, commune).items()
    return [Due(order, over[kind]) for kind, order in orders if order.sent_until < over[kind].last]


def claim(session: Session, one: Due) -> bool:
    """Mark it sent, in the transaction that sends it; False if somebody else did."""
    taken = (
        update(ReportOrder)
        .where(ReportOrder.id == one.order.id, ReportOrder.sent_until < one.span.last, ReportOrder.ended_at.is_(None))
        .values(sent_until=one.span.last)
        .returning(ReportOrder.id)
    )
    return session.execute(taken).first() is not None
