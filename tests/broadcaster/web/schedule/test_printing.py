"""The week on paper."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.testclient import TestClient

from broadcaster.web.schedule.printing import Line, Title, stretches
from broadcaster.web.schedule.week import Cell, Opening, Programme, WeekDay
from content.kernel.units import DurationMs
from schedules.models import Slot
from tests.broadcaster.web.conftest import Town, words

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = date(2026, 11, 23)


def day(number: int, *programmes: Programme) -> WeekDay:
    """A day with one opening, or none."""
    slot = Slot(id=1, name="Chiều", duration_ms=DurationMs(1_200_000))
    at = datetime(2026, 11, 23, 10, 30, tzinfo=UTC) + timedelta(days=number)
    openings = (Opening(slot, at, at + timedelta(minutes=20), programmes),) if programmes else ()
    return WeekDay(MONDAY + timedelta(days=number), None, (Cell(slot, openings),))


def test_days_with_the_same_programme_are_told_once() -> None:
    """Only those that follow each other; the order of days stays."""
    same = Programme(("Ún Tà", "An San"), 60_000, ("Họp",))
    found = stretches([day(0, same), day(1, same), day(2), day(3, same)], 2, ZONE)
    assert [(one.first.on.day, one.last.on.day) for one in found] == [(23, 24), (25, 25), (26, 26)]
    assert found[0].lines == (Line("Chiều", "17:30–17:50", (Title("Họp"),)),)
    assert found[1].lines == ()


def test_a_title_names_its_villages_only_where_others_do_not_hear_it() -> None:
    """What everybody hears needs no list."""
    one, other = Programme(("Ún Tà",), 1, ("Họp", "Điện")), Programme(("An San",), 1, ("Họp",))
    (found,) = stretches([day(0, one, other)], 2, ZONE)
    assert found.lines[0].titles == (Title("Họp"), Title("Điện", ("Ún Tà",)))
    assert found.lines[0].villages == ()


def test_a_slot_of_some_villages_names_them() -> None:
    """On a sheet for all, one sees where it opens."""
    (found,) = stretches([day(0, Programme(("Ún Tà",)))], 9, ZONE)
    assert found.lines[0].villages == ("Ún Tà",)


def test_the_sheet_looks_official(viewer: TestClient, town: Town) -> None:
    """The committee's name, the motto, the title, the programme, a line to sign."""
    town.slot()
    town.approved(title="Lịch cắt điện")
    town.plan()
    page = words(viewer.get("/schedule/print?week=2026-11-22").text)
    for text in ("Ủy ban nhân dân", "xã Cốc San", "Độc lập – Tự do – Hạnh phúc", "Lịch phát thanh", "Người lập"):
        assert text in page
    assert "17:30–17:50" in page
    assert "<strong>Bản tin chiều</strong>: Lịch cắt điện" in page
    assert "Từ ngày 16/11/2026 đến ngày 22/11/2026" in page


def test_one_village_has_its_own_sheet(viewer: TestClient, town: Town) -> None:
    """Its name is in the head, and what others hear is not there."""
    town.slot()
    town.approved(title="Lịch cắt điện", villages=town.villages[:1])
    town.plan()
    page = words(viewer.get("/schedule/print?week=2026-11-22&village=luong-lao-1").text)
    assert "22/11/2026 – Luổng Láo 1" in page
    assert "Lịch cắt điện" not in page
