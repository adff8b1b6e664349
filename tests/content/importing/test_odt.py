"""LibreOffice's files."""

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
    odt,
    paragraphs,
)


def row(*cells: list[str]) -> str:
    filled = "".join(f"<table:table-cell>{paragraphs(cell)}</table:table-cell>" for cell in cells)
    return f"<table:table-row>{filled}</table:table-row>"


def test_a_notice_comes_in_without_its_official_parts() -> None:
    """Head and end in two columns are left out and named; the page's header never comes in."""
    head = f"<table:table>{row(HEAD_LEFT, HEAD_RIGHT)}{row([NUMBER], [PLACE])}</table:table>"
    end = f"<table:table>{row(RECIPIENTS, SIGNATURE)}</table:table>"
    imported = extract(odt(head + paragraphs(BODY) + end))
    assert imported.text.splitlines() == BODY_SPOKEN
    assert (imported.kind, imported.title, imported.left_out) == (Kind.ODT, TITLE, ALL_PARTS)


def test_lists_keep_their_numbers() -> None:
    """Items are labelled as their style says, at their start only; a list goes on where it says so."""
    styles = (
        '<text:list-style style:name="L1">'
        '<text:list-level-style-number text:level="1" style:num-suffix="." style:num-format="1"/>'
        '<text:list-level-style-number text:level="2" style:num-suffix=")" style:num-format="a"/>'
        '<text:list-level-style-bullet text:level="3" text:bullet-char="•"/>'
        "</text:list-style>"
    )
    body = (
        '<text:list text:style-name="L1"><text:list-item><text:p>một</text:p><text:p>thêm</text:p></text:list-item>'
        "<text:list-item><text:p>hai</text:p><text:list><text:list-item><text:p>chữ</text:p>"
        "<text:list><text:list-item><text:p>chấm</text:p></text:list-item></text:list>"
        "</text:list-item></text:list></text:list-item></text:list>"
        "<text:p>giữa</text:p>"
        '<text:list text:style-name="L1" text:continue-numbering="true"><text:list-item><text:p>ba</text:p>'
        "</text:list-item></text:list>"
        '<text:list text:style-name="L1"><text:list-item><text:p>lại một</text:p></text:list-item></text:list>'
    )
    expected = ["1. một", "thêm", "2. hai", "a) chữ", "- chấm", "giữa", "3. ba", "1. lại một"]
    assert extract(odt(body, styles)).text.splitlines() == expected


def test_old_fonts_are_found_through_styles() -> None:
    """A span's style names the font; the rest of the line stays as it is."""
    font = '<style:text-properties style:font-name=".VnTime"/>'
    styles = f'<style:style style:name="T1" style:family="text">{font}</style:style>'
    body = '<text:p>Xã Cốc San <text:span text:style-name="T1">häp</text:span><text:s/>tối</text:p>'
    imported = extract(odt(body, styles))
    assert (imported.text, imported.encoding) == ("Xã Cốc San họp tối", "TCVN3")


def test_deleted_text_notes_and_comments_stay_out() -> None:
    """Only what is printed in the page's body comes in."""
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>đã xóa</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:p>Họp<text:note><text:note-body><text:p>chú</text:p></text:note-body></text:note>"
        "<office:annotation><text:p>lời bình</text:p></office:annotation>\n   thôn<text:line-break/>tối mai</text:p>"
    )
    assert extract(odt(body)).text == "Họp thôn\ntối mai"
