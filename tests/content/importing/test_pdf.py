"""PDF: paragraphs, columns and the edges of pages."""

from content.importing.document import Kind
from content.importing.extract import extract
from tests.content.importing.makers import ALL_PARTS, BODY_SPOKEN, TITLE, Placed, pdf

LEFT, INDENTED, TOP = 70, 98, 700


def down(lines: list[tuple[float, str]], top: float = TOP) -> list[Placed]:
    """Lines below each other, each at its distance from the left."""
    return [(left, top - 18 * number, text) for number, (left, text) in enumerate(lines)]


def test_a_notice_comes_in_without_its_official_parts() -> None:
    """Columns set side by side are told apart by the gap, also where it is narrow."""
    head = [
        (90, 780, "UBND TP LÀO CAI CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        (90, 765, "XÃ CỐC SAN"),
        (300, 765, "Độc lập - Tự do - Hạnh phúc"),
        (90, 745, "Số: 45/TB-UBND Cốc San, ngày 10 tháng 11 năm 2026"),
    ]
    body = down(
        [
            (250, "THÔNG BÁO"),
            (150, "Về việc tiêm chủng mở rộng tháng 12 năm 2026"),
            (INDENTED, "Căn cứ Kế hoạch số 12/KH-UBND ngày 01 tháng 11 năm 2026, Ủy ban nhân dân"),
            (LEFT, "xã thông báo như sau:"),
            (INDENTED, "Đề nghị bà con đưa trẻ đến đúng giờ./."),
        ]
    )
    end = [
        (LEFT, 500, "Nơi nhận:"),
        (340, 500, "TM. ỦY BAN NHÂN DÂN"),
        (LEFT, 485, "- Các thôn;"),
        (380, 485, "CHỦ TỊCH"),
        (LEFT, 470, "- Lưu: VT."),
        (370, 410, "Giàng A Sử"),
    ]
    imported = extract(pdf([[*head, *body, *end]]))
    assert imported.text.splitlines() == BODY_SPOKEN
    assert (imported.kind, imported.title, imported.left_out) == (Kind.PDF, TITLE, ALL_PARTS)


def test_lines_are_joined_to_paragraphs() -> None:
    """A line that is full goes on in the next, over a page's end too; an item, an indent or a short line ends it."""
    full = "Ủy ban nhân dân xã thông báo đến toàn thể nhân dân các thôn trên địa bàn"
    first = [(INDENTED, full), (LEFT, "xã biết"), (LEFT, "1. Thời gian"), (LEFT, full + " xã")]
    pages = [down(first), down([(LEFT, "Cốc San"), (INDENTED, "Hết")])]
    expected = [f"{full} xã biết", "1. Thời gian", f"{full} xã Cốc San", "Hết"]
    assert extract(pdf(pages)).text.splitlines() == expected


def test_headers_footers_and_page_numbers_are_dropped() -> None:
    """What repeats at the edge of pages, and a number alone there, is no text; the same words inside a page are."""
    pages = [
        [
            (290, 810, f"{number}"),
            (LEFT, 400, "Họp thôn"),
            (LEFT, 380 - number, f"Ý {number}"),
            (LEFT, 30, f"Trang {number}/3 lưu"),
        ]
        for number in (1, 2, 3)
    ]
    assert extract(pdf(pages)).text.splitlines() == ["Họp thôn", "Ý 1", "Họp thôn", "Ý 2", "Họp thôn", "Ý 3"]


def test_columns_of_a_table_become_a_row() -> None:
    """A gap within a line divides cells as in any table."""
    page = [(LEFT, 500, "1"), (120, 500, "Luổng Láo"), (300, 500, "7 giờ 30")]
    assert extract(pdf([page])).text == "1. Luổng Láo, 7 giờ 30"


def test_letters_of_an_old_font_are_converted() -> None:
    """A PDF whose font is .VnTimeH shows capitals, whatever codes stand in it."""
    imported = extract(pdf([[(LEFT, 500, "häp th«n")]], font=".VnTimeH"))
    assert (imported.text, imported.encoding) == ("HỌP THÔN", "TCVN3")
