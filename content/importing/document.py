"""What every kind of file is read into: blocks of lines in the order one reads them; and what an import answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

LineT = TypeVar("LineT")


class Kind(StrEnum):
    """The kinds of files that can be read."""

    DOCX = "docx"
    ODT = "odt"
    PDF = "pdf"
    TEXT = "txt"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one font; a tab stands for a gap that separates columns."""

    text: str
    font: str | None = None


@dataclass(frozen=True)
class Block(Generic[LineT]):
    """A paragraph (one cell with one line) or a row of a table; a cell holds its paragraphs."""

    cells: tuple[tuple[LineT, ...], ...]
    is_row: bool = False

    @property
    def lines(self) -> tuple[LineT, ...]:
        """All lines, cell by cell."""
        return tuple(line for cell in self.cells for line in cell)


RawLine = tuple[Span, ...]
RawBlock = Block[RawLine]
TextBlock = Block[str]


def paragraph(line: LineT) -> Block[LineT]:
    """A block that is no row of a table."""
    return Block(((line,),))


@dataclass(frozen=True, slots=True)
class Imported:
    """What would come in.

    Attributes:
        text: NFC, a line per paragraph, item or row.
        kind: what the file is, by its content.
        encoding: `UTF-8`, `UTF-16`, `Windows-1258`..., or `TCVN3` or `VNI` if some of it was written for such a font.
        left_out: names of the official blocks left out, in their order.
        title: a guess from the document, None if it names none.
    """

    text: str
    kind: str
    encoding: str
    left_out: tuple[str, ...]
    title: str | None
