"""Reports by day, week and month: a page to look at, files to pass on, and which of them are sent by themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from broadcaster.accounts import service as accounts
from broadcaster.accounts.models import Role
from broadcaster.deps import Acting, Looking, Reads, TheStation, Visit, Writes
from broadcaster.notices import service as notices
from broadcaster.notices.models import Channel, Kind
from broadcaster.reports import files, orders, queries
from broadcaster.reports.figures import Report
from broadcaster.reports.spans import Span, SpanKind
from broadcaster.reports.words import LATENESS, SHORT, TITLES, span_said
from broadcaster.web.forms import Problem
from broadcaster.web.log.pictures import heat_of_villages
from broadcaster.web.render import render
from broadcaster.web.words import mark
from broadcaster.web.writing.searching import day_of
from content.kernel.db import unit_of_work
from content.kernel.errors import NotFound
from content.kernel.nodes import villages_of

router = APIRouter(prefix="/reports")
NO_CHANNEL = mark("Choose by which channel it goes.")


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
    return _orders_page(visit, session, _wishes(session, visit), did=did)


@router.post("/orders")
def order(
    visit: Acting,
    session: Writes,
    kinds: Annotated[list[SpanKind], Form(default_factory=list)],
    channels: Annotated[list[str], Form(default_factory=list)],
) -> Response:
    """Have exactly these kinds of reports sent; `channels` are `kind/uuid`. None ticked where there are some: asked."""
    accounts.require(visit.user, Role.CADRE)
    known = [str(channel.uuid) for channel in _channels(session, visit)]
    wishes = {kind: [name for name in known if f"{kind}/{name}" in channels] for kind in kinds}
    if len(known) > 1 and (silent := [kind for kind in kinds if not wishes[kind]]):
        problems = [Problem(f"channels-{kind}", NO_CHANNEL) for kind in silent]
        return _orders_page(visit, session, wishes, problems)
    for kind in SpanKind:
        if kind not in wishes:
            orders.end(session, visit.commune, kind, visit.user.uuid, visit.now)
            continue
        chosen = None if len(known) < 2 or wishes[kind] == known else [UUID(name) for name in wishes[kind]]
        orders.want(session, visit.commune, kind, visit.user.uuid, visit.now, chosen)
    return RedirectResponse("/reports/orders?did=orders-kept", 303)


def _channels(session: Session, visit: Visit) -> list[Channel]:
    return [channel for channel in notices.channels(session, visit.commune) if Kind.REPORT in channel.kinds]


def _wishes(session: Session, visit: Visit) -> dict[SpanKind, list[str]]:
    """By kind that is sent: by which channels."""
    known = [str(channel.uuid) for channel in _channels(session, visit)]
    living = orders.living(session, visit.commune)
    return {kind: known if one.channels is None else one.channels for kind, one in living.items()}


def _orders_page(
    visit: Visit,
    session: Session,
    wishes: Mapping[SpanKind, Collection[str]],
    problems: Sequence[Problem] = (),
    did: str = "",
) -> Response:
    channels, living = _channels(session, visit), orders.living(session, visit.commune)
    known = {str(channel.uuid) for channel in channels}
    astray = {kind for kind, one in living.items() if one.channels is not None and not known.intersection(one.channels)}
    return render(
        visit,
        "reports/orders.html",
        422 if problems else 200,
        kinds=[(one, TITLES[one]) for one in SpanKind],
        wishes=wishes,
        living=living,
        channels=channels,
        astray=astray,
        names=accounts.names(session, visit.commune),
        problems=problems,
        did=did,
    )


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
