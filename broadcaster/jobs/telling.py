"""Telling people of alerts, by the worker's clock: that one began or ended, and which village has not sounded it.

It looks at what is committed, so that no alert ever waits for it, and each thing has a key, so that it is told once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.alerts import queries
from broadcaster.alerts.models import Alert
from broadcaster.fleet import service as fleet
from broadcaster.notices import service as notices
from broadcaster.notices.models import Kind
from broadcaster.notices.service import Event, Fact
from broadcaster.protocol import AlertScope
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune, villages_of

NOT_SOUNDED_AFTER: Final = timedelta(seconds=60)
"""So long after its newest version a village may take until people are told."""
LOOKS_BACK: Final = timedelta(minutes=30)
"""What is older is no news to a worker that was away."""


def tell_of_alerts(station: Station) -> None:
    """Tell what is new of the alerts of the last half hour; writes only when there is something."""
    now = station.clock.now()
    with unit_of_work(station.sessions, writes=False) as session:
        commune = the_commune(session)
        if commune is None or not notices.channels(session, commune):
            return
        untold = [event for event in _events(session, commune, now) if not notices.is_told(session, commune, event)]
    if untold:
        with unit_of_work(station.sessions) as session:
            for event in untold:
                notices.notify(session, commune, event, now)


def _events(session: Session, commune: Node, now: datetime) -> Iterator[Event]:
    names = {village.uuid: village for village in villages_of(session, commune)}
    query = select(Alert).where(Alert.node_id == commune.id, Alert.raised_at > now - LOOKS_BACK)
    for alert in session.scalars(query.order_by(Alert.id)):
        villages = [names[uuid] for uuid in queries.call_of(alert).villages if uuid in names]
        yield from _of_alert(alert, villages)
        version = queries.versions(session, alert)[-1]
        if not alert.is_over(now) and now - version.at >= NOT_SOUNDED_AFTER:
            yield from _silent(session, alert, villages)


def _of_alert(alert: Alert, villages: list[Node]) -> Iterator[Event]:
    facts: dict[str, Fact] = {
        "title": alert.title,
        "villages": ", ".join(village.name for village in villages),
        "link": f"/alerts/{alert.uuid}",
    }
    kind = Kind.DRILL_STARTED if alert.scope == AlertScope.EXERCISE else Kind.ALERT_STARTED
    if alert.audible:
        yield Event(kind, str(alert.uuid), facts | {"started_at": alert.raised_at})
    if alert.audible and alert.cancelled_at:
        yield Event(Kind.ALERT_ENDED, str(alert.uuid), facts | {"ended_at": alert.cancelled_at})


def _silent(session: Session, alert: Alert, villages: list[Node]) -> Iterator[Event]:
    """A village in which no player has come as far as it should; of a silent drill, in which none received it."""
    players = fleet.players_of(session, villages)
    progress = queries.progress(session, alert, players)
    for village in villages:
        own = [one for one in progress if one.player.village_id == village.id]
        if not any((one.sounding_at or one.finished_at) if alert.audible else one.received_at for one in own):
            facts: dict[str, Fact] = {
                "village": village.name,
                "title": alert.title,
                "seconds": int(NOT_SOUNDED_AFTER.total_seconds()),
                "link": f"/alerts/{alert.uuid}",
            }
            yield Event(Kind.ALERT_NOT_SOUNDED, f"{alert.uuid} {village.uuid}", facts)
