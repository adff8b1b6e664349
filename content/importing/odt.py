"""LibreOffice's .odt: paragraphs, list labels and tables in reading order, each piece of text with its font.

Left aside: headers and footers of pages (they live in another member), notes, comments and deleted text.
Source: OASIS OpenDocument 1.3.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from content.importing.archive import Archive
from content.importing.document import RawBlock, RawLine, Span, paragraph
from content.importing.errors import FileDamaged, FileLocked
from content.importing.numbering import BULLET, Counter, Level

_LEFT_ASIDE = {"tracked-changes", "note", "annotation", "annotation-end", "sequence-decls", "forms", "ruby-text"}
_MOST_REPEATS = 100
_BULLETS = {depth: Level(BULLET) for depth in range(10)}


@dataclass(frozen=True, slots=True)
class _Item:
    """Where in a list a block stands; the first block of an item takes its label."""

    counter: Counter
    depth: int


def is_odt(archive: Archive) -> bool:
    """Whether the zip file says that it is an OpenDocument text."""
    return "mimetype" in archive and archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument.text")


def read(archive: Archive) -> list[RawBlock]:
    """The document's blocks. Raises FileDamaged, FileLocked, FileTooHard."""
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise FileLocked
    roots = [archive.xml("content.xml"), *([archive.xml("styles.xml")] if "styles.xml" in archive else [])]
    text = roots[0].find("{*}body/{*}text")
    if text is None:
        raise FileDamaged
    return list(_Reader(roots).blocks(text))


class _Reader:
    def __init__(self, roots: list[etree._Element]) -> None:
        # A name in content.xml hides the same name in styles.xml: what comes later in a dict wins.
        self._styles = {_get(each, "name"): each for root in reversed(roots) for each in root.iter("{*}style")}
        self._list_styles = {
            _get(each, "name"): {_depth(level): _level(level) for level in each}
            for root in reversed(roots)
            for each in root.iter("{*}list-style")
        }
        self._faces = {
            _get(each, "name"): _get(each, "font-family")
            for root in reversed(roots)
            for each in root.iter("{*}font-face")
        }
        self._counters: dict[str | None, Counter] = {}

    def blocks(self, parent: etree._Element) -> Iterator[RawBlock]:
        for child in parent:
            match _name(child):
                case "p" | "h":
                    yield from map(paragraph, self._paragraph(child))
                case "list":
                    yield from self._list(child)
                case "table":
                    yield from self._rows(child)
                case name if name not in _LEFT_ASIDE:
                    yield from self.blocks(child)

    def _list(
        self, element: etree._Element, above: _Item | None = None, style: str | None = None
    ) -> Iterator[RawBlock]:
        style = _get(element, "style-name") or style
        depth = above.depth + 1 if above else 0
        counter = above.counter if above else self._counter(element, style)
        if above and _get(element, "style-name"):
            counter.levels |= self._list_styles.get(style, {})
        for child in element:
            is_item = _name(child) == "list-item"
            start = _get(child, "start-value")
            label = counter.next(depth, int(start) if start else None) if is_item else ""
            for block in self._item(child, _Item(counter, depth), style):
                yield _labelled(block, label)
                label = ""

    def _item(self, element: etree._Element, item: _Item, style: str | None) -> Iterator[RawBlock]:
        for child in element:
            if _name(child) == "list":
                yield from self._list(child, item, style)
            elif _name(child) in {"p", "h"}:
                yield from map(paragraph, self._paragraph(child))
            else:
                yield from self.blocks(child)

    def _counter(self, element: etree._Element, style: str | None) -> Counter:
        goes_on = _get(element, "continue-numbering") == "true" or _get(element, "continue-list") is not None
        counter = self._counters.get(style) if goes_on else None
        counter = counter or Counter(dict(self._list_styles.get(style) or _BULLETS))
        self._counters[style] = counter
        return counter

    def _rows(self, table: etree._Element) -> Iterator[RawBlock]:
        for child in table:
            if _name(child) == "table-row":
                cells = tuple(
                    tuple(line for block in self.blocks(cell) for line in block.lines)
                    for cell in child
                    if _name(cell) == "table-cell"
                )
                if any(cells):
                    yield RawBlock(cells, is_row=True)
            elif _name(child) in {"table-header-rows", "table-rows", "table-row-group"}:
                yield from self._rows(child)

    def _paragraph(self, element: etree._Element) -> list[RawLine]:
        lines: list[list[Span]] = [[]]
        for span in self._spans(element, self._font(_get(element, "style-name"), None)):
            if span.text == "\n":
                lines.append([])
            else:
                lines[-1].append(span)
        found = [tuple(line) for line in lines if any(span.text.strip() for span in line)]
        boxes = [box for box in element.iter("{*}text-box") if _is_outermost(box, element)]
        return found + [line for box in boxes for block in self.blocks(box) for line in block.lines]

    def _spans(self, element: etree._Element, font: str | None) -> Iterator[Span]:
        yield Span(_collapsed(element.text), font)
        for child in element:
            match _name(child):
                case "s":
                    yield Span(" " * min(int(_get(child, "c") or 1), _MOST_REPEATS), font)
                case "tab":
                    yield Span("\t", font)
                case "line-break":
                    yield Span("\n", font)
                case name if name not in _LEFT_ASIDE | {"frame"}:
                    yield from self._spans(child, self._font(_get(child, "style-name"), font))
            yield Span(_collapsed(child.tail), font)

    def _font(self, name: str | None, otherwise: str | None) -> str | None:
        seen: set[str | None] = set()
        while name in self._styles and name not in seen:
            seen.add(name)
            properties = self._styles[name].find("{*}text-properties")
            if properties is not None:
                face = _get(properties, "font-name")
                if font := self._faces.get(face) or face or _get(properties, "font-family"):
                    return font
            name = _get(self._styles[name], "parent-style-name")
        return otherwise


def _level(element: etree._Element) -> Level:
    if _name(element) != "list-level-style-number":
        return Level(BULLET)
    depth, shown = _depth(element), int(_get(element, "display-levels") or 1)
    numbers = ".".join(f"%{deep + 1}" for deep in range(max(0, depth + 1 - shown), depth + 1))
    template = (_get(element, "num-prefix") or "") + numbers + (_get(element, "num-suffix") or "")
    return Level(_get(element, "num-format") or "", template, int(_get(element, "start-value") or 1))


def _depth(level: etree._Element) -> int:
    return int(_get(level, "level") or 1) - 1


def _labelled(block: RawBlock, label: str) -> RawBlock:
    if not label or block.is_row:
        return block
    return paragraph((Span(f"{label} "), *block.lines[0]))


def _is_outermost(box: etree._Element, within: etree._Element) -> bool:
    for parent in box.iterancestors():
        if parent is within:
            return True
        if _name(parent) in {"text-box", *_LEFT_ASIDE}:
            return False
    return False


def _collapsed(text: str | None) -> str:
    # Runs of white space in the file stand for one space; more are written as elements.
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _get(element: etree._Element, name: str) -> str | None:
    # Attributes lie in several namespaces; their local names do not clash on the elements read here.
    return next((value for key, value in element.attrib.items() if etree.QName(key).localname == name), None)
