"""One alert while it goes on and afterwards: village by village, by pieces, by events, and as a table.

The same page is a drill's report.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.alerts import phrases, queries, rules, sounds
from broadcaster.alerts.models import Alert, AlertVersion
from broadcaster.alerts.queries import Progress
from broadcaster.alerts.rules import Phone
from broadcaster.deps import Looking, Reads, TheStation, Visit
from broadcaster.fleet import service as fleet
from broadcaster.fleet.models import Player
from broadcaster.web.render import render
from broadcaster.web.words import REASONS, mark
from content.kernel.changes import Changes
from content.kernel.nodes import Node, villages_of

router = APIRouter(prefix="/alerts")
LATE = timedelta(seconds=10)
"""A village that has not answered by then is one to telephone."""
SETTLES_WITHIN = timedelta(minutes=5)
"""Players say within seconds that they fell silent; one that is cut off does not."""
LISTEN_AT_MOST_S = 3600
CHANGED_EVERY_S = 0.25
COLUMNS = (
    mark("Version of the alert"),
    mark("Village"),
    mark("Loudspeaker"),
    mark("issued"),
    mark("sent"),
    mark("received"),
    mark("began to sound"),
    mark("finished"),
    mark("refused"),
)
_STAGES = ("refused", "", "sent", "received", "sounding", "finished")


@dataclass(frozen=True, slots=True)
class Row:
    """A village: its furthest player, what its stop said, and whom to telephone.

    `is_late`: it should have answered by now. `waits_since`: when it was first spoken to without an answer.
    """

    village: Node
    progress: Progress | None
    stopped_at: datetime | None
    phones: tuple[Phone, ...]
    is_late: bool
    waits_since: datetime


@router.get("/{uuid}")
def show(visit: Looking, session: Reads, uuid: UUID, did: str = "") -> Response:
    """The live page."""
    alert = queries.alert(session, visit.commune, uuid)
    return render(visit, "alerts/show.html", did=did, **_facts(visit, session, alert))


@router.get("/{uuid}/progress")
def show_progress(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """A piece of page: how far each village is now."""
    alert = queries.alert(session, visit.commune, uuid)
    return render(visit, "alerts/_progress.html", **_facts(visit, session, alert))


@router.get("/{uuid}/changes")
async def stream_changes(_visit: Looking, request: Request, station: TheStation, uuid: UUID) -> StreamingResponse:  # noqa: ARG001
    """Server-sent events for the page: that something may have changed. No unit of work is open meanwhile."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = _changes(Changes(station.settings.database), request.app.state.hub)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


@router.get("/{uuid}/times.csv")
def export(visit: Looking, session: Reads, uuid: UUID) -> Response:
    """Every version, village and player with its times, for Excel."""
    alert = queries.alert(session, visit.commune, uuid)
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(visit.tongue.say(column) for column in COLUMNS)
    writer.writerows(_lines(session, visit, alert))
    headers = {
        "Content-Disposition": f'attachment; filename="canh-bao-{alert.raised_at:%Y%m%d-%H%M}.csv"',
        "Cache-Control": "private, no-cache",
    }
    return Response("\ufeff" + sheet.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _facts(visit: Visit, session: Session, alert: Alert) -> dict[str, Any]:
    call = queries.call_of(alert)
    versions = queries.versions(session, alert)
    rows = sorted(_rows(visit, session, alert, versions), key=lambda row: not row.is_late)

    def why(reason: str) -> str:
        return visit.tongue.say(REASONS[reason]) if reason in REASONS else reason

    return {
        "alert": alert,
        "call": call,
        "versions": versions,
        "rows": rows,
        "why": why,
        "is_over": alert.is_over(visit.now),
        "is_live": _is_live(alert, rows, visit.now),
        "missing": [row for row in rows if row.is_late],
        "counts": {stage: _reached(rows, stage) for stage in ("received", "sounding", "finished")},
        "names": accounts.names(session, visit.commune),
        "notices": sounds.palette(session, visit.commune).phrases.get(phrases.EXERCISE, ()),
        "everywhere": len(rows) == len(villages_of(session, visit.commune)),
    }


def is_finished(visit: Visit, session: Session, alert: Alert) -> bool:
    """Whether every village has sounded an alert to its end, although it still holds for who was cut off."""
    rows = _rows(visit, session, alert, queries.versions(session, alert))
    return _reached(rows, "finished") == len(rows)


def _is_live(alert: Alert, rows: list[Row], now: datetime) -> bool:
    """Whether the page still changes: it goes on, or a village has yet to say that it is silent."""
    if not alert.is_over(now):
        return True
    sounds = [row for row in rows if row.progress and row.progress.stage == "sounding" and row.stopped_at is None]
    return bool(sounds) and now - (alert.cancelled_at or alert.expires_at) < SETTLES_WITHIN


def _rows(visit: Visit, session: Session, alert: Alert, versions: list[AlertVersion]) -> list[Row]:
    places = [place for place in villages_of(session, visit.commune) if place.uuid in queries.call_of(alert).villages]
    players = fleet.players_of(session, places)
    spoken = [version for version in versions if not version.cancelled]
    progress = queries.progress(session, alert, players, spoken[-1].version)
    stops = queries.progress(session, alert, players, alert.version) if versions[-1].cancelled else []
    phones = rules.phones(session, places)
    return [
        _row(place, players, progress, stops, tuple(phones[place.id]), spoken[-1].at, visit.now) for place in places
    ]


def _row(
    place: Node,
    players: list[Player],
    progress: list[Progress],
    stops: list[Progress],
    phones: tuple[Phone, ...],
    issued_at: datetime,
    now: datetime,
) -> Row:
    here = {player.id for player in players if player.village_id == place.id}
    best = max(
        (each for each in progress if each.player.id in here), key=lambda each: _STAGES.index(each.stage), default=None
    )
    stopped = min((each.received_at for each in stops if each.player.id in here and each.received_at), default=None)
    is_silent = best is None or best.received_at is None
    return Row(place, best, stopped, phones, is_silent and now - issued_at > LATE, issued_at)


def _reached(rows: list[Row], stage: str) -> int:
    order = _STAGES.index(stage)
    return sum(1 for row in rows if row.progress and _STAGES.index(row.progress.stage) >= order)


def _lines(session: Session, visit: Visit, alert: Alert) -> Iterator[tuple[object, ...]]:
    places = {place.id: place for place in villages_of(session, visit.commune)}
    players = fleet.players_of(session, list(places.values()))
    for version in queries.versions(session, alert):
        for each in queries.progress(session, alert, players, version.version):
            times = (version.at, each.sent_at, each.received_at, each.sounding_at, each.finished_at)
            shown = [_for_a_sheet(at.astimezone(visit.zone)) if at else "" for at in times]
            yield version.version, places[each.player.village_id].name, each.player.name, *shown, each.refused or ""


def _for_a_sheet(at: datetime) -> str:
    """As spreadsheets read an instant: without its zone, which is the commune's."""
    return at.replace(tzinfo=None).isoformat(" ", timespec="milliseconds")


async def _changes(changes: Changes, hub: Any) -> AsyncIterator[bytes]:
    try:
        for _ in range(round(LISTEN_AT_MOST_S / CHANGED_EVERY_S)):
            if hub.is_leaving():
                return
            if changes.any():
                yield b"event: changed\ndata: {}\n\n"
            await asyncio.sleep(CHANGED_EVERY_S)
    finally:
        changes.close()
