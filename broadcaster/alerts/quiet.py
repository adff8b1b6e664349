"""Quiet hours and alerts: what is meant in earnest passes, an exercise wakes nobody."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from broadcaster.alerts.calls import Call
from broadcaster.alerts.errors import QuietNow
from broadcaster.protocol import AlertScope
from content.kernel.nodes import Node
from schedules import queries as schedules


def asleep(session: Session, commune: Node, now: datetime, villages: Collection[UUID] | None = None) -> list[Node]:
    """The villages, of these or of all, in whose quiet hours `now` lies, by their own clocks."""
    return [
        airing.village
        for airing in schedules.village_airings(session, commune)
        if villages is None or airing.village.uuid in villages
        if airing.quiet and airing.quiet.hold(now.astimezone(airing.village.zone).time())
    ]


def check(session: Session, commune: Node, call: Call, now: datetime) -> None:
    """Raises QuietNow: an exercise that would be heard where people sleep."""
    if call.scope is AlertScope.EXERCISE and call.audible:
        sleeping = asleep(session, commune, now, call.villages)
        if sleeping:
            raise QuietNow(villages=", ".join(village.name for village in sleeping))
