"""A report as CSV for a spreadsheet. UTF-8 with the mark by which Excel knows it.

The separator is a semicolon unless a comma is asked for: where Windows writes decimals with a comma, as in Vietnam,
Excel splits at semicolons. Numbers that need decimals are written with the decimal sign that goes with it.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from broadcaster.reports.tables import Cell, Kind, Table

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(heading: Iterable[str], tables: Iterable[Table], zone: ZoneInfo, *, comma: bool = False) -> bytes:
    """The tables below each other, an empty line between them, after the lines of the heading."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="," if comma else ";", lineterminator="\r\n")
    writer.writerows([[_safe(line)] for line in heading])
    for table in tables:
        writer.writerow([])
        writer.writerow([_safe(table.title)])
        writer.writerow([_safe(column.heading) for column in table.columns])
        for row in (*table.rows, *([table.total] if table.total else [])):
            cells = zip(row, table.columns, strict=True)
            writer.writerow([_cell(cell, column.kind, zone, comma=comma) for cell, column in cells])
    return (BOM + text.getvalue()).encode()


def _cell(cell: Cell, kind: Kind, zone: ZoneInfo, *, comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%d/%m/%Y %H:%M}"
    if isinstance(cell, str):
        return _safe(cell)
    number = f"{cell:.1%}" if kind is Kind.SHARE else str(cell)
    return number if comma else number.replace(".", ",")


def _safe(text: str) -> str:
    """Text that a spreadsheet would take for a formula is told to be text."""
    return f"'{text}" if text.startswith(_FORMULA) else text
