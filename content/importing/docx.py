"""Word's .docx: paragraphs, list labels and tables in reading order, each piece of text with its font.

Left aside, since they live in other members or are not what the writer means to be read: headers and footers of
pages, footnotes, comments, deleted and hidden text. Source: ECMA-376, WordprocessingML.
"""

from collections.abc import Iterator

from lxml import etree

from content.importing.archive import Archive
from content.importing.document import RawBlock, RawLine, Span, paragraph
from content.importing.errors import FileDamaged
from content.importing.numbering import BULLET, Counter, Level

_STYLES = {
    "decimal": "1", "decimalZero": "01", "lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I",
    "bullet": BULLET, "none": "",
}  # fmt: skip
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\xad", "ptab": "\t"}
_PASSED_THROUGH = {
    "hyperlink",
    "smartTag",
    "sdt",
    "sdtContent",
    "ins",
    "moveTo",
    "fldSimple",
    "customXml",
    "dir",
    "bdo",
}


def main_part(archive: Archive) -> str | None:
    """The name of the member with the text, None if this is no Word document."""
    return _part(archive, ".main+xml") or ("word/document.xml" if "word/document.xml" in archive else None)


def read(archive: Archive) -> list[RawBlock]:
    """The document's blocks. Raises FileDamaged, FileLocked, FileTooHard."""
    name = main_part(archive)
    if name is None:
        raise FileDamaged
    body = archive.xml(name).find("{*}body")
    if body is None:
        raise FileDamaged
    return list(_Reader(archive).blocks(body))


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self._styles = {_get(style, "styleId"): style for style in _children(archive, ".styles+xml", "style")}
        self._default_font = _font(_first(archive, ".styles+xml", "{*}docDefaults/{*}rPrDefault/{*}rPr"))
        self._default_style = next(
            (
                name
                for name, style in self._styles.items()
                if _get(style, "default") and _get(style, "type") == "paragraph"
            ),
            None,
        )
        abstract = {_get(each, "abstractNumId"): each for each in _children(archive, ".numbering+xml", "abstractNum")}
        self._lists: dict[str | None, tuple[Counter, dict[int, int]]] = {}
        counters = {name: Counter(_levels(each)) for name, each in abstract.items()}
        for num in _children(archive, ".numbering+xml", "num"):
            counter = counters.get(_value(num, "abstractNumId"), Counter({}))
            overrides = num.findall("{*}lvlOverride")
            counter.levels |= {
                _number(each, "ilvl"): _level(lvl) for each in overrides for lvl in each.findall("{*}lvl")
            }
            starts = {
                _number(each, "ilvl"): _number(start, "val")
                for each in overrides
                for start in each.findall("{*}startOverride")
            }
            self._lists[_get(num, "numId")] = counter, starts

    def blocks(self, parent: etree._Element) -> Iterator[RawBlock]:
        for child in parent:
            match _name(child):
                case "p":
                    yield from map(paragraph, self._paragraph(child))
                case "tbl":
                    yield from self._rows(child)
                case name if name in _PASSED_THROUGH:
                    yield from self.blocks(child)

    def _rows(self, table: etree._Element) -> Iterator[RawBlock]:
        for row in _through(table, "tr"):
            cells = tuple(
                tuple(line for block in self.blocks(cell) for line in block.lines) for cell in _through(row, "tc")
            )
            if any(cells):
                yield RawBlock(cells, is_row=True)

    def _paragraph(self, element: etree._Element) -> list[RawLine]:
        properties = element.find("{*}pPr")
        style = _value(properties, "pStyle") or self._default_style
        spans = list(self._spans(element, self._style_font(style)))
        lines = [line for line in _split(spans) if any(span.text.strip() for span in line)]
        label = self._label(properties, style) if lines else ""
        if label:
            lines[0] = (Span(f"{label} "), *lines[0])
        boxes = (box for box in element.iter("{*}txbxContent") if not _is_fallback(box))
        return lines + [line for box in boxes for block in self.blocks(box) for line in block.lines]

    def _spans(self, parent: etree._Element, font: str | None) -> Iterator[Span]:
        for child in parent:
            name = _name(child)
            if name == "r":
                yield from self._run(child, font)
            elif name in _PASSED_THROUGH:
                yield from self._spans(child, font)

    def _run(self, run: etree._Element, font: str | None) -> Iterator[Span]:
        properties = run.find("{*}rPr")
        hidden = properties.find("{*}vanish") if properties is not None else None
        if hidden is not None and _get(hidden, "val") not in {"0", "false"}:
            return
        font = _font(properties) or self._style_font(_value(properties, "rStyle")) or font or self._default_font
        for child in run:
            name = _name(child)
            if name == "t":
                yield Span(child.text or "", font)
            elif name == "sym":
                yield Span(chr(int(_get(child, "char") or "20", 16)), _get(child, "font"))
            elif name in _CHARACTERS:
                yield Span(_CHARACTERS[name], font)

    def _style_font(self, name: str | None) -> str | None:
        for style in self._ancestry(name):
            if font := _font(style.find("{*}rPr")):
                return font
        return None

    def _label(self, properties: etree._Element | None, style: str | None) -> str:
        places = [properties, *(each.find("{*}pPr") for each in self._ancestry(style))]
        rules = [place.find("{*}numPr") for place in places if place is not None]
        found = [rule for rule in rules if rule is not None]
        name = next((value for rule in found if (value := _value(rule, "numId"))), None)
        if name not in self._lists:
            return ""
        counter, starts = self._lists[name]
        depth = next((int(value) for rule in found if (value := _value(rule, "ilvl"))), 0)
        return counter.next(depth, starts.pop(depth, None))

    def _ancestry(self, name: str | None) -> Iterator[etree._Element]:
        seen: set[str | None] = set()
        while name in self._styles and name not in seen:
            seen.add(name)
            yield self._styles[name]
            name = _value(self._styles[name], "basedOn")


def _part(archive: Archive, ending: str) -> str | None:
    if "[Content_Types].xml" not in archive:
        return None
    for override in archive.xml("[Content_Types].xml").findall("{*}Override"):
        kind, name = str(override.get("ContentType")), str(override.get("PartName")).lstrip("/")
        is_word = "wordprocessingml" in kind or "ms-word.document" in kind or "ms-word.template" in kind
        if is_word and kind.endswith(ending) and name in archive:
            return name
    return None


def _children(archive: Archive, part: str, tag: str) -> list[etree._Element]:
    name = _part(archive, part)
    return archive.xml(name).findall(f"{{*}}{tag}") if name else []


def _first(archive: Archive, part: str, path: str) -> etree._Element | None:
    name = _part(archive, part)
    return archive.xml(name).find(path) if name else None


def _levels(abstract: etree._Element) -> dict[int, Level]:
    return {_number(each, "ilvl"): _level(each) for each in abstract.findall("{*}lvl")}


def _level(element: etree._Element) -> Level:
    style = _STYLES.get(_value(element, "numFmt") or "decimal", "1")
    return Level(style, _value(element, "lvlText") or "", int(_value(element, "start") or 1))


def _font(properties: etree._Element | None) -> str | None:
    fonts = properties.find("{*}rFonts") if properties is not None else None
    return (_get(fonts, "hAnsi") or _get(fonts, "ascii")) if fonts is not None else None


def _split(spans: list[Span]) -> Iterator[RawLine]:
    line: list[Span] = []
    for span in spans:
        first, *others = span.text.split("\n")
        line.append(Span(first, span.font))
        for other in others:
            yield tuple(line)
            line = [Span(other, span.font)]
    yield tuple(line)


def _through(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    # Rows and cells may lie in content controls.
    for child in parent:
        if _name(child) == tag:
            yield child
        elif _name(child) in _PASSED_THROUGH:
            yield from _through(child, tag)


def _is_fallback(box: etree._Element) -> bool:
    # A text box is written twice, for new readers and for old ones; and boxes in a box come with the outer one.
    return any(_name(parent) in {"Fallback", "txbxContent", "del"} for parent in box.iterancestors())


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _get(element: etree._Element, name: str) -> str | None:
    value = element.get(f"{{{etree.QName(element).namespace}}}{name}")
    return None if value is None else str(value)


def _value(parent: etree._Element | None, name: str) -> str | None:
    child = parent.find(f"{{*}}{name}") if parent is not None else None
    return _get(child, "val") if child is not None else None


def _number(element: etree._Element, name: str) -> int:
    return int(_get(element, name) or 0)
