"""Figures and files of a report: one description, three forms, nothing that a spreadsheet runs or a font lacks."""

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from unicodedata import normalize
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import openpyxl
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from broadcaster import i18n
from broadcaster.alerts.calls import Call
from broadcaster.alerts.models import Alert
from broadcaster.asrun.models import Airing, HearingLink
from broadcaster.asrun.models import Hearing as HearingRow
from broadcaster.asrun.reckoning import Shown
from broadcaster.protocol import AlertScope
from broadcaster.reports import files, queries
from broadcaster.reports.as_csv import to_csv
from broadcaster.reports.figures import Group, Report, sums_of
from broadcaster.reports.files import Form
from broadcaster.reports.spans import Span, SpanKind
from broadcaster.reports.tables import Column, Kind, Table
from content.kernel.nodes import Node

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ON = date(2026, 11, 18)
AT = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
NOW = AT + timedelta(days=3)
WEEK = Span.around(SpanKind.WEEK, ON)
VACCINES, POWER = UUID(int=1, version=4), UUID(int=2, version=4)


def airing(session: Session, village: Node, uuid: UUID, outcome: str, **changes: object) -> Airing:
    heard = outcome in {Shown.AIRED, Shown.PARTIAL}
    columns: dict[str, object] = {
        "occurrence_uuid": uuid4(),
        "cue_key": f"{uuid}/vi/1",
        "local_on": ON,
        "hour": 17,
        "planned_at": AT,
        "due_at": AT + timedelta(minutes=1),
        "kind": "speech",
        "title": "=Tiêm chủng mở rộng" if uuid == VACCINES else "Lịch cắt điện",
        "language": "vi",
        "priority": "important" if uuid == VACCINES else "routine",
        "announcement_uuid": uuid,
        "duration_ms": 60_000,
        "media": ["a" * 64],
        "is_synthetic": True,
        "is_planned": True,
        "is_exercise": False,
        "outcome": outcome,
        "sounded_ms": 60_000 if heard else 0,
        "late_ms": 12 if heard else None,
    }
    line = Airing(village_id=village.id, **{**columns, **changes})
    session.add(line)
    session.flush()
    return line


@pytest.fixture
def report(session: Session, commune: Node, villages: list[Node]) -> Report:
    """A week in two villages: the second never heard the vaccines whole, and its people heard no power cuts."""
    one, two = villages
    airing(session, one, VACCINES, "aired")
    airing(session, two, VACCINES, "missing")
    airing(session, two, VACCINES, "partial", sounded_ms=30_000, late_ms=4000, reason="power_cut", language="pcc")
    airing(session, one, POWER, "aired", planned_at=AT + timedelta(hours=1), hour=18)
    said = airing(session, two, POWER, "aired", planned_at=AT + timedelta(hours=1), hour=18, priority="important")
    airing(session, one, POWER, "aired", is_exercise=True, kind="alert", is_planned=False, announcement_uuid=None)
    airing(session, one, POWER, "waiting", local_on=WEEK.last)
    link = HearingLink(village_id=two.id, made_by=uuid4(), made_at=NOW)
    session.add(link)
    session.flush()
    session.add(
        HearingRow(
            village_id=two.id,
            link_id=link.id,
            occurrence_uuid=said.occurrence_uuid,
            cue_group=str(POWER),
            verdict="silent",
            words="",
            at=NOW,
        )
    )
    session.flush()
    return queries.report(session, commune, WEEK, NOW)


def test_sums_agree_with_the_log(report: Report) -> None:
    """What is due is the sum of its outcomes; waiting, exercises and what was not planned stand outside."""
    sums = report.sums
    assert (sums.planned, sums.heard, sums.begun, sums.on_time) == (5, 3, 4, 3)
    assert sums.outcomes == Counter(aired=3, partial=1, missing=1, waiting=1)
    assert sums.airtime_ms == 3 * 60_000 + 30_000
    assert (report.calls, report.exercises) == (0, 1)
    assert list(report.lateness) == [3, 0, 1, 0, 0]
    assert report.heat[report_village(report, 1), 17] == Counter(missing=1, partial=1)


def report_village(report: Report, place: int) -> int:
    return sorted({village for village, _ in report.heat})[place]


def test_effort_counts_a_moment_once(report: Report) -> None:
    """What sounded in two villages at once would have been read once; the longest of them counts."""
    assert report.effort_ms == 60_000 + 60_000


def test_what_was_important_and_not_heard_names_its_villages(report: Report) -> None:
    """Not aired whole once, or people heard nothing although the player says that it aired."""
    told = {one.title: (one.not_aired, one.said_silent) for one in report.unheard}
    assert told == {"=Tiêm chủng mở rộng": (("An San",), ()), "Lịch cắt điện": ((), ("An San",))}


def call(session: Session, commune: Node, villages: list[Node], title: str, **changes: object) -> Alert:
    """A real emergency call of these villages, on a day of the week."""
    said = Call(title=title, lines=(), villages=tuple(village.uuid for village in villages))
    columns: dict[str, object] = {
        "scope": AlertScope.ACTUAL,
        "audible": True,
        "title": title,
        "origin": "page",
        "raised_at": AT,
        "version": 1,
        "expires_at": AT + timedelta(minutes=30),
        "call": said.model_dump(mode="json"),
    }
    made = Alert(node_id=commune.id, **{**columns, **changes})
    session.add(made)
    session.flush()
    return made


def repeat(session: Session, village: Node, of: Alert, outcome: str, **changes: object) -> None:
    facts: dict[str, object] = {
        "occurrence_uuid": of.uuid,
        "cue_key": "alert/1/1",
        "kind": "alert",
        "is_planned": False,
        "is_synthetic": False,
        "announcement_uuid": None,
        "sounded_ms": 9000,
    }
    airing(session, village, POWER, outcome, **facts | changes)


def test_a_call_that_people_stopped_is_told_as_stopped(session: Session, commune: Node, villages: list[Node]) -> None:
    """It was heard for as long as it was meant: neither a cut, nor an airing without a plan, nor missed by anybody."""
    made = call(session, commune, villages, "Lũ quét")
    for village in villages:
        repeat(session, village, made, "aired")
        repeat(session, village, made, "stopped", cue_key="alert/1/2", reason="withdrawn")
    told = queries.report(session, commune, WEEK, NOW)
    assert (told.calls, told.stopped, told.sums.unplanned, told.sums.planned) == (1, 1, 0, 0)
    assert told.sums.airtime_ms == 4 * 9000
    assert told.unheard == []


def test_a_village_that_missed_a_call_is_named(session: Session, commune: Node, villages: list[Node]) -> None:
    """Also one that never said anything; not while the call goes on, nor where it was taken back at once."""
    made = call(session, commune, villages, "Lũ quét")
    repeat(session, villages[0], made, "stopped")
    call(session, commune, villages, "Nhầm", cancelled_at=AT + timedelta(seconds=20))
    call(session, commune, villages, "Diễn tập", scope=AlertScope.EXERCISE)
    call(session, commune, villages, "Đang phát", raised_at=NOW - timedelta(minutes=1), expires_at=NOW)
    call(session, commune, villages, "Tháng trước", raised_at=AT - timedelta(days=30))
    told = queries.report(session, commune, WEEK, NOW).unheard
    assert [(one.title, one.priority, one.not_aired) for one in told] == [("Lũ quét", "emergency", ("An San",))]


def test_coverage_is_told_by_village_and_language(report: Report) -> None:
    """Each language of each village has its own share."""
    told = [
        {language: (sums.planned, sums.heard) for language, sums in one.languages.items()} for one in report.villages
    ]
    assert told == [{"vi": (2, 2)}, {"vi": (2, 1), "pcc": (1, 0)}]
    assert report.villages[1].health.power_cuts == 1


groups = st.lists(
    st.builds(
        Group,
        st.integers(1, 3),
        st.sampled_from(["vi", "pcc"]),
        st.integers(0, 23),
        st.sampled_from([str(one) for one in Shown]),
        st.booleans(),
        st.just(value=False),
        st.integers(1, 9),
        st.integers(0, 10**6),
        st.just(0),
        st.just(0),
    ),
    max_size=30,
)


@given(groups)
def test_outcomes_always_add_up(made: list[Group]) -> None:
    """Every due cue stands under exactly one outcome, however they are grouped."""
    sums = sums_of(made)
    outcomes = Counter(sums.outcomes)
    waiting = outcomes.pop(Shown.WAITING, 0)
    assert outcomes.total() == sums.planned
    assert sums.planned + waiting + sums.unplanned == sum(group.count for group in made)
    assert sums.heard == outcomes[Shown.AIRED]


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [("day", "2026-11-18", "2026-11-18"), ("week", "2026-11-16", "2026-11-22"), ("month", "2026-11-01", "2026-11-30")],
)
def test_spans_follow_the_calendar(kind: str, first: str, last: str) -> None:
    """A week begins on Monday; before and after touch it."""
    span = Span.around(SpanKind(kind), ON)
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)
    assert (span.before.last, span.after.first) == (span.first - timedelta(days=1), span.last + timedelta(days=1))


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(report: Report) -> None:
    """UTF-8 with its mark, semicolons and decimal commas for Vietnamese settings, formulas told to be text."""
    name, content = files.made(report, Form.CSV, i18n.load("vi"), ZONE)
    assert name == "phat-thanh-tuan-2026-11-16.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert ["xã Cốc San"] in rows
    assert ["An San", "3", "1", "1", "1", "33,3%", "50,0%", "1,5"] in rows
    assert any(row[:1] == ["'=Tiêm chủng mở rộng"] for row in rows)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    other = files.made(report, Form.CSV, i18n.load("en"), ZONE, comma=True)[1].decode("utf-8-sig")
    assert ["An San", "3", "1", "1", "1", "33.3%", "50.0%", "1.5"] in list(csv.reader(io.StringIO(other)))


@pytest.mark.parametrize("typed", ["=1+1", "+84", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_of_a_csv_is_a_formula(typed: str) -> None:
    """Whatever people typed."""
    table = Table(typed, (Column(typed, Kind.TEXT),), ((typed,),))
    rows = csv.reader(io.StringIO(to_csv([typed], [table], ZONE).decode("utf-8-sig"), newline=""), delimiter=";")
    assert [cell[:1] for row in rows for cell in row] == ["'"] * 4


def test_xlsx_holds_numbers_and_dates(report: Report) -> None:
    """Counts, shares and instants can be reckoned with; headings stay in sight; text is never a formula."""
    content = files.made(report, Form.XLSX, i18n.load("vi"), ZONE)[1]
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[2]
    assert [cell.value for cell in sheet[5]] == ["An San", 3, 1, 1, 1, pytest.approx(1 / 3), 0.5, 1.5]
    assert sheet["F5"].number_format == "0.0%"
    assert sheet.freeze_panes == "B4"
    cells = [cell for one in book for row in one.iter_rows() for cell in row]
    assert "=Tiêm chủng mở rộng" in [cell.value for cell in cells if cell.data_type == "s"]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_pdf_has_the_heads_of_a_document_and_all_diacritics(report: Report) -> None:
    """Opens, can be searched in Vietnamese, has heading and signatures, and is the same again from the same report."""
    name, content = files.made(report, Form.PDF, i18n.load("vi"), ZONE)
    assert name.endswith(".pdf")
    assert files.made(report, Form.PDF, i18n.load("vi"), ZONE)[1] == content
    with pypdfium2.PdfDocument(content) as document:
        text = " ".join("".join(page.get_textpage().get_text_range() for page in document).split())
    for said in (
        "XÃ CỐC SAN",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Tiêm chủng mở rộng",
        "(ký, ghi rõ họ tên)",
        "An San",
    ):
        assert said in text, said


@pytest.mark.parametrize("name", ["DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"])
def test_every_vietnamese_letter_is_in_the_fonts(name: str) -> None:
    """Nothing comes out as a box, in either weight."""
    marks = ["", *"\u0300\u0301\u0303\u0309\u0323"]
    letters = {normalize("NFC", letter + mark) for letter in "aăâeêioôơuưy" for mark in marks} | {"đ"}
    with TTFont(str(resources.files("broadcaster.reports") / "fonts" / name)) as font:
        known = font.getBestCmap()
    assert [
        letter for letter in sorted(letters | {letter.upper() for letter in letters}) if ord(letter) not in known
    ] == []
