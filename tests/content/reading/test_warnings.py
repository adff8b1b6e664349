"""Each doubt is raised where it should be, and not where it should not."""

from datetime import date

import pytest

from content.reading import WarningKind, read

SUNDAY = date(2026, 11, 22)


def kinds(text: str, today: date | None = None) -> set[WarningKind]:
    """Give the kinds of warnings of a text."""
    return {warning.kind for warning in read(text, today=today).warnings}


@pytest.mark.parametrize(
    ("kind", "doubtful", "fine"),
    [
        (WarningKind.NO_DIACRITICS, "Kinh moi ba con den hop thon", "Kính mời bà con đến họp thôn"),
        (WarningKind.NO_DIACRITICS, "Kính mời\nThoi gian bay gio sang mai", "Kính mời Lo Van Pao"),
        (WarningKind.UNKNOWN_ABBREVIATION, "Ban QXZT xã", "UBND xã"),
        (WarningKind.UNKNOWN_ABBREVIATION, "theo số 12/QĐ-XYZQ", "theo số 12/QĐ-UBND"),
        (WarningKind.LONG_SENTENCE, "bà con " * 50, "bà con. " * 50),
        (WarningKind.WEEKDAY_MISMATCH, "thứ Sáu, ngày 5/12/2026", "thứ Bảy, ngày 5/12/2026"),
        (WarningKind.WEEKDAY_MISMATCH, "ngày 5/12/2026 (Chủ nhật)", "ngày 6/12/2026 (Chủ nhật)"),
        (WarningKind.IMPOSSIBLE_DATE, "ngày 31/4/2026", "ngày 30/4/2026"),
        (WarningKind.IMPOSSIBLE_DATE, "lúc 27h30", "lúc 17h30"),
        (WarningKind.UNREADABLE_SYMBOL, "mời bà con 🙂", "“mời” bà con – đến họp"),
        (WarningKind.AMBIGUOUS, "làm 3/5", "ngày 3/5"),
        (WarningKind.AMBIGUOUS, "ngày 5-7", "ngày 5-7/12"),
        (WarningKind.AMBIGUOUS, "5,200 kg thóc", "5.200 kg thóc"),
        (WarningKind.AMBIGUOUS, "gặp TT", "gặp TT HĐND"),
        (WarningKind.AMBIGUOUS, "còn 5-3", "tỉ số 5-3"),
    ],
)
def test_warns_of_what_is_doubtful_only(kind, doubtful, fine):
    """A doubtful text has its warning, and its well written sister does not."""
    assert kind in kinds(doubtful)
    assert kind not in kinds(fine)


@pytest.mark.parametrize(
    ("text", "is_past"),
    [
        ("họp ngày 20/11/2026", True),
        ("họp ngày 20/11", True),
        ("họp ngày 22/11/2026", False),
        ("họp ngày 5/1", False),
        ("Quyết định ngày 20/10/2026 của UBND xã", False),
        ("sinh ngày 20/10/1990", False),
    ],
)
def test_warns_of_dates_that_are_past(text, is_past):
    """A date before today is doubted, unless it is the date of a paper or a birth."""
    assert (WarningKind.PAST_DATE in kinds(text, SUNDAY)) == is_past


def test_no_date_is_past_without_a_today():
    """The rules know no clock: without today nothing is past."""
    assert WarningKind.PAST_DATE not in kinds("họp ngày 20/11/2020")


def test_weekday_of_a_date_without_year_is_judged_by_the_nearest_year():
    """With today known, a weekday is held against the nearest such date."""
    assert WarningKind.WEEKDAY_MISMATCH in kinds("thứ Sáu, ngày 5/12", SUNDAY)
    assert WarningKind.WEEKDAY_MISMATCH not in kinds("thứ Bảy, ngày 5/12", SUNDAY)
    assert WarningKind.WEEKDAY_MISMATCH not in kinds("thứ Sáu, ngày 5/12")


def test_an_ambiguity_names_its_readings_the_chosen_one_first():
    """The writer sees all ways in which the text may be meant."""
    reading = read("ngày 5-7")
    (warning,) = reading.warnings
    assert warning.readings == ("mùng năm tháng bảy", "mùng năm đến ngày mùng bảy")
    assert warning.readings[0] in reading.spoken


def test_warnings_point_into_the_written_text():
    """What a warning quotes stands where it says."""
    text = "UBND xã 🙂 mời 105 hộ; " + "bà con " * 45 + "đến họp 3/5 QXZT."
    reading = read(text)
    assert {warning.kind for warning in reading.warnings} >= {WarningKind.LONG_SENTENCE, WarningKind.AMBIGUOUS}
    for warning in reading.warnings:
        assert reading.written[warning.start : warning.end] == warning.written


def test_one_sentence_without_diacritics_is_found_among_others() -> None:
    """A sentence typed without marks is told even where the ones beside it have theirs."""
    text = "Mời bà con đi họp. Tiem chung cho tre em vao sang mai. Đề nghị đi đủ."
    (warning,) = [one for one in read(text).warnings if one.kind == WarningKind.NO_DIACRITICS]
    assert warning.written == "Tiem chung cho tre em vao sang mai"
