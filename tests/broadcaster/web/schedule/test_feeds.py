"""A village's programme for calendars and players: what they get, and that nobody else's is behind an address."""

import re
from datetime import UTC, datetime, time
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from sqlalchemy import select
from starlette.testclient import TestClient

from broadcaster.accounts.models import Role
from broadcaster.app import create_app
from broadcaster.publishing import feeds
from content.kernel.audit import AuditEntry
from content.kernel.db import unit_of_work
from schedules.models import Occurrence
from schedules.planner import Relay
from tests.broadcaster.web.conftest import Browser, Town, words

LONG = "Tiêm phòng dại cho chó, mèo; thu phí \\ vệ sinh trên địa bàn toàn xã Cốc San"


@pytest.fixture
def stranger(town: Town) -> TestClient:
    """A calendar or a player: without cookies."""
    return TestClient(create_app(town.station), base_url="https://loa.example", raise_server_exceptions=False)


def token_of(town: Town, village: int = 0) -> str:
    with unit_of_work(town.station.sessions, writes=False) as session:
        token = feeds.token_of(session, town.station.signer, town.villages[village])
        assert token
        return token


def feed(town: Town, village: int = 0) -> str:
    return f"/feeds/{token_of(town, village)}"


def aired(town: Town, title: str = LONG) -> None:
    town.slot()
    town.approved(title=title)
    town.plan()


def unfolded(body: bytes) -> list[str]:
    """The lines of an iCalendar file. Source: RFC 5545, 3.1."""
    return body.replace(b"\r\n ", b"").decode().split("\r\n")


def test_the_calendar_holds_each_occurrence(stranger: TestClient, town: Town) -> None:
    """Under its uuid, at its instant in UTC, with its titles; read by the library and line by line."""
    aired(town)
    answer = stranger.get(f"{feed(town)}/village.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(answer.content).events
    with unit_of_work(town.station.sessions, writes=False) as session:
        query = select(Occurrence).where(Occurrence.village_id == town.villages[0].id).order_by(Occurrence.starts_at)
        known = [(str(one.uuid), one.starts_at, one.ends_at) for one in session.scalars(query)]
    assert [(event["uid"], event.start, event.end) for event in events] == known
    assert len(events) == 3
    assert events[0]["description"] == f"17:30 {LONG}"
    lines = unfolded(answer.content)
    assert f"DTSTART:{datetime(2026, 11, 22, 10, 30, tzinfo=UTC):%Y%m%dT%H%M%SZ}" in lines
    escaped = LONG.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    assert f"DESCRIPTION:17:30 {escaped}" in lines
    assert "SUMMARY:Bản tin chiều" in lines


def test_the_calendar_names_the_station_that_is_relayed(stranger: TestClient, town: Town) -> None:
    """After what is announced; where a slot only relays, its event leads to no sound, since nobody has any before."""
    for start, station in ((time(17, 30), "VOV1"), (time(19), "VOV2")):
        town.slot(start, relay=Relay("https://vov.example/live", station))
    town.approved(title="Cắt điện", times_per_day=1)
    town.plan()
    first, second, *_ = Calendar.from_ical(stranger.get(f"{feed(town)}/village.ics").content).events
    assert (first["description"], second["description"]) == ("17:30 Cắt điện\n17:30 VOV1", "19:00 VOV2")
    assert ("url" in first, "url" in second) == (True, False)


def test_no_line_of_the_calendar_is_too_long(stranger: TestClient, town: Town) -> None:
    """75 octets at most, each ended by CRLF, and no letter is cut in two."""
    aired(town, title="ỗ" * 150)
    body = stranger.get(f"{feed(town)}/village.ics").content
    assert body.endswith(b"\r\n")
    for line in body.split(b"\r\n"):
        assert len(line) <= 75
        assert "\n" not in line.decode()


def test_a_later_plan_gives_an_event_a_higher_number(stranger: TestClient, town: Town) -> None:
    """So that clients take the change; what did not change keeps its number."""
    aired(town)
    before = Calendar.from_ical(stranger.get(f"{feed(town)}/village.ics").content).events
    town.clock.pass_by(minutes=1)
    town.approved(title="Cắt điện", from_on=before[1].start.date())
    town.plan()
    after = Calendar.from_ical(stranger.get(f"{feed(town)}/village.ics").content).events
    assert [event["uid"] for event in after] == [event["uid"] for event in before]
    assert after[0]["sequence"] == before[0]["sequence"]
    assert after[1]["sequence"] > before[1]["sequence"]


def test_who_knows_it_already_gets_nothing(stranger: TestClient, town: Town) -> None:
    """The same programme has the same ETag; another one does not."""
    aired(town)
    first = stranger.get(f"{feed(town)}/village.ics")
    known = {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    again = stranger.get(f"{feed(town)}/village.ics", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    town.approved(title="Cắt điện")
    town.plan()
    assert stranger.get(f"{feed(town)}/village.ics", headers=known).status_code == 200


def test_the_playlist_names_each_sound_and_where_it_is(stranger: TestClient, town: Town) -> None:
    """Extended M3U in UTF-8: whole seconds, title in one line, an address that answers without a login."""
    aired(town)
    answer = stranger.get(f"{feed(town)}/today.m3u8")
    assert answer.headers["content-type"] == "audio/x-mpegurl; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[0] == "#EXTM3U"
    assert f"#EXTINF:24,17:30 {LONG}" in lines
    (address,) = [line for line in lines if not line.startswith("#")]
    assert address.startswith("https://loa.example/feeds/")
    assert address.endswith(".ogg")
    sound = stranger.get(urlsplit(address).path)
    assert sound.headers["content-type"] == "audio/ogg"
    assert sound.content.startswith(b"sound of")
    assert stranger.head(urlsplit(address).path).status_code == 200


def test_an_occurrence_has_a_playlist_and_a_file(stranger: TestClient, town: Town) -> None:
    """Its own address holds what it airs and nothing of the other days."""
    aired(town)
    event = Calendar.from_ical(stranger.get(f"{feed(town)}/village.ics").content).events[1]
    assert str(event["url"]) == f"https://loa.example{feed(town)}/occurrences/{event['uid']}.ogg"
    playlist = stranger.get(f"{feed(town)}/occurrences/{event['uid']}.m3u8").text
    assert "#PLAYLIST:Ún Tà, Bản tin chiều, 17:30 23/11/2026" in playlist
    assert playlist.count("#EXTINF") == 1


def test_a_day_without_anything_is_an_empty_playlist(stranger: TestClient, town: Town) -> None:
    """Players open it and stop."""
    assert stranger.get(f"{feed(town)}/today.m3u8").text.splitlines()[0] == "#EXTM3U"
    assert "EXTINF" not in stranger.get(f"{feed(town)}/today.m3u8").text


def test_a_village_opens_only_its_own(stranger: TestClient, town: Town) -> None:
    """What is planned elsewhere, or nowhere, cannot be had with this village's token."""
    town.slot()
    town.approved(title="Cắt điện", villages=town.villages[:1])
    waiting = town.rendered(title="Chờ duyệt", texts={"vi": "Chưa ai được nghe câu này."})
    town.plan()
    playlist = stranger.get(f"{feed(town)}/today.m3u8").text
    media = re.findall(r"media/([0-9a-f]{64}\.ogg)", playlist)[0]
    uuid = Calendar.from_ical(stranger.get(f"{feed(town)}/village.ics").content).events[0]["uid"]
    assert stranger.get(f"{feed(town)}/media/{media}").status_code == 200
    assert stranger.get(f"{feed(town, 1)}/media/{media}").status_code == 404
    assert stranger.get(f"{feed(town, 1)}/occurrences/{uuid}.m3u8").status_code == 404
    assert stranger.get(f"{feed(town, 1)}/occurrences/{uuid}.ogg").status_code == 404
    unheard = town.station.store.put(f"sound of {waiting.parts[0].reading}".encode())
    assert stranger.get(f"{feed(town)}/media/{unheard}.ogg").status_code == 404


@pytest.mark.parametrize("token", ["guessed", "%20", "a" * 32, "../x"])
def test_a_guessed_token_opens_nothing(stranger: TestClient, town: Town, token: str) -> None:
    """Nor does one with a letter changed."""
    aired(town)
    good = token_of(town)
    other = token_of(town, 1)
    for forged in (token, good[:-2] + ("aa" if not good.endswith("aa") else "bb"), good[:32] + other[32:]):
        assert stranger.get(f"/feeds/{forged}/village.ics").status_code == 404


@pytest.mark.parametrize("name", ["%", "_" * 64, "'" * 64, "[" + "0" * 63])
def test_a_name_that_is_none_finds_nothing(stranger: TestClient, town: Town, name: str) -> None:
    """The search for a sound takes names, not patterns."""
    aired(town)
    assert stranger.get(f"{feed(town)}/media/{name}.ogg").status_code == 404


def test_the_page_gives_the_addresses_of_each_village(viewer: TestClient, town: Town) -> None:
    """Whoever is logged in finds them, with what to do with them."""
    page = words(viewer.get("/schedule/feeds").text)
    for village in range(len(town.villages)):
        assert f"{feed(town, village)}/village.ics" in page
        assert f"{feed(town, village)}/today.m3u8" in page
    assert "webcal://" in page


def test_a_new_address_takes_the_place_of_the_old_one(stranger: TestClient, cadre: TestClient, town: Town) -> None:
    """The old one opens nothing from then on, its sounds neither; other villages keep theirs."""
    aired(town)
    old, neighbour = feed(town), feed(town, 1)
    playlist = stranger.get(f"{old}/today.m3u8").text
    sound = urlsplit(next(line for line in playlist.splitlines() if "/media/" in line)).path
    assert stranger.get(sound).status_code == 200
    answer = cadre.post("/schedule/feeds/un-ta/renew")
    assert answer.headers["location"] == "/schedule/feeds?did=feed-renewed&village=un-ta#un-ta"
    assert feed(town) != old
    for address in (f"{old}/village.ics", f"{old}/today.m3u8", sound):
        assert stranger.get(address).status_code == 404
    assert stranger.get(f"{feed(town)}/village.ics").status_code == 200
    assert stranger.get(f"{neighbour}/village.ics").status_code == 200
    page = words(cadre.get(answer.headers["location"]).text)
    assert f"{feed(town)}/village.ics" in page
    assert old not in page
    with unit_of_work(town.station.sessions, writes=False) as session:
        acts = session.scalars(select(AuditEntry.act).where(AuditEntry.actor == town.people[Role.CADRE].uuid)).all()
    assert "feed.renewed" in acts


def test_an_address_is_shut_and_opened_again(stranger: TestClient, cadre: TestClient, town: Town) -> None:
    """Shut, nobody fetches anything and the page says so; restored, it is the same address."""
    aired(town)
    address = feed(town)
    shut = cadre.post("/schedule/feeds/un-ta/shut").headers["location"]
    assert stranger.get(f"{address}/village.ics").status_code == 404
    page = words(cadre.get(shut).text)
    assert 'action="/schedule/feeds/un-ta/reopen"' in page
    assert address not in page
    cadre.post("/schedule/feeds/un-ta/reopen")
    assert feed(town) == address
    assert stranger.get(f"{address}/village.ics").status_code == 200
    cadre.post("/schedule/feeds/un-ta/shut")
    cadre.post("/schedule/feeds/un-ta/renew")
    assert stranger.get(f"{feed(town)}/village.ics").status_code == 200
    assert stranger.get(f"{address}/village.ics").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SECRETARY])
def test_only_who_changes_the_schedule_is_offered_new_addresses(browser: Browser, role: Role) -> None:
    """Others see the addresses and no more."""
    assert "/renew" not in browser(role).get("/schedule/feeds").text
