"""A report as a workbook: a sheet for each table, numbers as numbers, instants as dates, headings in sight."""

import io
import re
import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from broadcaster.reports.tables import Cell, Kind, Table

_LONGEST_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_WIDTH = 11
_FORMATS: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"text_wrap": True, "valign": "top"},
    Kind.COUNT: {"num_format": "#,##0"},
    Kind.MINUTES: {"num_format": "#,##0.0"},
    Kind.SHARE: {"num_format": "0.0%"},
    Kind.MOMENT: {"num_format": "dd/mm/yyyy hh:mm"},
}
_HEADER = 2
"""The row of the headings: title and span stand above it."""


def to_xlsx(heading: str, tables: Sequence[Table], zone: ZoneInfo) -> bytes:
    """The workbook. Excel knows no time zones, so that instants are the commune's wall clock."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "remove_timezone": True}) as book:
        styles = {kind: book.add_format(made) for kind, made in _FORMATS.items()}
        totals = {kind: book.add_format({**made, "bold": True, "top": 1}) for kind, made in _FORMATS.items()}
        bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
        for number, table in enumerate(tables, start=1):
            sheet = book.add_worksheet(_name(number, table.title))
            sheet.write_string(0, 0, heading)
            sheet.write_string(1, 0, table.title, bold)
            for place, column in enumerate(table.columns):
                sheet.set_column(place, place, _WIDTH * max(1, column.weight))
                sheet.write_string(_HEADER, place, column.heading, bold)
            for line, row in enumerate(table.rows, start=_HEADER + 1):
                _write(sheet, line, row, table, styles, zone)
            if table.total:
                _write(sheet, _HEADER + 1 + len(table.rows), table.total, table, totals, zone)
            sheet.freeze_panes(_HEADER + 1, 1)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(_HEADER)
    return file.getvalue()


def _write(sheet: Any, line: int, row: tuple[Cell, ...], table: Table, styles: dict[Kind, Any], zone: ZoneInfo) -> None:
    for place, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
        style = styles[column.kind]
        if isinstance(cell, datetime):
            sheet.write_datetime(line, place, cell.astimezone(zone).replace(tzinfo=None), style)
        elif isinstance(cell, str):
            sheet.write_string(line, place, cell, style)  # never a formula, whatever it begins with
        elif cell is not None:
            sheet.write_number(line, place, cell, style)
        else:
            sheet.write_blank(line, place, None, style)


def _name(number: int, title: str) -> str:
    """A sheet's name: short, without what Excel forbids, and never twice."""
    return textwrap.shorten(f"{number}. {_FORBIDDEN.sub(' ', title)}", _LONGEST_NAME, placeholder="…")
