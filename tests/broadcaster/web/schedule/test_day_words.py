"""Days as people write them."""

from datetime import date

import pytest

from broadcaster import i18n
from broadcaster.web.schedule.day_words import days_in, said_days
from schedules.days import NONE, TET, Days, LunarDay
from schedules.errors import BadDays


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", NONE),
        ("24/12/2026", Days(dates=(date(2026, 12, 24),))),
        ("2026-12-24; 1.1.2027", Days(dates=(date(2026, 12, 24), date(2027, 1, 1)))),
        ("Rằm, mùng một", Days(lunar=(LunarDay(15), LunarDay(1)))),
        ("mồng 3,  10 âm", Days(lunar=(LunarDay(3), LunarDay(10)))),
        ("10/3 Âm lịch", Days(lunar=(LunarDay(10, 3),))),
        ("10/3 lunar", Days(lunar=(LunarDay(10, 3),))),
        ("Tết", Days(lunar=TET)),
        ("30 Tết", Days(lunar=TET[:1])),
        ("lunar:-1", Days(lunar=(LunarDay(-1),))),
    ],
)
def test_days_are_understood_as_people_write_them(typed: str, meant: Days) -> None:
    """Dates, days of the lunar calendar, Tết; commas, semicolons or lines between them."""
    assert days_in(typed) == meant


@pytest.mark.parametrize("typed", ["24/12", "31/2/2026", "32 âm", "10/13 âm", "hôm nào rảnh"])
def test_what_is_no_day_is_named(typed: str) -> None:
    """A date without its year could be of either calendar, so it is asked for."""
    with pytest.raises(BadDays) as error:
        days_in(f"24/12/2026, {typed}")
    assert error.value.facts["text"] == typed


@pytest.mark.parametrize("code", i18n.LANGUAGES)
@pytest.mark.parametrize(
    "days",
    [
        NONE,
        Days(dates=(date(2026, 12, 24),)),
        Days(dates=(date(2026, 12, 24), date(2027, 2, 1)), lunar=(LunarDay(15), LunarDay(1), LunarDay(10, 3))),
        Days(lunar=TET),
        Days(lunar=(LunarDay(7), TET[0])),
        Days(lunar=(LunarDay(-1),)),
    ],
)
def test_what_is_shown_is_understood_again(code: str, days: Days) -> None:
    """A form that is saved as it is changes nothing, in either language."""
    assert days_in(said_days(i18n.load(code), days)) == days
