"""Word's files: numbers, lists, tables and fonts as one sees them, and nothing that one does not."""

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from content.importing.document import Kind
from content.importing.extract import extract
from tests.content.importing.makers import (
    ALL_PARTS,
    BODY,
    BODY_SPOKEN,
    HEAD_LEFT,
    HEAD_RIGHT,
    NUMBER,
    PLACE,
    RECIPIENTS,
    SIGNATURE,
    TITLE,
    fill,
    saved,
)


def official() -> bytes:
    """A notice as Word's templates have it: head and end in borderless tables of two columns."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "đầu trang"
    document.sections[0].footer.paragraphs[0].text = "chân trang"
    head = document.add_table(2, 2)
    fill(head.cell(0, 0), HEAD_LEFT)
    fill(head.cell(0, 1), HEAD_RIGHT)
    head.cell(1, 0).text, head.cell(1, 1).text = NUMBER, PLACE
    for line in BODY:
        document.add_paragraph(line)
    end = document.add_table(1, 2)
    fill(end.cell(0, 0), RECIPIENTS)
    fill(end.cell(0, 1), SIGNATURE)
    return saved(document)


def test_a_notice_comes_in_without_its_official_parts() -> None:
    """Head and end in two columns are left out and named; header and footer of the page never come in."""
    imported = extract(official())
    assert imported.text.splitlines() == BODY_SPOKEN
    assert (imported.kind, imported.encoding, imported.title) == (Kind.DOCX, "UTF-8", TITLE)
    assert imported.left_out == ALL_PARTS


def test_official_parts_are_kept_on_request() -> None:
    """With the official parts kept, columns are read one below the other and nothing is lost."""
    imported = extract(official(), keep_official=True)
    signature = [line for line in SIGNATURE if line]
    kept = [*HEAD_LEFT, *HEAD_RIGHT, NUMBER, PLACE, *BODY, *RECIPIENTS, *signature]
    assert imported.text.splitlines() == kept
    assert imported.left_out == ()


def test_lists_keep_their_numbers() -> None:
    """Automatic numbers and bullets become text, each list with its own count; typed numbers stay."""
    document = docx.Document()
    for text, style in [
        ("Thời gian", "List Number"),
        ("Địa điểm", "List Number"),
        ("mang sổ", "List Bullet"),
        ("3. Gõ tay", "Normal"),
        ("Thành phần", "List Number"),
    ]:
        document.add_paragraph(text, style)
    expected = ["1. Thời gian", "2. Địa điểm", "- mang sổ", "3. Gõ tay", "3. Thành phần"]
    assert extract(saved(document)).text.splitlines() == expected


def test_numbers_of_several_depths() -> None:
    """A list in depths is numbered as its rule says: roman, then "I.1", then small letters that start again."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (style, text) in enumerate([("upperRoman", "%1."), ("decimal", "%1.%2."), ("lowerLetter", "%3)")])
    )
    abstract = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'
    numbering.insert(0, parse_xml(abstract))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for depth in (0, 1, 2, 2, 1, 2, 0):
        rule = document.add_paragraph("x")._p.get_or_add_pPr().get_or_add_numPr()
        rule.get_or_add_ilvl().val, rule.get_or_add_numId().val = depth, 77
    labels = [line.removesuffix(" x") for line in extract(saved(document)).text.splitlines()]
    assert labels == ["I.", "I.1.", "a)", "b)", "I.2.", "a)", "II."]


def test_tables_are_read_as_lines() -> None:
    """A row is a line; a bare number in front becomes the item's; cells that hold commas are divided by semicolons."""
    document = docx.Document()
    rows = [("STT", "Thôn", "Giờ"), ("1", "Luổng Láo", "7 giờ"), ("2", "Tòng Chú, Ún Tà", "9 giờ 30")]
    table = document.add_table(len(rows), 3)
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    expected = ["STT, Thôn, Giờ", "1. Luổng Láo, 7 giờ", "2. Tòng Chú, Ún Tà; 9 giờ 30"]
    assert extract(saved(document)).text.splitlines() == expected


def test_runs_in_old_fonts_are_converted_one_by_one() -> None:
    """In one paragraph a run in .VnTime, one in .VnTimeH, one in VNI-Times and one in Unicode all become right."""
    document = docx.Document()
    paragraph = document.add_paragraph()
    for text, font in [
        ("Th«ng b¸o: ", ".VnTime"),
        ("häp th«n", ".VnTimeH"),
        (" toái thöù baûy", "VNI-Times"),
        (", hoà bình, xã Cốc San", "Times New Roman"),
    ]:
        run = paragraph.add_run(text)
        run.font.name, run.font.size = font, Pt(14)
    imported = extract(saved(document))
    assert imported.text == "Thông báo: HỌP THÔN tối thứ bảy, hoà bình, xã Cốc San"
    assert imported.encoding == "TCVN3 + VNI"


def test_an_old_font_of_a_style_counts() -> None:
    """A font is found through the paragraph's style; Word's soft hyphen is the letter ư in TCVN3."""
    document = docx.Document()
    document.styles["Normal"].font.name = ".VnTime"
    run = document.add_paragraph("n").add_run()
    run._r.append(run._r.makeelement(qn("w:softHyphen"), {}))
    document.paragraphs[0].add_run("íc s¹ch")
    assert extract(saved(document)).text == "nước sạch"


def test_what_is_deleted_or_hidden_does_not_come_in() -> None:
    """Deleted and hidden words stay out; inserted ones, links and line breaks come in."""
    document = docx.Document()
    paragraph = document.add_paragraph("Họp ")
    paragraph.add_run("bí mật").font.hidden = True
    w = nsdecls("w")
    paragraph._p.append(parse_xml(f"<w:del {w}><w:r><w:delText>sáng</w:delText></w:r></w:del>"))
    paragraph._p.append(parse_xml(f"<w:ins {w}><w:r><w:t>tối</w:t><w:br/><w:t>mai</w:t></w:r></w:ins>"))
    paragraph._p.append(parse_xml(f"<w:hyperlink {w}><w:r><w:t> nhé</w:t></w:r></w:hyperlink>"))
    assert extract(saved(document)).text == "Họp tối\nmai nhé"
