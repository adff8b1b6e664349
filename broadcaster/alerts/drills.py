"""The monthly drills: when they are due, and raising them, each once whatever the clock and its ticks do.

A silent drill reaches every player and sounds nowhere; an audible one says in every language that it is an exercise.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts import phrases, queries, quiet
from broadcaster.alerts import service as alerts
from broadcaster.alerts.models import Alert, AlertDrill, AlertRules, DrillKind
from broadcaster.alerts.service import By
from broadcaster.fleet.signing import Signer
from broadcaster.protocol import AlertScope
from content.kernel.nodes import Node

log = logging.getLogger(__name__)
LATE_AT_MOST = timedelta(hours=1)
"""A drill at another hour than it was announced for would alarm people."""
VALID_MINUTES = {DrillKind.SILENT: 60, DrillKind.AUDIBLE: 5}


def due(session: Session, commune: Node, now: datetime) -> list[tuple[DrillKind, datetime]]:
    """The drills whose time has come and that nobody has settled; only reads."""
    rules = queries.rules(session, commune)
    settled = {
        (row.kind, row.planned_at)
        for row in session.scalars(select(AlertDrill).where(AlertDrill.node_id == commune.id))
    }
    found = ((kind, _newest(rules, kind, commune, now)) for kind in DrillKind)
    return [(kind, at) for kind, at in found if at and now - at <= LATE_AT_MOST and (kind, at) not in settled]


def raise_due(session: Session, signer: Signer, commune: Node, now: datetime) -> list[Alert]:
    """Raise what is due; an audible one leaves out villages in their quiet hours.

    Twice at once is impossible: a drill is a row of its own, by kind and planned time.
    """
    raised = [_raise(session, signer, commune, kind, at, now) for kind, at in due(session, commune, now)]
    return [alert for alert in raised if alert]


def raise_now(session: Session, signer: Signer, commune: Node, actor: UUID, now: datetime) -> Alert:
    """A silent drill because somebody wants one now."""
    return _alert(session, signer, commune, DrillKind.SILENT, By(actor, now, "drill"))


def next_at(rules: AlertRules, kind: DrillKind, commune: Node, now: datetime) -> datetime | None:
    """When the next one of this kind is; None if there are none."""
    return next((at for at in _times(rules, kind, commune, now) if at > now), None)


def _newest(rules: AlertRules, kind: DrillKind, commune: Node, now: datetime) -> datetime | None:
    return max((at for at in _times(rules, kind, commune, now) if at <= now), default=None)


def _times(rules: AlertRules, kind: DrillKind, commune: Node, now: datetime) -> Iterator[datetime]:
    """The drills of the months around now, in order."""
    day = rules.silent_day if kind is DrillKind.SILENT else rules.audible_day
    at = rules.silent_at_local if kind is DrillKind.SILENT else rules.audible_at_local
    if day is None:
        return
    month = now.astimezone(commune.zone).date().replace(day=1)
    for first in (_month_before(month), month, _month_after(month)):
        yield datetime.combine(first.replace(day=day), time(at.hour, at.minute), commune.zone)


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _raise(
    session: Session, signer: Signer, commune: Node, kind: DrillKind, planned_at: datetime, now: datetime
) -> Alert | None:
    drill = AlertDrill(node_id=commune.id, kind=kind, planned_at=planned_at)
    session.add(drill)
    session.flush()
    sleeping = {place.uuid for place in quiet.asleep(session, commune, now)} if kind is DrillKind.AUDIBLE else set()
    awake = tuple(uuid for uuid in alerts.everywhere(session, commune) if uuid not in sleeping)
    alert = _alert(session, signer, commune, kind, By(None, now, "drill"), awake) if awake else None
    drill.alert_id = alert.id if alert else None
    session.flush()
    log.info("drill.raised", extra={"kind": kind, "alert": str(alert.uuid) if alert else "", "asleep": len(sleeping)})
    return alert


def _alert(
    session: Session, signer: Signer, commune: Node, kind: DrillKind, by: By, villages: tuple[UUID, ...] | None = None
) -> Alert:
    call = alerts.phrase_call(session, commune, phrases.DRILL)
    call = call.model_copy(
        update={
            "villages": call.villages if villages is None else villages,
            "scope": AlertScope.EXERCISE,
            "audible": kind is DrillKind.AUDIBLE,
            "repeats": 1,
            "minutes": VALID_MINUTES[DrillKind.AUDIBLE],  # an alert holds for as long as it may sound, at least
            "valid_minutes": VALID_MINUTES[kind],
        }
    )
    return alerts.raise_alert(session, signer, commune, call, by)
