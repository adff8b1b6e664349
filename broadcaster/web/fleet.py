"""All loudspeakers on one page: who is silent, and each one's newest report in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Response

from broadcaster.deps import Looking, Reads, TheStation
from broadcaster.fleet import outages
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player, PlayerOutage
from broadcaster.fleet.outages import Rules, State, state_of
from broadcaster.protocol import Heartbeat
from broadcaster.web.forms import Problem
from broadcaster.web.health import complaints, player_health
from broadcaster.web.render import render
from content.kernel.nodes import Node, villages_of

router = APIRouter(prefix="/fleet")
LOOKS_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Line:
    """One player as the page shows it."""

    village: Node
    player: Player
    state: State
    report: Heartbeat | None
    troubles: tuple[Problem, ...]
    complaints: tuple[str, ...]
    outages: tuple[PlayerOutage, ...]

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to look."""
        return self.state is State.HEARD and not self.troubles


@router.get("")
def show(visit: Looking, session: Reads, station: TheStation) -> Response:
    """Every player; those that need a look first."""
    villages = {village.id: village for village in villages_of(session, visit.commune)}
    players = fleet.players_of(session, list(villages.values()))
    rules = Rules.of(station.settings)
    silences = outages.outages_since(session, players, visit.now - LOOKS_BACK)
    lines = [
        _line(villages[player.village_id], player, rules, visit.now, tuple(silences[player.id])) for player in players
    ]
    return render(visit, "fleet/show.html", lines=sorted(lines, key=lambda line: line.is_well), rules=rules)


def _line(village: Node, player: Player, rules: Rules, now: datetime, silences: tuple[PlayerOutage, ...]) -> Line:
    health = player_health(player, now, rules)
    said = complaints(health.report) if health.report else ()
    return Line(village, player, state_of(player, rules, now), health.report, health.troubles, said, silences)
