"""Days of the lunar calendar and public holidays, against published tables."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from schedules.days import DAY, TET, Days, LunarDay, holidays, parse
from schedules.errors import BadDays
from schedules.lunar import lunar_of

DATA = Path(__file__).parent.parent / "data" / "lunar"


def table(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))


def year_of(row: dict[str, str]) -> list[tuple[date, int]]:
    """The first day and the length of each month of a published lunar year."""
    first, found = date.fromisoformat(row["tet"]), []
    for length in (30 if kind == "L" else 29 for kind in row["months"]):
        found.append((first, length))
        first += length * DAY
    return found


PUBLISHED = [row for row in table("published.tsv") if 2020 <= int(row["year"]) <= 2050]


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["year"])
def test_first_and_full_moon_days_come_each_month_as_published(row: dict[str, str]) -> None:
    """Mùng một and rằm of every month, leap months too, and no other day."""
    months = year_of(row)
    first, last = months[0][0], months[-1][0] + (months[-1][1] - 1) * DAY
    assert list(parse("lunar:1").between(first, last)) == [begin for begin, _ in months]
    assert list(parse("lunar:15").between(first, last)) == [begin + 14 * DAY for begin, _ in months]


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["year"])
def test_tet_is_its_eve_and_three_days_as_published(row: dict[str, str]) -> None:
    """The eve is day 29 or 30 of the last month, whichever comes."""
    first = date.fromisoformat(row["tet"])
    found = parse("tet").between(first - 30 * DAY, first + 30 * DAY)
    assert list(found) == [first + n * DAY for n in (-1, 0, 1, 2)]


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row["year"])
def test_the_thirtieth_is_left_out_of_short_months(row: dict[str, str]) -> None:
    """Only months of 30 days have it; `LAST` comes in all of them."""
    months = year_of(row)
    first, last = months[0][0], months[-1][0] + (months[-1][1] - 1) * DAY
    assert list(parse("lunar:30").between(first, last)) == [day + 29 * DAY for day, days in months if days == 30]
    assert list(parse("lunar:-1").between(first, last)) == [day + (days - 1) * DAY for day, days in months]


@pytest.mark.parametrize("row", table("holidays.tsv"), ids=lambda row: row["year"])
def test_the_hung_kings_day_is_as_published(row: dict[str, str]) -> None:
    """10/3 of the lunar calendar is a public holiday."""
    on = date.fromisoformat(row["hung_kings"])
    assert on in holidays(on.year)
    assert str(lunar_of(on)).startswith("10/3/")
    assert on in parse("lunar:10/3")


def test_a_day_of_a_month_comes_once_in_a_leap_year() -> None:
    """2025 had two months 6: the day is kept in the first."""
    found = list(parse("lunar:15/6").between(date(2025, 1, 1), date(2025, 12, 31)))
    assert found == [date(2025, 7, 9)]


def test_the_holidays_of_a_year_without_a_decision() -> None:
    """Article 112: six fixed days, Tết's eve and four days; nobody knows yet which day beside 2 September."""
    tet = [date(2027, 2, 5) + n * DAY for n in range(5)]
    fixed = [date(2027, *day) for day in ((1, 1), (4, 16), (4, 30), (5, 1), (9, 2))]
    assert holidays(2027) == {*tet, *fixed}


def test_what_a_commune_enters_takes_the_place_of_the_guess() -> None:
    """Two days before Tết and three after, and 1 September; the next year is still by the rule."""
    decided = (*(date(2027, 2, 4) + n * DAY for n in range(5)), date(2027, 9, 1))
    assert {on for on in holidays(2027, decided) if on.month == 2} == set(decided[:5])
    assert date(2027, 9, 1) in Days(holidays=True, decided=decided)
    assert holidays(2028, decided) == holidays(2028)


def test_a_list_of_days_is_read_and_written() -> None:
    """What is written is read again as the same days."""
    days = parse(" 2026-12-24, lunar:15, tet, holidays,2026-01-02 ")
    assert days == Days((date(2026, 1, 2), date(2026, 12, 24)), (LunarDay(15), *TET), holidays=True)
    assert parse(str(days)) == days
    assert parse("") == Days()
    assert not parse(" ")


@pytest.mark.parametrize("text", ["tomorrow", "lunar:", "lunar:31", "lunar:0", "lunar:-2", "lunar:1/13", "lunar:1/1/1"])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    """The sentence names it and shows how days are written."""
    with pytest.raises(BadDays, match="lunar:15"):
        parse(f"2026-12-24,{text}")


def test_single_dates_are_given_in_order_within_the_span() -> None:
    """Each once, both ends included."""
    days = parse("2026-12-24,2026-12-20,2026-12-24,2026-12-31")
    assert list(days.between(date(2026, 12, 20), date(2026, 12, 30))) == [date(2026, 12, 20), date(2026, 12, 24)]
    assert date(2026, 12, 24) - timedelta(days=1) not in days
