"""Numbers in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.reading.numbers import cardinal, number, roman


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "không"),
        (10, "mười"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (55, "năm mươi lăm"),
        (101, "một trăm linh một"),
        (1005, "một nghìn không trăm linh năm"),
        (2_000_500, "hai triệu không nghìn năm trăm"),
        (1_050_000, "một triệu không trăm năm mươi nghìn"),
        (3_000_000_000, "ba tỷ"),
        (12_500_000_000_000, "mười hai nghìn năm trăm tỷ"),
    ],
)
def test_says_whole_numbers_the_northern_way(value, words):
    """Nghìn, linh, mốt, tư and lăm stand where a northern announcer says them."""
    assert cardinal(value) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("98,5", "chín mươi tám phẩy năm"),
        ("0.5", "không phẩy năm"),
        ("1.263.600", "một triệu hai trăm sáu mươi ba nghìn sáu trăm"),
        ("4,05", "bốn phẩy không năm"),
        ("1,263,600", "một triệu hai trăm sáu mươi ba nghìn sáu trăm"),
        ("0.500", "không phẩy năm trăm"),
    ],
)
def test_tells_decimals_from_thousands(written, words):
    """A dot before three digits parts thousands, a comma begins decimals, and 0.5 is half."""
    assert number(written) == words


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_different_numbers_sound_different(first, second):
    """No two numbers are said alike."""
    assert (cardinal(first) == cardinal(second)) == (first == second)


@pytest.mark.parametrize(
    ("numeral", "value"), [("IV", 4), ("XXI", 21), ("XIV", 14), ("IIII", None), ("VX", None), ("", None), ("XL", 40)]
)
def test_knows_roman_numerals(numeral, value):
    """A well-formed numeral has its value, another has none."""
    assert roman(numeral) == value
