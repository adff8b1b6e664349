"""The official parts around a document's words: recognised line by line, left out when one only wants to announce.

A document has a head, from the national motto to the name of its kind, and an end, from the recipients or the
signer's office to the signer's name. Both stand in two columns: cells of a table, or gaps within a line.
Source: Decree 30/2020/NĐ-CP, appendix I; for the Party's documents Guidance 36-HD/VPTW.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum

from content.importing.document import TextBlock


class Part(StrEnum):
    """What can be left out, in the order of a document."""

    MOTTO = "national motto"
    ISSUER = "issuing body"
    NUMBER = "number and symbol"
    PLACE_AND_DATE = "place and date"
    RECIPIENTS = "recipients"
    SIGNATURE = "signature"


_HEAD_BLOCKS = 25
_MOST_BETWEEN = 5  # blocks between two marks of a head: the names of bodies, one below the other
_SENTENCE_END = (".", ",", ";", ":", "!", "?")
_LONG = 100  # characters: what is longer is a sentence of the document, not a line of its head or end
_TO_FILL_IN = re.compile(r"(\bSố\s*:|\bngày|\btháng|\bnăm)\s{2,}", re.IGNORECASE)
_COLUMN = re.compile(r"\t+| {4,}")

_NATION, _FREEDOM = "cong hoa xa hoi chu nghia viet nam", r"doc lap\W+tu do\W+hanh phuc"
_MOTTO = re.compile(rf"(?:{_NATION}\W*(?:{_FREEDOM})?|{_FREEDOM}|dang cong san viet nam)\W*$")
_NUMBER = re.compile(r"so\s*[:.]?\s*[\d.…_ ]*(?:/\s*\d{4}\s*)?[-/–]\s*[a-z]{1,8}(?:[-/&–]\s?[a-z]{1,8})*(?=\s|$)")
_PLACE_AND_DATE = re.compile(r"[^,:;]{2,45},?\s*ngay\s*[\d.…_ ]*thang\s*[\d.…_ ]*nam\s*[\d.…_ ]*$")
_RULE = re.compile(r"[-–—_=*.~\s]*(?:o0o|ooo|\*+)?[-–—_=*.~\s]*")
_KIND = re.compile(
    r"(thong bao|quyet dinh|ke hoach|bao cao|giay moi|to trinh|cong dien|chi thi|nghi quyet|huong dan|chuong trinh|"
    r"quy dinh|quy che|thong cao|bien ban|giay trieu tap|loi keu goi|phuong an|thu moi|lich)\b"
)
_BODY = re.compile(r"(?:v/v|ve viec|kinh gui|can cu|thuc hien)\b")
_BODIES = re.compile(
    r"(?:uy ban|ubnd|hoi dong|hdnd|dang (?:uy|bo)|chi bo|mat tran|ban|hoi|doan|cong an|tram|thon|xa|huyen)\b"
)
_ATTACHMENT = re.compile(r"(?:phu luc|danh sach|bieu|mau|lich|bang|noi dung|chuong trinh|ke hoach)\b")

_RECIPIENTS = re.compile(r"noi nhan\s*:?\s*$|noi nhan\s*:?\s*[-+–•]")
_RECIPIENT = re.compile(r"[-+–•*]\s*\S|nhu (?:tren|dieu|kinh gui)|luu\s*:")
_AUTHORITY = re.compile(r"(?:tm|kt|tl|tuq|t/m|k/t|t/l|q)\s*[./]\s*\S|thua lenh\b|thay mat\b")
_OFFICE = re.compile(
    r"(?:pho |quyen |q\. ?)?(?:chu tich|chu nhiem|truong \w+|bi thu|giam doc|hieu truong|tram truong|chi huy truong|"
    r"doi truong|chanh van phong|chanh thanh tra|chi cuc truong|cuc truong|to truong|vien truong|bo truong)\b|"
    r"nguoi (?:lap|viet|ky|thong bao|bao cao|chu tri)\b|(?:thu ky|can bo|cong chuc)\b|t/?m\b"
)
_SIGNED = re.compile(r"\(?\s*(?:da ky|ky ten|ky,? ?(?:va )?(?:ghi ro|dong dau|ten)|chu ky|dau)\b.*")
_RANK = r"(?:(?:Th[sS]|TS|B[sS]|KS|CN|BSCKI|Đại úy|Thượng úy|Thiếu tá|Trung tá)[. ]+)*"
_NAME = re.compile(rf"{_RANK}[^\W\d_]+(?:[ '’.-]+[^\W\d_]+){{1,5}}")

_HEAD_PATTERNS = {Part.MOTTO: _MOTTO.match, Part.NUMBER: _NUMBER.match, Part.PLACE_AND_DATE: _PLACE_AND_DATE.fullmatch}


def separate(blocks: Sequence[TextBlock], *, keep: bool) -> tuple[list[TextBlock], tuple[str, ...]]:
    """The blocks without the official head and end, and the names of what was left out.

    With `keep` nothing is left out, but columns that hold official parts are set one below the other, as one reads
    them. Other text comes back as it is.
    """
    columns = [in_columns(block) for block in blocks]
    top = _head_length(columns)
    found = [_head_parts(block) for block in columns[:top]]
    found += _end_parts(columns[top:])
    kept = [
        block if not any(map(any, parts)) else TextBlock(column.cells) if keep else _rest(column, parts)
        for block, column, parts in zip(blocks, columns, found, strict=True)
    ]
    met = set() if keep else {part for parts in found for cell in parts for part in cell}
    return [block for block in kept if any(block.lines)], tuple(part for part in Part if part in met)


def in_columns(block: TextBlock) -> TextBlock:
    """The block with a cell for each column: gaps in a paragraph, and official lines set side by side, divide it."""
    if block.is_row:
        cells = tuple(tuple(piece for line in cell for piece in _pieces(line)) for cell in block.cells)
        return TextBlock(cells, is_row=True)
    return TextBlock(tuple((piece,) for line in block.lines for piece in _pieces(line)))


def fold(text: str) -> str:
    """Small letters without marks, with single spaces: how one compares lines typed by many hands."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).split())


def is_kind(line: str) -> bool:
    """Whether a line is the name of a document's kind: THÔNG BÁO, GIẤY MỜI..., with its subject perhaps."""
    return line.isupper() and bool(_KIND.match(fold(line)))


_Parts = tuple[tuple[Part | None, ...], ...]
"""For each line of each cell the official part that it belongs to; None for the text of the document."""


def _head_length(columns: Sequence[TextBlock]) -> int:
    """How many blocks the head has: to the last of motto, number and date, which follow each other closely."""
    end, met = 0, set[Part]()
    for place, block in enumerate(columns[:_HEAD_BLOCKS]):
        parts = {part for line in block.lines if (part := _head_part(line))}
        if parts and place - end <= _MOST_BETWEEN:
            end, met = place + 1, met | parts
        elif any(is_kind(line) or len(line) > _LONG or line.endswith(_SENTENCE_END) for line in block.lines):
            break
    is_official = Part.MOTTO in met or {Part.NUMBER, Part.PLACE_AND_DATE} <= met
    while is_official and end < len(columns) and all(_RULE.fullmatch(line) for line in columns[end].lines):
        end += 1
    return end if is_official else 0


def _head_parts(block: TextBlock) -> _Parts:
    beside_motto = any(_head_part(line) is Part.MOTTO for line in block.lines) and len(block.cells) > 1
    return tuple(tuple(_cell_of_head(cell, beside_motto=beside_motto)) for cell in block.cells)


def _cell_of_head(cell: Sequence[str], *, beside_motto: bool) -> Iterator[Part | None]:
    in_subject = False
    for line in cell:
        in_subject = in_subject or bool(_BODY.match(fold(line)))
        part = _head_part(line)
        is_issuer = line.isupper() or beside_motto or _BODIES.match(fold(line)) or _RULE.fullmatch(fold(line))
        yield part or (Part.ISSUER if is_issuer and not in_subject else None)


def _head_part(line: str) -> Part | None:
    folded = fold(line)
    return next((part for part, matches in _HEAD_PATTERNS.items() if matches(folded)), None)


def _end_parts(columns: Sequence[TextBlock]) -> list[_Parts]:
    nothing: list[_Parts] = [tuple((None,) * len(cell) for cell in block.cells) for block in columns]
    for first, block in enumerate(columns):
        if any(_opens_end(line) for line in block.lines):
            found = _end_from(columns[first:])
            if found:
                return [*nothing[:first], *found, *nothing[first + len(found) :]]
    return nothing


def _end_from(columns: Sequence[TextBlock]) -> list[_Parts]:
    """The parts of the blocks that form an end, from the first on; none if they turn out to be none."""
    end = _End()
    found: list[_Parts] = []
    for block in columns:
        parts = tuple(tuple(end.part(line) for line in cell) for cell in block.cells)
        if any(part is None for cell in parts for part in cell):
            break
        found.append(parts)
    return found if end.is_complete or (end.met and len(found) == len(columns)) else []


class _End:
    """What has been met of the end so far: a name is a name only below an office, a dash only below "Nơi nhận"."""

    def __init__(self) -> None:
        self.met: set[str] = set()

    @property
    def is_complete(self) -> bool:
        return bool(self.met & {"recipient", "authority", "name", "signed"})

    def part(self, line: str) -> Part | None:
        """The part that the next line is, None if it is none."""
        folded = fold(line)
        if _PLACE_AND_DATE.fullmatch(folded):
            return Part.PLACE_AND_DATE
        if _RECIPIENTS.match(folded):
            self.met |= {"recipients"} | ({"recipient"} if "-" in folded else set())
            return Part.RECIPIENTS
        if ("recipients" in self.met and _RECIPIENT.match(folded)) or ("recipient" in self.met and line[:1].islower()):
            self.met.add("recipient")
            return Part.RECIPIENTS
        return Part.SIGNATURE if self._signs(line, folded) else None

    def _signs(self, line: str, folded: str) -> bool:
        if _RULE.fullmatch(folded):
            return True
        below = self.met & {"authority", "office"}
        step = (
            "authority" if _AUTHORITY.match(folded) and _shouts(line)
            else "office" if _OFFICE.match(folded) and (_shouts(line) or below)
            else "signed" if below and _SIGNED.match(folded)
            else None if _ATTACHMENT.match(folded) or not below
            else "name" if _NAME.fullmatch(line) and _is_name(line)
            else "office" if line.isupper() and len(line) < _LONG and "name" not in self.met
            else None
        )  # fmt: skip
        self.met |= {step} if step else set()
        return step is not None


def _opens_end(line: str) -> bool:
    folded = fold(line)
    signer = (_AUTHORITY.match(folded) or _OFFICE.match(folded)) and _shouts(line)
    return bool(signer or _RECIPIENTS.match(folded) or _PLACE_AND_DATE.fullmatch(folded))


def _shouts(line: str) -> bool:
    # "KT. CHỦ TỊCH", and "Q. CHỦ TỊCH": an office is set in capitals, on a line of its own.
    return line.isupper() and len(line) < _LONG


def _is_name(line: str) -> bool:
    return all(word[0].isupper() for word in re.split(r"[ .-]+", line) if word not in {"", "úy", "tá"})


def _rest(block: TextBlock, parts: _Parts) -> TextBlock:
    cells = (
        tuple(line for line, part in zip(cell, of_cell, strict=True) if part is None)
        for cell, of_cell in zip(block.cells, parts, strict=True)
    )
    # What remains of a line in columns, such as "V/v ..." below the number, is one sentence set in several lines.
    joined = tuple((" ".join(cell),) for cell in cells if cell)
    return TextBlock(joined, is_row=len(joined) > 1)


def _pieces(line: str) -> Iterator[str]:
    # "Số:      /TB-UBND", "ngày      tháng 11": left open for the pen, no gap between columns.
    for column in _COLUMN.split(_TO_FILL_IN.sub(r"\1 ", unicodedata.normalize("NFC", line))):
        piece = " ".join(column.split())
        cut = _cut(piece)
        yield from (part.strip() for part in (piece[:cut], piece[cut:]) if part.strip())


def _cut(piece: str) -> int:
    """Where a line divides in two official ones that a narrow gap separates; its length if it does not."""
    folded = fold(piece)
    if len(folded) != len(piece):
        return len(piece)
    motto = _MOTTO.search(folded)
    if motto and motto.start():
        return motto.start()
    number = _NUMBER.match(folded)
    if number and _PLACE_AND_DATE.fullmatch(folded[number.end() :].strip()):
        return number.end()
    return len(piece)
