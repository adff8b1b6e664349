"""The other pages of the log: week, life, comments, what was set aside, reports."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from broadcaster.asrun import service
from broadcaster.asrun.models import Airing, LogComment
from broadcaster.fleet.models import Player
from broadcaster.jobs import reporting
from broadcaster.notices.models import CHOSEN, Attachment, Channel, Delivery, Notice
from broadcaster.reports import orders
from broadcaster.reports.spans import SpanKind
from content.kernel.db import unit_of_work
from tests.broadcaster.web.acting import player
from tests.broadcaster.web.conftest import Browser, Town, words
from tests.broadcaster.web.log.test_day import LATE_2_S, minute, planned, report


@pytest.fixture
def heard(town: Town) -> Town:
    """One announcement, aired in Ún Tà, missing in the other village."""
    planned(town)
    report(town, "aired", 1500)
    player(town, town.villages[1])
    town.clock.pass_by(hours=1)
    minute(town)
    return town


def airing(town: Town) -> Airing:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return session.scalars(select(Airing).where(Airing.outcome == "aired")).one()


def test_an_announcements_life_is_told(heard: Town, viewer: TestClient) -> None:
    """When, where, how late, heard or not, and exactly what was sent."""
    line = airing(heard)
    page = words(viewer.get(f"/log/announcements/{line.announcement_uuid}").text)
    for said in ("Lịch cắt điện", "Ún Tà", "Luổng Láo 1", "đã phát", "chưa có báo cáo", LATE_2_S):
        assert said in page, said
    assert f'src="/media/{line.media[0]}"' in page
    assert viewer.get(f"/log/announcements/{uuid4()}").status_code == 404


def test_a_villages_week_is_told(heard: Town, viewer: TestClient) -> None:
    """A picture with its text, sums by day, and what was not heard."""
    page = words(viewer.get("/log/week?village=luong-lao-1").text)
    assert 'role="group"' in page
    assert "<desc" in page
    assert "chưa có báo cáo" in page
    assert ", 22/11/2026" in page
    assert viewer.get("/log/week?village=none&on=nonsense").status_code == 200


def test_pictures_need_no_style_of_their_own(heard: Town, viewer: TestClient) -> None:
    """The policy forbids inline styles; colours come by classes, and each place says its number."""
    for address in ("/log", "/log/week", "/reports?kind=day"):
        page = viewer.get(address).text
        assert '<svg class="heat"' in page
        assert "style=" not in page
    assert "−1" in viewer.get("/reports?kind=day").text


def test_secretaries_comment_and_take_it_back(heard: Town, browser: Browser, secretary: TestClient) -> None:
    """Said of a village's day, shown there, removed, and back; another's stays, and nothing is said by viewers."""
    form = {"text": "Loa thôn Ún Tà rè", "on": "2026-11-22", "village": "un-ta", "back": "/log?on=2026-11-22"}
    assert secretary.post("/log/comments", data=form).headers["location"] == "/log?on=2026-11-22&did=log-commented"
    assert "Loa thôn Ún Tà rè" in words(secretary.get("/log?on=2026-11-22&village=un-ta").text)
    assert "Loa thôn Ún Tà rè" not in words(secretary.get("/log?on=2026-11-22&village=luong-lao-1").text)
    with unit_of_work(heard.station.sessions, writes=False) as session:
        uuid = session.scalars(select(LogComment.uuid)).one()
    assert browser(Role.CADRE).post(f"/log/comments/{uuid}/remove").status_code == 403
    gone = secretary.post(f"/log/comments/{uuid}/remove", data={"back": "/log"}).headers["location"]
    assert f"/log/comments/{uuid}/restore" in secretary.get(gone.split("#")[0]).text
    assert "Loa thôn" not in words(secretary.get("/log").text)
    secretary.post(f"/log/comments/{uuid}/restore", data={"back": "/log"})
    assert "Loa thôn" in words(secretary.get("/log").text)
    assert browser(Role.VIEWER).post("/log/comments", data=form).status_code == 403


def test_an_empty_comment_is_said_at_its_field(heard: Town, secretary: TestClient) -> None:
    """Nothing typed is lost, and where it leads back to is never another site."""
    answer = secretary.post("/log/comments", data={"text": " ", "back": "//evil.example", "on": "x"})
    assert answer.status_code == 422
    assert 'id="text-error"' in answer.text
    assert "evil" not in answer.text
    long = secretary.post("/log/comments", data={"text": "a" * 1001})
    assert (long.status_code, "a" * 1001 in long.text) == (422, True)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_no_day(heard: Town, viewer: TestClient, day: str) -> None:
    """Such an address shows today: a week around that day has no dates."""
    for address in (f"/log?on={day}", f"/log/week?on={day}", f"/reports?kind=week&on={day}", f"/schedule?on={day}"):
        assert viewer.get(address).status_code == 200, address


def test_what_was_set_aside_is_shown_with_its_reason(heard: Town, admin: TestClient) -> None:
    """To admins, as it came; looked at it leaves the list, and can come back."""
    with unit_of_work(heard.station.sessions) as session:
        one = session.scalars(select(Player).limit(1)).one()
        service.ingest(session, one, [{"outcome": "<script>"}], heard.clock.now())
    assert "/log/quarantine" in admin.get("/log").text
    page = admin.get("/log/quarantine").text
    assert "row_uuid: Field required" in page
    assert "&lt;script&gt;" in page
    assert admin.post("/log/quarantine/1/again").headers["location"].endswith("row-not-taken")
    admin.post("/log/quarantine/1/looked")
    assert "row_uuid" not in admin.get("/log/quarantine").text
    assert "row_uuid" in admin.get("/log/quarantine?every=yes").text
    admin.post("/log/quarantine/1/reopen")
    assert "row_uuid" in admin.get("/log/quarantine").text
    assert admin.post("/log/quarantine/99/looked").status_code == 404


@pytest.mark.parametrize(("ending", "start"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")])
def test_reports_come_as_files(heard: Town, viewer: TestClient, ending: str, start: bytes) -> None:
    """Each form by its link, with a name of its own."""
    answer = viewer.get(f"/reports/file.{ending}?kind=day&on=2026-11-22")
    assert answer.content.startswith(start)
    assert f"phat-thanh-ngay-2026-11-22.{ending}" in answer.headers["content-disposition"]
    assert viewer.get("/reports/file.exe").status_code == 404


def test_an_ordered_report_is_sent_once(heard: Town, cadre: TestClient) -> None:
    """On the morning after its span is over, with its files, by the channels for reports."""
    channel(heard, "Thư")
    cadre.post("/reports/orders", data={"kinds": ["day"]})
    assert "Thư" in cadre.get("/reports/orders").text
    reporting.send_due(heard.station)
    assert letters(heard) == []
    heard.clock.pass_by(hours=14)
    for _ in range(2):
        reporting.send_due(heard.station)
    (letter,) = letters(heard)
    assert "22/11/2026" in str(letter.facts["subject"])
    with unit_of_work(heard.station.sessions, writes=False) as session:
        names = session.scalars(select(Attachment.name)).all()
    assert sorted(names) == ["phat-thanh-ngay-2026-11-22.pdf", "phat-thanh-ngay-2026-11-22.xlsx"]
    cadre.post("/reports/orders", data={})
    heard.clock.pass_by(days=1)
    reporting.send_due(heard.station)
    assert len(letters(heard)) == 1


def channel(town: Town, name: str) -> UUID:
    """A channel that is for everything."""
    with unit_of_work(town.station.sessions) as session:
        made = Channel(
            node_id=town.commune.id,
            name=name,
            service="mailto",
            shown="mailto://…",
            address_sealed=b"",
            kinds=[str(kind) for kind in CHOSEN],
            created_at=town.clock.now(),
        )
        session.add(made)
        session.flush()
        return made.uuid


def test_each_report_goes_by_the_channels_chosen_for_it(heard: Town, cadre: TestClient) -> None:
    """By no other; without any it is asked, all means later ones too; and the page tells where they are gone."""
    office, province = channel(heard, "Thư của xã"), channel(heard, "Thư của tỉnh")
    nowhere = cadre.post("/reports/orders", data={"kinds": ["day"]})
    assert nowhere.status_code == 422
    assert 'href="#channels-day"' in nowhere.text
    chosen = [f"day/{province}", f"week/{office}", f"week/{province}"]
    cadre.post("/reports/orders", data={"kinds": ["day", "week"], "channels": chosen})
    with unit_of_work(heard.station.sessions, writes=False) as session:
        living = orders.living(session, heard.commune)
    assert {kind: one.channels for kind, one in living.items()} == {"day": [str(province)], "week": None}
    heard.clock.pass_by(hours=14)
    reporting.send_due(heard.station)
    with unit_of_work(heard.station.sessions, writes=False) as session:
        sent = session.execute(
            select(Notice.facts, Channel.name).select_from(Delivery).join(Notice).join(Channel)
        ).all()
    of_day = [name for facts, name in sent if "22/11/2026" in str(facts["subject"]) and "16/11" not in str(facts)]
    assert of_day == ["Thư của tỉnh"]
    assert "care-text" not in cadre.get("/reports/orders").text
    with unit_of_work(heard.station.sessions) as session:
        session.execute(update(Channel).where(Channel.uuid == province).values(removed_at=heard.clock.now()))
    assert "care-text" in cadre.get("/reports/orders").text


def letters(town: Town) -> list[Notice]:
    with unit_of_work(town.station.sessions, writes=False) as session:
        return list(session.scalars(select(Notice)))


def test_what_was_over_when_it_was_ordered_is_not_sent(heard: Town) -> None:
    """An order looks ahead."""
    with unit_of_work(heard.station.sessions) as session:
        heard.clock.at += timedelta(hours=14)
        orders.want(session, heard.commune, SpanKind.WEEK, None, heard.clock.now())
        assert orders.due(session, heard.commune, heard.clock.now()) == []
        assert len(orders.due(session, heard.commune, heard.clock.now() + timedelta(days=7))) == 1
