"""Rows on a terminal: as a table, or one under another where the window is too narrow for a table."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_BORDERS = 3
"""Cells that each column takes besides its words; the table one more."""


def show(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print them. No word is cut: half a uuid is of no use to the next command."""
    console, all_rows = Console(), [list(row) for row in rows]
    widths = _widths(list(zip(headings, *all_rows, strict=True)), console.width - 1)
    if widths is None:
        for row in all_rows:
            lines = (f"{heading}: {cell}" for heading, cell in zip(headings, row, strict=True) if cell)
            console.print("\n".join(lines) + "\n", highlight=False, markup=False, soft_wrap=True)
        return
    table = Table()
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(heading, width=width)
    for row in all_rows:
        table.add_row(*map(Text, row))  # as it stands: brackets are no markup
    console.print(table)


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """At least the longest word of each column; what is left goes where most is wanted. None: there is no room."""
    wanted = [max(cell_len(cell) for cell in column) for column in columns]
    widths = [max(cell_len(word) for cell in column for word in [*cell.split(), ""]) for column in columns]
    left = room - sum(widths) - _BORDERS * len(widths)
    if left < 0:
        return None
    while left and widths != wanted:
        neediest = max(range(len(widths)), key=lambda n: wanted[n] / max(1, widths[n]))
        widths[neediest], left = widths[neediest] + 1, left - 1
    return widths
