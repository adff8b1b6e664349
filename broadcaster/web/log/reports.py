"""Reports by day, week and month: a page to look at, files to pass on, and which of them are sent by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.notices.models import Channel, Kind
from broadcaster.reports import files, orders, queries
from broadcaster.reports.figures import Report
from broadcaster.reports.spans import Span, SpanKind
from broadcaster.reports.words import LATENESS, SHORT, TITLES, span_said
from broadcaster.web.log.pictures import heat_of_villages
from broadcaster.web.render import render
from broadcaster.web.writing.searching import day_of
from content.kernel.db import unit_of_work
from content.kernel.errors import NotFound
from content.kernel.nodes import villages_of

router = APIRouter(prefix="/reports")


class NoSuchReport(NotFound):
    """No kind of file that a report comes in."""

    sentence = "A report comes as PDF, XLSX or CSV. Choose one of them on the page “Reports”."


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture: what it is of, its length (0 to 1), and its number in words."""

    label: str
    share: float
    told: str


@router.get("")
def show(visit: Looking, session: Reads, kind: str = "week", on: str = "", did: str = "") -> Response:
    """The report of a span: figures, pictures and tables."""
    span = _span(visit, kind, on)
    report = queries.report(session, visit.commune, span, visit.now)
    return render(
        visit,
        "reports/show.html",
        span=span,
        kinds=[(one, SHORT[one]) for one in SpanKind],
        title=TITLES[span.kind],
        said=span_said(visit.tongue, span),
        report=report,
        tables=files.tables_of(report, visit.tongue),
        heat=heat_of_villages(villages_of(session, visit.commune), report.heat),
        coverage=_coverage(visit, report),
        lateness=_lateness(visit, report.lateness),
        did=did,
    )


@router.get("/orders")
def show_orders(visit: Looking, session: Reads, did: str = "") -> Response:
    """Which reports are sent by themselves, and by which channels."""
    accounts.require(visit.user, Role.CADRE)
    query = select(Channel).where(Channel.node_id == visit.commune.id, Channel.removed_at.is_(None))
    return render(
        visit,
        "reports/orders.html",
        kinds=[(one, TITLES[one]) for one in SpanKind],
        living=orders.living(session, visit.commune),
        channels=[channel for channel in session.scalars(query) if Kind.REPORT in channel.kinds],
        names=accounts.names(session, visit.commune),
        did=did,
    )


@router.post("/orders")
def order(visit: Acting, session: Writes, kinds: Annotated[list[SpanKind], Form(default_factory=list)]) -> Response:
    """Have exactly these kinds of reports sent."""
    accounts.require(visit.user, Role.CADRE)
    for kind in SpanKind:
        orders.set_wanted(session, visit.commune, kind, visit.user.uuid, visit.now, wanted=kind in kinds)
    return RedirectResponse("/reports/orders?did=orders-kept", 303)


@router.get("/file.{ending}")
def download(
    visit: Looking, station: TheStation, ending: str, kind: str = "week", on: str = "", comma: str = ""
) -> Response:
    """The report as a file. Raises NoSuchReport."""
    if ending not in set(files.Form):
        raise NoSuchReport
    form = files.Form(ending)
    with unit_of_work(station.sessions, writes=False) as session:
        report = queries.report(session, visit.commune, _span(visit, kind, on), visit.now)
    name, content = files.made(report, form, visit.tongue, visit.zone, comma=bool(comma))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=files.MIMES[form], headers=headers)


def _span(visit: Visit, kind: str, on: str) -> Span:
    """What is asked for, else the week of today."""
    known = SpanKind(kind) if kind in set(SpanKind) else SpanKind.WEEK
    return Span.around(known, day_of(on) or visit.today)


def _coverage(visit: Visit, report: Report) -> list[Bar]:
    """Each village's share of what aired whole."""
    return [
        Bar(
            village.name,
            village.sums.heard_share or 0.0,
            f"{visit.tongue.number(village.sums.heard)}/{visit.tongue.number(village.sums.planned)}",
        )
        for village in report.villages
        if village.sums.planned
    ]


def _lateness(visit: Visit, counts: Sequence[int]) -> list[Bar]:
    most = max(counts, default=0)
    if not most:
        return []
    labels = zip(LATENESS, counts, strict=True)
    return [Bar(visit.tongue.say(label), count / most, visit.tongue.number(count)) for label, count in labels]
