"""A report as a PDF to be signed: the commune's heading, the figures, place for a signature and a stamp.

The layout follows the head of administrative documents: authority on the left, the nation's name and motto on the
right. Source: Decree 30/2020/ND-CP, annex I. The fonts are subsets of DejaVu Serif with all Vietnamese letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout
from fpdf.fonts import FontFace

from broadcaster.i18n import Tongue
from broadcaster.reports.tables import Cell, Kind, Table
from broadcaster.reports.words import mark

_FONT = "DejaVu"
_MARGIN_MM = 15
_LINE_MM = 5.5


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands around the figures: who reports, on what, over which days, and when it was made."""

    commune: str
    place: str
    title: str
    span: str
    made_on: date


def to_pdf(head: Letterhead, tables: Sequence[Table], tongue: Tongue, zone: ZoneInfo, made_at: datetime) -> bytes:
    """The document, A4 upright. The same report made again is the same bytes."""
    page = _Sheet(orientation="portrait", format="A4")
    page.set_creation_date(made_at)
    page.set_title(f"{head.title} – {head.commune}")
    page.set_lang(tongue.code)
    page.set_margin(_MARGIN_MM)
    page.set_auto_page_break(auto=True, margin=18)
    folder = files("broadcaster.reports") / "fonts"
    for style, name in (("", "DejaVuSerif.ttf"), ("B", "DejaVuSerif-Bold.ttf")):
        page.add_font(_FONT, style, str(folder / name))
    page.add_page()
    _head(page, head, tongue)
    for table in tables:
        _table(page, table, tongue, zone)
    _signatures(page, head, tongue)
    return bytes(page.output())


class _Sheet(FPDF):
    """Pages with their number below."""

    def footer(self) -> None:
        """The number of the page, from the second on."""
        if self.page_no() > 1:
            self.set_y(-14)
            self.set_font(_FONT, size=9)
            self.cell(0, 8, str(self.page_no()), align=Align.C)


def _head(page: FPDF, head: Letterhead, tongue: Tongue) -> None:
    half, top = page.epw / 2, page.get_y()
    page.set_font(_FONT, size=10)
    page.multi_cell(half, _LINE_MM, tongue.say(mark("People's Committee")).upper(), align=Align.C)
    page.set_xy(page.l_margin, top + _LINE_MM)
    page.set_font(_FONT, "B", 10)
    page.multi_cell(half, _LINE_MM, head.commune.upper(), align=Align.C)
    _rule(page, page.l_margin + half / 2, 22)
    page.set_xy(page.l_margin + half, top)
    page.multi_cell(half, _LINE_MM, tongue.say(mark("Socialist Republic of Vietnam")).upper(), align=Align.C)
    page.set_x(page.l_margin + half)
    page.multi_cell(half, _LINE_MM, tongue.say(mark("Independence – Freedom – Happiness")), align=Align.C)
    _rule(page, page.l_margin + half * 1.5, 50)
    page.ln(4)
    page.set_font(_FONT, size=10)
    on = {"place": head.place, "day": f"{head.made_on:%d}", "month": f"{head.made_on:%m}", "year": f"{head.made_on:%Y}"}
    page.set_x(page.l_margin + half)
    page.multi_cell(half, _LINE_MM, tongue.say(mark("{place}, {day}/{month}/{year}"), on), align=Align.C)
    page.ln(5)
    page.set_font(_FONT, "B", 14)
    page.multi_cell(0, 8, head.title.upper(), align=Align.C, new_x="LMARGIN", new_y="NEXT")
    page.set_font(_FONT, size=11)
    page.multi_cell(0, 6, head.span, align=Align.C, new_x="LMARGIN", new_y="NEXT")


def _rule(page: FPDF, middle: float, length: float) -> None:
    page.line(middle - length / 2, page.get_y() + 0.8, middle + length / 2, page.get_y() + 0.8)


def _table(page: FPDF, table: Table, tongue: Tongue, zone: ZoneInfo) -> None:
    page.ln(5)
    if page.will_page_break(28):  # a title never stands alone at a page's end
        page.add_page()
    page.set_font(_FONT, "B", 11)
    page.multi_cell(0, 7, table.title, new_x="LMARGIN", new_y="NEXT")
    page.set_font(_FONT, size=9)
    aligned = tuple(Align.L if column.kind is Kind.TEXT else Align.R for column in table.columns)
    with page.table(
        col_widths=tuple(column.weight + 1 for column in table.columns),
        text_align=aligned,
        headings_style=FontFace(emphasis="BOLD"),
        borders_layout=TableBordersLayout.ALL,
        line_height=4.8,
        padding=(0.8, 1.4),
    ) as drawn:
        drawn.row([column.heading for column in table.columns])
        for row in table.rows:
            drawn.row([_said(cell, column.kind, tongue, zone) for cell, column in zip(row, table.columns, strict=True)])
        if table.total:
            total = zip(table.total, table.columns, strict=True)
            drawn.row(
                [_said(cell, column.kind, tongue, zone) for cell, column in total], style=FontFace(emphasis="BOLD")
            )


def _said(cell: Cell, kind: Kind, tongue: Tongue, zone: ZoneInfo) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%d/%m/%Y %H:%M}"
    if isinstance(cell, str):
        return cell
    return f"{tongue.number(round(cell * 100, 1))} %" if kind is Kind.SHARE else tongue.number(cell)


def _signatures(page: FPDF, head: Letterhead, tongue: Tongue) -> None:
    page.ln(8)
    if page.will_page_break(45):
        page.add_page()
    half, top = page.epw / 2, page.get_y()
    signed = tongue.say(mark("(signature and full name)"))
    authority = tongue.say(mark("For the People's Committee"))
    columns = (
        (tongue.say(mark("Made by")), signed),
        (f"{authority}\n{head.commune}", tongue.say(mark("(signature, stamp)"))),
    )
    for place, (who, how) in enumerate(columns):
        page.set_xy(page.l_margin + place * half, top)
        page.set_font(_FONT, "B", 10)
        page.multi_cell(half, _LINE_MM, who.upper() if place else who, align=Align.C, new_x="LEFT", new_y="NEXT")
        page.set_font(_FONT, size=9)
        page.multi_cell(half, _LINE_MM, how, align=Align.C)
