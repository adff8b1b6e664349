"""The rules of airing of a commune on their page: the gap, and the holidays of a year."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from broadcaster.publishing.models import PlanState
from content.kernel.audit import AuditEntry
from content.kernel.db import unit_of_work
from schedules import queries
from schedules.days import holidays
from schedules.lunar import tet
from schedules.models import CommuneAiring
from tests.broadcaster.web.conftest import Browser, Town, words

RULES = "/schedule/rules"
GUESSED = [tet(2027) + timedelta(days=n) for n in range(-1, 4)]


def airing(town: Town) -> CommuneAiring:
    with unit_of_work(town.station.sessions, writes=False) as session:
        found = queries.commune_airing(session, town.commune)
        session.expunge_all()
        return found


def free_days(town: Town, year: int = 2027) -> frozenset[date]:
    return holidays(year, airing(town).decided)


def test_the_gap_is_changed(cadre: TestClient, town: Town) -> None:
    """Kept, audited with its value, and planned with."""
    assert 'name="gap_minutes" type="number" value="60"' in cadre.get(RULES).text
    answer = cadre.post(RULES, data={"gap_minutes": "25"})
    assert answer.headers["location"] == f"{RULES}?did=gap-changed"
    assert airing(town).gap_minutes == 25
    assert '<div class="notice good" role="status">' in cadre.get(answer.headers["location"]).text
    with unit_of_work(town.station.sessions, writes=False) as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry
        assert (entry.act, entry.actor, entry.facts) == (
            "rules.changed",
            town.people[Role.CADRE].uuid,
            {"gap_minutes": 25},
        )
        assert session.get_one(PlanState, town.commune.id).wanted


@pytest.mark.parametrize("typed", ["một giờ", "-1", "1441", ""])
def test_a_gap_that_cannot_be_is_refused_at_its_field(cadre: TestClient, town: Town, typed: str) -> None:
    """What was typed stays."""
    answer = cadre.post(RULES, data={"gap_minutes": typed})
    assert answer.status_code == 422
    assert 'id="gap_minutes-error"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert airing(town).gap_minutes == 60


def test_days_are_entered_beside_those_that_count_already(cadre: TestClient, town: Town) -> None:
    """One day added does not take Tết away; the page shows the year that was changed."""
    before = free_days(town)
    answer = cadre.post(f"{RULES}/holidays", data={"from_on": "2027-09-01"})
    assert answer.headers["location"] == f"{RULES}?year=2027&did=holidays-entered#holidays"
    assert free_days(town) == before | {date(2027, 9, 1)}
    assert "01/09/2027" in words(cadre.get(answer.headers["location"]).text)
    cadre.post(f"{RULES}/holidays", data={"from_on": "2027-12-30", "until_on": "2028-01-03"})
    assert free_days(town, 2028) >= {date(2028, 1, 2), date(2028, 1, 3), tet(2028)}


def test_a_struck_day_comes_back_by_one_press(cadre: TestClient, town: Town) -> None:
    """The notice holds the form that restores it; nothing else changes on the way."""
    before = free_days(town)
    answer = cadre.post(f"{RULES}/holidays/{GUESSED[0]}/strike")
    assert free_days(town) == before - {GUESSED[0]}
    page = cadre.get(answer.headers["location"]).text
    assert f'<input type="hidden" name="from_on" value="{GUESSED[0]}">' in page
    cadre.post(f"{RULES}/holidays", data={"from_on": str(GUESSED[0])})
    assert free_days(town) == before
    assert f'value="{GUESSED[0]}"' not in cadre.get(answer.headers["location"]).text


def test_a_day_of_the_law_stays(cadre: TestClient, town: Town) -> None:
    """The page offers no press for it, and says what to do instead when it is tried all the same."""
    assert f"{RULES}/holidays/2027-09-02/strike" not in cadre.get(f"{RULES}?year=2027").text
    answer = cadre.post(f"{RULES}/holidays/2027-09-02/strike")
    assert answer.status_code == 422
    assert date(2027, 9, 2) in free_days(town)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"from_on": "Tết"}, "from_on"),
        ({"from_on": "2027-02-05", "until_on": "2027-02-01"}, "until_on"),
        ({"from_on": "2027-02-05", "until_on": "2027-05-01"}, "until_on"),
        ({"from_on": "2400-01-01"}, "from_on"),
    ],
)
def test_days_that_cannot_be_entered_are_said_at_their_field(
    cadre: TestClient, town: Town, typed: dict[str, str], field: str
) -> None:
    """What was typed stays, and nothing changes."""
    answer = cadre.post(f"{RULES}/holidays", data=typed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert all(f'value="{value}"' in answer.text for value in typed.values())
    assert airing(town).decided == ()


def test_culture_day_is_offered_until_it_is_entered(cadre: TestClient, viewer: TestClient, town: Town) -> None:
    """One press adds it; the law does not name it yet, so it is not assumed, and years before 2026 never had it."""
    offer = '<input type="hidden" name="from_on" value="2027-11-24">'
    assert date(2027, 11, 24) not in free_days(town)
    assert offer in cadre.get(f"{RULES}?year=2027").text
    assert offer not in viewer.get(f"{RULES}?year=2027").text
    assert "2025-11-24" not in cadre.get(f"{RULES}?year=2025").text
    cadre.post(f"{RULES}/holidays", data={"from_on": "2027-11-24"})
    assert date(2027, 11, 24) in free_days(town)
    assert offer not in cadre.get(f"{RULES}?year=2027").text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECRETARY])
def test_others_read_the_rules_and_change_nothing(browser: Browser, town: Town, role: Role) -> None:
    """They are offered no press, and refused."""
    someone = browser(role)
    page = someone.get(RULES).text
    assert "/strike" not in page
    assert "disabled" in page
    assert someone.post(RULES, data={"gap_minutes": "5"}).status_code == 403
    assert someone.post(f"{RULES}/holidays", data={"from_on": "2027-09-01"}).status_code == 403
    assert airing(town).gap_minutes == 60


@pytest.mark.parametrize("year", ["1850", "2300", "x", "²⁰²⁶"])
def test_a_year_that_cannot_be_shown_is_this_year(viewer: TestClient, year: str) -> None:
    """A mistyped address is answered all the same."""
    assert "01/01/2026" in words(viewer.get(f"{RULES}?year={year}").text)
