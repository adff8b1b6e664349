"""Reports in the worker: what was ordered is sent on the morning after its span is over, once."""

import logging

from broadcaster import i18n
from broadcaster.i18n import Tongue
from broadcaster.notices import service as notices
from broadcaster.notices.service import File
from broadcaster.reports import files, orders, queries
from broadcaster.reports.files import MIMES, Form
from broadcaster.reports.orders import Due
from broadcaster.reports.words import TITLES, commune_said, mark, span_said
from broadcaster.station import Station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune

log = logging.getLogger(__name__)
ATTACHED = (Form.PDF, Form.XLSX)
BODY = mark(
    "Due: {planned}. Aired whole: {heard}. Important announcements not heard everywhere: {unheard}. "
    "Minutes that nobody had to read aloud: {minutes}. The whole report is attached."
)


def send_due(station: Station) -> None:
    """Send what is due. The files are made outside of any transaction; the mark and the letter are one."""
    with unit_of_work(station.sessions, writes=False) as session:
        commune = the_commune(session)
        found = orders.due(session, commune, station.clock.now()) if commune else []
    for one in found:
        assert commune is not None
        _send(station, commune, one)


def _send(station: Station, commune: Node, one: Due) -> None:
    tongue, now = i18n.load(station.settings.language), station.clock.now()
    with unit_of_work(station.sessions, writes=False) as session:
        report = queries.report(session, commune, one.span, now)
    made = [(form, *files.made(report, form, tongue, commune.zone)) for form in ATTACHED]
    attached = [File(name, MIMES[form], content) for form, name, content in made]
    subject = f"{tongue.say(TITLES[one.span.kind])} – {commune_said(commune.name)} – {span_said(tongue, one.span)}"
    facts = {
        "planned": report.sums.planned,
        "heard": report.sums.heard,
        "unheard": len(report.unheard),
        "minutes": _minutes(tongue, report.effort_ms),
    }
    with unit_of_work(station.sessions) as session:
        if orders.claim(session, one):
            body, by = tongue.say(BODY, facts), one.order.channels
            channels = notices.send(session, commune, subject, body, attached, now=now, by=by)
            log.info("report.sent", extra={"kind": one.span.kind, "first": str(one.span.first), "channels": channels})


def _minutes(tongue: Tongue, duration_ms: int) -> str:
    return tongue.number(round(duration_ms / 60_000, 1))
