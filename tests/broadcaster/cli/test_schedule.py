"""`broadcaster slots`, `bookings` and `plan`: the schedule from a terminal."""

import re
from pathlib import Path

import numpy as np
import pytest
from icalendar import Calendar
from sqlalchemy import select
from typer.testing import CliRunner

from audio_out.codecs import RATE, Codec, Pcm, decode, encode
from broadcaster.cli import app
from broadcaster.cli.plan_files import FeedShut, NoSuchKind, WhichVillage
from broadcaster.publishing import service as publishing
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from broadcaster.web.schedule.evening import SoundIncomplete
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune, villages_of
from content.kernel.units import Sha256
from schedules import queries
from schedules.errors import BadRelay, FixedByLaw
from schedules.models import CueRow
from tests import factories
from tests.conftest import HandClock

runner = CliRunner(env={"COLUMNS": "400"})


@pytest.fixture
def installed(sample_folder: Path, monkeypatch: pytest.MonkeyPatch, clock: HandClock) -> Station:
    """The sample commune without its trial slot."""
    opened = open_station(Settings(), clock)
    monkeypatch.setattr("broadcaster.station.SystemClock", lambda: clock)
    for slot in re.findall(r"[0-9a-f-]{36}", run("slots", "list")):
        run("slots", "cancel", slot)
    return opened


def run(*words: str) -> str:
    result = runner.invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def the_only_commune(session: object) -> Node:
    found = the_commune(session)  # type: ignore[arg-type]
    assert found is not None
    return found


def planned(opened: Station) -> None:
    """An announcement of five seconds at half past five, in all villages."""
    run("slots", "add", "Chiều", "--at", "17:30", "--minutes", "5", "--from", "2026-11-22", "--until", "2026-11-22")
    tone = encode(Pcm(np.full(RATE * 5, 9000, np.int16), RATE), Codec.OPUS)
    with unit_of_work(opened.sessions) as session:
        commune = the_only_commune(session)
        factories.approved(session, commune, villages_of(session, commune), opened.clock.now(), title="Họp thôn")
        publishing.plan_and_publish(session, commune, opened.press(), opened.clock.now())
        for media in session.scalars(select(CueRow.media)):
            path = opened.store.path(Sha256(media[0]))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tone)


def test_a_slot_relays_a_station(installed: Station) -> None:
    """Added with it, named, and ended; an address that is none is refused."""
    url = "https://vov.example/vov1.m3u8"
    uuid = run("slots", "add", "Sáng", "--at", "05:30", "--minutes", "30", "--relay", url)
    assert f"vov.example {url}" in run("slots", "list")
    run("slots", "change", uuid, "--station", "VOV1")
    assert f"VOV1 {url}" in run("slots", "list")
    run("slots", "change", uuid, "--relay", "none")
    assert url not in run("slots", "list")
    with pytest.raises(BadRelay):
        run("slots", "change", uuid, "--relay", "vov.vn")


def test_a_slot_is_added_changed_cancelled_and_reopened(installed: Station) -> None:
    """With its lunar days, exceptions and chimes."""
    uuid = run("slots", "add", "Chiều", "--at", "17:30", "--minutes", "15", "--but-not", "tet", "--opening-chime")
    shown = run("slots", "list")
    assert all(said in shown for said in ("Chiều", "17:30", "FREQ=DAILY", "lunar:-1/12", "opening", "un-ta"))
    run(
        "slots", "change", uuid, "--rrule", "once", "--also", "lunar:1,lunar:15", "--but-not", "", "--villages", "un-ta"
    )
    shown = run("slots", "list")
    assert "lunar:1,lunar:15" in shown
    assert "lunar:-1/12" not in shown
    assert "an-san" not in shown
    run("slots", "cancel", uuid)
    assert "Chiều" not in run("slots", "list")
    run("slots", "reopen", uuid)
    assert "Chiều" in run("slots", "list")


def test_holidays_are_shown_and_entered(installed: Station) -> None:
    """By the law, then as decided, then by the law again."""
    by_law = run("slots", "holidays", "2027")
    assert "2027-02-09" in by_law
    decided = "2027-02-04,2027-02-05,2027-02-06,2027-02-07,2027-02-08,2027-09-01"
    entered = run("slots", "holidays", "2027", "--decided", decided)
    assert entered.splitlines()[1:6] == decided.split(",")[:5]
    assert run("slots", "holidays", "2027") == entered
    assert run("slots", "holidays", "2027", "--decided", "") == by_law


def test_a_booking_is_listed_and_narrowed_and_the_plan_tells_why(installed: Station) -> None:
    """From the approved announcement to one village, with the chime and every reason."""
    run("slots", "add", "Chiều", "--at", "17:30", "--minutes", "1", "--opening-chime", "--from", "2026-11-22")
    with unit_of_work(installed.sessions) as session:
        commune = the_only_commune(session)
        villages = villages_of(session, commune)
        for title in ("Họp thôn", "Tiêm phòng"):
            factories.approved(session, commune, villages, installed.clock.now(), title=title)
        second = queries.bookings(session, commune)[1].uuid
    shown = run("bookings", "list")
    assert all(said in shown for said in ("Họp thôn", "1 a day", "any", str(second)))
    run("bookings", "change", str(second), "--villages", "un-ta", "--times", "1")
    with unit_of_work(installed.sessions) as session:
        publishing.plan_and_publish(session, the_only_commune(session), installed.press(), installed.clock.now())
    shown = run("plan", "--village", "un-ta", "--date", "2026-11-22")
    assert all(said in shown for said in ("opens", "first_room (repeat 1", "no_room (needs_ms 30000"))
    assert "a change made now airs from 2026-11-22 17:30 on" in shown
    assert "no_room" not in run("plan", "--village", "an-san", "--date", "2026-11-22")


def test_the_gap_is_set(installed: Station) -> None:
    """For the whole commune."""
    run("slots", "gap", "20")
    with unit_of_work(installed.sessions, writes=False) as session:
        assert queries.commune_airing(session, the_only_commune(session)).gap_minutes == 20


def test_a_holiday_is_added_and_struck(installed: Station) -> None:
    """Beside those that count already; one of the law stays."""
    by_law = run("slots", "holidays", "2027").splitlines()
    assert run("slots", "holidays", "2027", "--add", "2027-11-24").splitlines() == sorted([*by_law, "2027-11-24"])
    assert run("slots", "holidays", "2027", "--strike", "2027-11-24").splitlines() == by_law
    with pytest.raises(FixedByLaw):
        run("slots", "holidays", "2027", "--strike", "2027-09-02")


def test_a_booking_gets_a_gap_and_a_turn(installed: Station) -> None:
    """Its own gap and back to the commune's; before another one and last."""
    with unit_of_work(installed.sessions) as session:
        commune = the_only_commune(session)
        for title in ("Họp thôn", "Tiêm phòng"):
            factories.approved(session, commune, villages_of(session, commune), installed.clock.now(), title=title)
        first, second = (str(booking.uuid) for booking in queries.bookings(session, commune))
    run("bookings", "change", second, "--gap", "15", "--before", first)
    assert re.findall(r"[0-9a-f-]{36}", run("bookings", "list")) == [second, first]
    assert " 15 " in run("bookings", "list")
    run("bookings", "change", second, "--gap", "commune", "--before", "last")
    assert re.findall(r"[0-9a-f-]{36}", run("bookings", "list")) == [first, second]
    assert " 15 " not in run("bookings", "list")


def test_a_relay_falls_back_on_an_announcement(installed: Station) -> None:
    """Chosen with the slot or later; a change of its name keeps it; the chime takes its place again."""
    with unit_of_work(installed.sessions) as session:
        commune = the_only_commune(session)
        revision = factories.approved(session, commune, villages_of(session, commune), installed.clock.now())
        announcement = str(revision.announcement.uuid)
    url = "https://vov.example/vov1.m3u8"
    slot = run("slots", "add", "Sáng", "--at", "05:30", "--minutes", "30", "--relay", url, "--instead", announcement)
    assert announcement in run("slots", "list")
    run("slots", "change", slot, "--station", "VOV1")
    assert f"VOV1 {url} or {announcement}" in run("slots", "list")
    run("slots", "change", slot, "--instead", "chime")
    assert announcement not in run("slots", "list")
    assert f"VOV1 {url}" in run("slots", "list")


def test_a_feed_gets_a_new_address_is_shut_and_opened(installed: Station) -> None:
    """The list shows what counts now."""

    def address() -> str:
        line = next(line for line in run("feeds", "list").splitlines() if "un-ta" in line)
        return line.split("│")[2].strip()

    first = address()
    run("feeds", "renew", "un-ta")
    second = address()
    assert first != second
    run("feeds", "shut", "un-ta")
    assert address() == "shut"
    run("feeds", "reopen", "un-ta")
    assert address() == second


def test_the_plan_is_written_as_files(installed: Station, tmp_path: Path) -> None:
    """Sounds, playlist, calendar and notice of the day that is named, with the server's address that is named."""
    planned(installed)
    files = [tmp_path / f"un-ta.{ending}" for ending in ("ogg", "m3u8", "ics", "html")]
    words = [word for file in files for word in ("--to", str(file))]
    on = ("--date", "2026-11-22", "--village", "un-ta", "--server", "https://loa.example/")
    assert run("plan", *on, *words).count(" bytes") == 4
    sound, playlist, calendar, notice = (file.read_bytes() for file in files)
    assert decode(sound).duration_ms >= 4_900
    assert "https://loa.example/feeds/" in playlist.decode()
    assert "17:30 Họp thôn" in playlist.decode()
    (event,) = Calendar.from_ical(calendar).events
    assert event["location"] == "Ún Tà"
    assert "Họp thôn" in notice.decode()
    assert "<style>" in notice.decode()


def test_a_file_that_cannot_be_written_is_refused(installed: Station, tmp_path: Path) -> None:
    """Another ending, no village, a shut address, a day without sounds."""
    planned(installed)
    un_ta = ("plan", "--date", "2026-11-22", "--village", "un-ta", "--to")
    with pytest.raises(NoSuchKind):
        run(*un_ta, "a.doc")
    with pytest.raises(WhichVillage):
        run("plan", "--to", str(tmp_path / "a.ogg"))
    with pytest.raises(SoundIncomplete):
        run("plan", "--date", "2027-11-22", "--village", "un-ta", "--to", str(tmp_path / "a.ogg"))
    run("feeds", "shut", "un-ta")
    with pytest.raises(FeedShut):
        run(*un_ta, str(tmp_path / "a.ics"))
    assert list(tmp_path.glob("a.*")) == []
