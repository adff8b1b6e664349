"""For machines that watch: whether this server is ready, and its figures in Prometheus' text format.

`/metrics` is answered to this machine and to who brings the token of the settings. Labels are villages and players,
which a commune has few of.
"""

import hmac
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from broadcaster.asrun.models import LogState
from broadcaster.asrun.settling import LOOK_BACK
from broadcaster.deps import Reads, TheStation
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.fleet.outages import Rules, State, state_of
from broadcaster.notices.models import Delivery
from broadcaster.protocol import Heartbeat
from broadcaster.publishing.models import PlanState
from broadcaster.station import DataFolderUnwritable, Station, check_data_dir
from content.kernel.db import unit_of_work
from content.kernel.errors import BroadcastError
from content.kernel.nodes import Node, the_commune, villages_of

router = APIRouter()
LONGEST_PLANNING: Final = timedelta(minutes=5)
LONGEST_UNSEEN: Final = timedelta(minutes=5)
"""The worker brings the log up to now each minute; in a backlog it says so window by window."""
LOOPBACK: Final = {"127.0.0.1", "::1"}
_PLAYER: Final = ("village", "player")
_FIGURES: Final[dict[str, tuple[str, Callable[[Heartbeat], float | None]]]] = {
    "clock_offset_seconds": ("Correction of the player's clock", lambda report: report.clock_offset_ms / 1000),
    "clock_trusted": ("1 if the player is sure of the time", lambda report: report.clock_state == "trusted"),
    "disk_free_bytes": ("Free disk", lambda report: report.disk_free_bytes),
    "temperature_celsius": ("Temperature of the device", lambda report: report.temperature_c),
    "under_voltage": ("1 if the power supply is too weak", lambda report: report.under_voltage),
    "volume_percent": ("Volume", lambda report: report.volume_percent),
    "objects_missing": ("Files that the player still has to fetch", lambda report: report.objects_missing),
    "rows_waiting": ("As-run rows that the player has not handed over", lambda report: report.rows_waiting),
    "month_bytes": ("Bytes up and down this calendar month", lambda report: report.bytes_month),
    "uptime_seconds": ("Since the player's start", lambda report: report.uptime_s),
}


@router.get("/ready")
def ready(station: TheStation) -> JSONResponse:
    """200 if database, store, plan and worker are as they should be, else 503; each check says what is wrong."""
    checks = {"store": _store(station)}
    try:
        with unit_of_work(station.sessions, writes=False) as session:
            checks |= {"database": "ok", **_work(session, station.clock.now())}
    except (SQLAlchemyError, BroadcastError) as error:
        checks["database"] = type(error).__name__
    is_ready = all(said == "ok" for said in checks.values())
    return JSONResponse({"ready": is_ready, "checks": checks}, 200 if is_ready else 503)


@router.get("/metrics")
def metrics(request: Request, session: Reads, station: TheStation) -> Response:
    """The figures of this moment; 401 for another machine without the token."""
    token = station.settings.metrics_token
    brought = request.headers.get("authorization", "").removeprefix("Bearer ")
    is_here = request.client is not None and request.client.host in LOOPBACK
    if not is_here and not (token and hmac.compare_digest(brought.encode(), token.encode())):
        return JSONResponse({"error": "Only for this machine, or with the token of the setting metrics_token."}, 401)
    registry = CollectorRegistry()
    registry.register(_Figures(session, station))
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Figures(Collector):
    def __init__(self, session: Session, station: Station) -> None:
        self._session, self._station = session, station

    def collect(self) -> Iterable[GaugeMetricFamily]:
        commune = the_commune(self._session)
        villages = {village.id: village for village in villages_of(self._session, commune)} if commune else {}
        players = fleet.players_of(self._session, list(villages.values()))
        yield from self._of_players(players, villages)
        waiting = select(func.count(Delivery.id)).where(Delivery.sent_at.is_(None), Delivery.given_up_at.is_(None))
        yield _gauge("notices_waiting", "Notices on their way", self._session.scalar(waiting) or 0)
        free = shutil.disk_usage(self._station.settings.data_dir).free
        yield _gauge("server_disk_free_bytes", "Free disk of the server's data folder", free)
        now = self._station.clock.now()
        log = self._session.get(LogState, commune.id) if commune else None
        if log is not None:
            behind = max(timedelta(), now - LOOK_BACK - log.settled_until)
            yield _gauge("log_behind_seconds", "How much of the plan is still to be made log", behind.total_seconds())
        checks = _work(self._session, now)
        for name, said in checks.items():
            yield _gauge(f"{name}_ok", f"1 if the {name} is as it should be", said == "ok")

    def _of_players(self, players: list[Player], villages: dict[int, Node]) -> Iterable[GaugeMetricFamily]:
        rules, now = Rules.of(self._station.settings), self._station.clock.now()
        seen = GaugeMetricFamily(
            "broadcaster_player_last_seen_timestamp_seconds", "When it last reported", labels=_PLAYER
        )
        offline = GaugeMetricFamily("broadcaster_player_offline", "1 if it is offline", labels=_PLAYER)
        info = GaugeMetricFamily("broadcaster_player_info", "Its version", labels=(*_PLAYER, "version"))
        figures = {
            name: GaugeMetricFamily(f"broadcaster_player_{name}", text, labels=_PLAYER)
            for name, (text, _) in _FIGURES.items()
        }
        for player in players:
            labels = (villages[player.village_id].slug, str(player.uuid))
            offline.add_metric(labels, state_of(player, rules, now) is State.OFFLINE)
            if player.last_seen_at is None or player.heartbeat is None:
                continue
            report = Heartbeat.model_validate(player.heartbeat)
            seen.add_metric(labels, player.last_seen_at.timestamp())
            info.add_metric((*labels, report.version), 1)
            for name, (_, of) in _FIGURES.items():
                if (value := of(report)) is not None:
                    figures[name].add_metric(labels, float(value))
        yield from (seen, offline, info, *figures.values())


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"broadcaster_{name}", text, value=float(value))


def _store(station: Station) -> str:
    try:
        check_data_dir(station.settings.data_dir)
    except DataFolderUnwritable as error:
        return str(error)
    return "ok"


def _work(session: Session, now: datetime) -> dict[str, str]:
    """Whether the plan is fresh and a worker alive; an installation without a commune has neither yet."""
    commune = the_commune(session)
    if commune is None:
        return {}
    plan, log = session.get(PlanState, commune.id), session.get(LogState, commune.id)
    is_old = plan is not None and plan.wanted > plan.done and (plan.done_at or now) < now - LONGEST_PLANNING
    is_alive = log is not None and log.settled_at is not None and log.settled_at > now - LONGEST_UNSEEN
    return {
        "plan": "nothing was planned for a while" if is_old or plan is None or plan.done_at is None else "ok",
        "worker": "ok" if is_alive else "no worker has kept the log for a while",
    }
