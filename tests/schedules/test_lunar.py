"""The lunar calendar against published tables, and the rules that hold on every day of three centuries."""

import csv
from datetime import date, timedelta
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broadcaster.cli import app
from schedules.lunar import LunarDate, NoSuchLunarDate, OutsideLunarCalendar, lunar_of, solar_of, tet

DATA = Path(__file__).parent.parent / "data" / "lunar"
DAY = timedelta(days=1)


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))


def months_of(year: int) -> list[tuple[LunarDate, int]]:
    """The first days of a lunar year's months, and their lengths."""
    days = [lunar_of(tet(year) + i * DAY) for i in range((tet(year + 1) - tet(year)).days)]
    return [(day, sum((d.month, d.leap) == (day.month, day.leap) for d in days)) for day in days if day.day == 1]


@pytest.fixture(scope="module")
def three_centuries() -> list[tuple[date, LunarDate]]:
    first = date(1900, 1, 1)
    return [(day, lunar_of(day)) for i in range((date(2200, 1, 1) - first).days) if (day := first + i * DAY)]


@pytest.mark.parametrize("row", table("published.tsv"), ids=lambda row: row["year"])
def test_each_year_is_as_published(row: dict[str, str]) -> None:
    """Tết, the leap month and the length of every month."""
    year = int(row["year"])
    months = months_of(year)
    assert tet(year) == date.fromisoformat(row["tet"])
    assert next((month.month for month, _ in months if month.leap), 0) == int(row["leap"])
    if year != 2054:
        assert "".join("L" if days == 30 else "s" for _, days in months) == row["months"]


def test_the_one_month_that_is_not_as_published() -> None:
    """The new moon of May 2054 comes at 00:00:14 to 00:00:55 of the 8th in Hanoi, as the earth will have turned."""
    assert lunar_of(date(2054, 5, 7)) == LunarDate(30, 3, 2054)
    assert lunar_of(date(2054, 5, 8)) == LunarDate(1, 4, 2054)


@pytest.mark.parametrize("row", table("unlike_china.tsv"), ids=lambda row: row["year"])
def test_tet_is_hanois_and_not_beijings(row: dict[str, str]) -> None:
    """An hour of longitude moves Tết by a day, and once by a month."""
    assert tet(int(row["year"])) == date.fromisoformat(row["vietnam"])
    assert lunar_of(date.fromisoformat(row["china"])).day == (1 if row["year"] == "1985" else 2)


@pytest.mark.parametrize(
    ("on", "written"),
    [
        ("1985-01-21", "1/1/1985"),  # after a year 1984 without the leap month 10 that China had
        ("1985-03-21", "1/2 nhuận/1985"),
        ("1987-08-24", "1/7 nhuận/1987"),  # China: leap month 6
        ("2007-02-17", "1/1/2007"),
        ("2025-07-25", "1/6 nhuận/2025"),
        ("2025-08-08", "15/6 nhuận/2025"),
        ("2030-02-02", "1/1/2030"),
        ("2033-12-22", "1/11 nhuận/2033"),  # not month 8: two months without a term in a year that has 12
        ("2034-01-20", "1/12/2033"),
        ("2034-02-19", "1/1/2034"),
        ("2026-11-22", "14/10/2026"),
    ],
)
def test_well_known_days(on: str, written: str) -> None:
    """Days that careless calendars get wrong."""
    assert str(lunar_of(date.fromisoformat(on))) == written


def test_every_day_goes_there_and_back(three_centuries: list[tuple[date, LunarDate]]) -> None:
    """Each day has one lunar date, and each lunar date is that day."""
    assert all(solar_of(lunar) == day for day, lunar in three_centuries)
    assert len({lunar for _, lunar in three_centuries}) == len(three_centuries)


def test_months_have_29_or_30_days_and_years_12_or_13_months(three_centuries: list[tuple[date, LunarDate]]) -> None:
    """Days count up from 1 to 29 or 30, months from 1 to 12 with at most one twice."""
    for (_, before), (_, after) in pairwise(three_centuries):
        assert after.day == before.day + 1 or (before.day in (29, 30) and after.day == 1)
    whole = (lunar for _, lunar in three_centuries if 1900 <= lunar.year < 2199)
    for _, year in groupby(whole, key=lambda lunar: lunar.year):
        months = [(lunar.month, lunar.leap) for lunar in year if lunar.day == 1]
        assert [month for month, leap in months if not leap] == list(range(1, 13))
        assert sum(leap for _, leap in months) in (0, 1)
        assert all(before == after for (before, _), (after, leap) in pairwise(months) if leap)


@pytest.mark.parametrize(
    "lunar",
    [
        LunarDate(30, 1, 2026, leap=True),
        LunarDate(30, 12, 2024),  # a month of 29 days
        LunarDate(0, 1, 2026),
        LunarDate(1, 13, 2026),
        LunarDate(1, 0, 2026),
        LunarDate(1, 2, 1984, leap=True),
    ],
    ids=str,
)
def test_a_day_that_the_calendar_lacks_is_refused(lunar: LunarDate) -> None:
    """Neither the 30th of a short month nor a leap month of a common year."""
    with pytest.raises(NoSuchLunarDate):
        solar_of(lunar)


def test_days_beyond_the_formulas_are_refused() -> None:
    """No guess for the year 1 or 9999, neither way."""
    for day in (date.min, date(1899, 6, 1), date(2202, 1, 1), date.max):
        with pytest.raises(OutsideLunarCalendar):
            lunar_of(day)
    for year in (0, 1898, 2203, 99999):
        with pytest.raises(OutsideLunarCalendar):
            tet(year)


def test_the_command_prints_the_date() -> None:
    """`broadcaster lunar DATE` prints one line; a date that is none is refused."""
    assert CliRunner().invoke(app, ["lunar", "2025-08-08"]).stdout == "15/6 nhuận/2025\n"
    assert CliRunner().invoke(app, ["lunar"]).stdout.count("/") == 2
    assert CliRunner().invoke(app, ["lunar", "8/8/2025"]).exit_code == 1
