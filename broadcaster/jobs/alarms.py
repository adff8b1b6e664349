"""Watching the fleet by the worker's clock: who fell silent and who is back is told once."""

import logging
from datetime import datetime, timedelta

from broadcaster.fleet import outages
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.fleet.outages import News, Rules
from broadcaster.notices import service as notices
from broadcaster.notices.models import Kind
from broadcaster.notices.service import Event
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune, villages_of

log = logging.getLogger(__name__)
ASLEEP_AFTER = timedelta(minutes=3)
"""A pause between two looks that long means that this machine slept or was busy: nobody could be heard meanwhile."""


class FleetWatch:
    """The watch of one worker; silence counts from when it began to listen."""

    def __init__(self) -> None:
        self._listening_since: datetime | None = None
        self._looked_at: datetime | None = None

    def watch_fleet(self, station: Station) -> None:
        """Tell what is new since the last look."""
        now = station.clock.now()
        if self._looked_at is None or not timedelta() <= now - self._looked_at <= ASLEEP_AFTER:
            self._listening_since = now
        self._looked_at = now
        with unit_of_work(station.sessions) as session:
            commune = the_commune(session)
            if commune is None:
                return
            villages = villages_of(session, commune)
            players = fleet.players_of(session, villages)
            since = self._listening_since or now
            for news in outages.watch(session, players, Rules.of(station.settings), now, listening_since=since):
                notices.notify(session, commune, _event(news, villages, players), now)
                log.warning("fleet.news", extra={"back": news.are_back, "players": len(news.outages)})


def _event(news: News, villages: list[Node], players: list[Player]) -> Event:
    names = {village.id: village.name for village in villages}
    alone = [player.village_id for player in players]
    said = [
        names[player.village_id] + (f" ({player.name})" if alone.count(player.village_id) > 1 else "")
        for player, _ in news.outages
    ]
    begun = min((outage.over_at or outage.since_at) if news.are_back else outage.since_at for _, outage in news.outages)
    kind = Kind.PLAYER_BACK if news.are_back else Kind.PLAYER_OFFLINE
    first, outage = news.outages[0]
    return Event(kind, f"{first.uuid} {outage.id}", {"village": ", ".join(said), "since_at": begun})
