"""The official head and end are found in many layouts, and nothing else is taken for one."""

import pytest

from content.importing.extract import extract

HEAD = """UBND THÀNH PHỐ LÀO CAI\t\tCỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM
UBND XÃ CỐC SAN\t\tĐộc lập – Tự do – Hạnh phúc
-----------\t\t---------------
Số:      /TB-UBND\t\tCốc San, ngày      tháng 11 năm 2026
V/v cắt điện
"""
BODY = """Kính gửi: Nhân dân thôn Luổng Láo 1.
Thời gian: 8 giờ ngày 5/12. Nơi nhận quà: nhà văn hóa thôn.
TRƯỞNG CÁC THÔN thông báo để nhân dân biết.
"""


def left_of(text: str) -> list[str]:
    return extract(text.encode()).text.splitlines()


@pytest.mark.parametrize(
    "end",
    [
        "Nơi nhận:\t\tKT. CHỦ TỊCH\n- Như trên;\t\tPHÓ CHỦ TỊCH\n- Lưu: VT.\n\t\tGiàng A Sử\n",
        "Nơi nhận: - Như trên; - Lưu VT.\nTRƯỞNG THÔN\n(Ký, ghi rõ họ tên)\nLý Thị Mẩy\n",
        "Cốc San, ngày 10 tháng 11 năm 2026\nNGƯỜI THÔNG BÁO\nTrưởng thôn\nGIÀNG A SỬ\n",
        "TL. CHỦ TỊCH\nTRƯỞNG PHÒNG VĂN HÓA - XÃ HỘI\nThS. Nguyễn Văn An\n",
        "T/M BAN CHI ỦY\nBÍ THƯ\nĐã ký\nHoàng Văn Páo\n",
    ],
)
def test_ends_of_many_kinds_are_left_out(end: str) -> None:
    """Recipients and signature go, in one column or two, with or without a mark that it was signed."""
    assert left_of(HEAD + BODY + end) == ["V/v cắt điện", *BODY.splitlines()]


def test_words_below_the_head_are_not_part_of_it() -> None:
    """Once the marks of the head have passed, capitals and names of bodies are what is announced."""
    motto = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n------\n"
    body = "HỌP THÔN TỐI MAI\nHội Phụ nữ mời chị em\nThôn Ún Tà\nĐến đúng giờ.\n"
    end = "Cốc San, ngày 1 tháng 12 năm 2026\nTRƯỞNG THÔN\nGiàng A Sử"
    assert left_of(motto + body + end) == body.splitlines()


def test_a_head_in_one_column_is_left_out() -> None:
    """Lines of a head may stand one below the other, as in text files."""
    head = "UBND HUYỆN BÁT XÁT\nỦy ban nhân dân xã\nSố: 12-TB/ĐU\nCốc San, ngày 1 tháng 12 năm 2026\nTHÔNG BÁO\nHọp.\n"
    assert left_of(head) == ["THÔNG BÁO", "Họp."]


def test_the_subject_below_the_number_gives_the_title() -> None:
    """A letter has no name of its kind; what it is about stands below its number."""
    assert extract((HEAD + BODY).encode()).title == "Cắt điện"


def test_what_follows_the_signature_comes_in() -> None:
    """An attachment after the signature belongs to what is announced."""
    end = "TRƯỞNG THÔN\nGiàng A Sử\nPHỤ LỤC\nDanh sách các hộ\n"
    assert left_of(HEAD + BODY + end)[-2:] == ["PHỤ LỤC", "Danh sách các hộ"]


@pytest.mark.parametrize(
    "text",
    [
        "Mời bà con họp thôn tối mai.\nNội dung: bàn việc làm đường.",
        "TRƯỞNG THÔN CẦN BIẾT\nTối mai họp tại nhà văn hóa, mời các đồng chí đến đúng giờ.",
        "HỌP THÔN\nSố: 5 hộ chưa nộp, 12 hộ đã nộp.\nNơi nhận: nhà văn hóa",
        "Nơi nhận:\nnhà văn hóa thôn, từ 8 giờ.\nMang theo sổ hộ khẩu.",
        "Cộng hòa xã hội chủ nghĩa Việt Nam kỷ niệm ngày Quốc khánh 2/9, mời toàn thể bà con treo cờ trước nhà từ 1/9.",
        "GIẤY MỜI\nKính mời ông Giàng A Sử\nChủ tịch xã sẽ dự họp.",
    ],
)
def test_other_text_loses_nothing(text: str) -> None:
    """A text without an official head or end comes in whole, also where its words resemble one."""
    imported = extract(text.encode())
    assert imported.text == text
    assert imported.left_out == ()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("THÔNG BÁO\nVề việc cắt điện\nngày 5/12\nDo sửa đường dây.", "Thông báo về việc cắt điện ngày 5/12"),
        ("THÔNG BÁO\nLịch tiêm chủng tháng 12\nThời gian: 8 giờ.", "Thông báo: Lịch tiêm chủng tháng 12"),
        ("GIẤY MỜI\nKính gửi: các hộ dân…", "Giấy mời"),
        ("THÔNG BÁO CẮT ĐIỆN NGÀY 5/12\nDo sửa đường dây.", "THÔNG BÁO CẮT ĐIỆN NGÀY 5/12"),
        ("Họp thôn tối mai\nMời bà con đến dự.", "Họp thôn tối mai"),
        ("Mời bà con họp thôn.", None),
    ],
)
def test_titles_are_guessed(text: str, title: str | None) -> None:
    """A title says the kind and the subject, or is the heading; a mere sentence is none."""
    assert extract(text.encode()).title == title
