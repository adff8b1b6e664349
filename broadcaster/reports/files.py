"""A report as the files that people pass on. Slow (a tenth of a second and more): never inside a unit of work."""

from enum import StrEnum
from zoneinfo import ZoneInfo

from broadcaster.i18n import Tongue
from broadcaster.reports.as_csv import to_csv
from broadcaster.reports.as_pdf import Letterhead, to_pdf
from broadcaster.reports.as_xlsx import to_xlsx
from broadcaster.reports.figures import Report
from broadcaster.reports.spans import SpanKind
from broadcaster.reports.tables import Table, Words, tables
from broadcaster.reports.words import HEARINGS, LANGUAGES, OUTCOMES, PRIORITIES, TITLES, commune_said, span_said


class Form(StrEnum):
    """What kinds of files there are, by their endings."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


_IN_NAMES = {SpanKind.DAY: "ngay", SpanKind.WEEK: "tuan", SpanKind.MONTH: "thang"}
_NAMES = OUTCOMES, LANGUAGES, PRIORITIES, HEARINGS
MIMES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.PDF: "application/pdf",
}


def tables_of(report: Report, tongue: Tongue) -> list[Table]:
    """The report's tables in a language."""
    said = [{key: tongue.say(word) for key, word in some.items()} for some in _NAMES]
    return tables(report, Words(tongue.say, *said))


def made(report: Report, form: Form, tongue: Tongue, zone: ZoneInfo, *, comma: bool = False) -> tuple[str, bytes]:
    """The name and the bytes of a report's file; `comma` separates the cells of a CSV."""
    title, span = tongue.say(TITLES[report.span.kind]), span_said(tongue, report.span)
    commune = commune_said(report.commune)
    found = tables_of(report, tongue)
    name = f"phat-thanh-{_IN_NAMES[report.span.kind]}-{report.span.first.isoformat()}.{form}"
    if form is Form.CSV:
        return name, to_csv((commune, title, span), found, zone, comma=comma)
    if form is Form.XLSX:
        return name, to_xlsx(f"{commune} – {title} – {span}", found, zone)
    head = Letterhead(commune, report.commune, title, span, report.made_at.astimezone(zone).date())
    return name, to_pdf(head, found, tongue, zone, report.made_at)
