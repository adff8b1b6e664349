"""`broadcaster slots`, `bookings` and `plan`: the schedule from a terminal."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broadcaster.cli import app
from broadcaster.publishing import service as publishing
from broadcaster.serve import Choice, prepare
from broadcaster.settings import Settings
from broadcaster.station import Station, open_station
from content.kernel.db import unit_of_work
from content.kernel.nodes import Node, the_commune, villages_of
from schedules import queries
from schedules.errors import BadRelay, FixedByLaw
from tests import factories
from tests.conftest import HandClock

runner = CliRunner(env={"COLUMNS": "400"})


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: HandClock) -> Station:
    """The sample commune without its trial slot, in a data folder that the commands find by the environment."""
    monkeypatch.setenv("BROADCASTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("broadcaster.serve.check_port", lambda *_: None)
    prepare(Settings(), Choice())
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
