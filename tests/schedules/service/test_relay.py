"""Slots that relay a station, from what is typed to what players are told."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from content.kernel.audit import AuditEntry
from schedules import queries
from schedules.errors import BadRelay
from schedules.planner import CueKind, Relay
from schedules.service import cancel_slot, change_slot
from tests.schedules.service.conftest import NOW, SUNDAY, Station

URL = "https://vov.example/vov1.m3u8"


def cues_of_today(station: Station) -> list[str]:
    planned = queries.day_plan(station.session, station.commune, SUNDAY, village=station.villages[0])
    return [cue.kind for occurrence in planned for cue in queries.cues(occurrence)]


@pytest.mark.parametrize(
    "url",
    ["", "vov.vn", "file:///etc/passwd", "rtmp://a.example/x", "http://", "http://[", "http://a b/", "http://a:x/"],
)
def test_only_addresses_of_the_web_are_relayed(station: Station, url: str) -> None:
    """What is no http address is refused at its field."""
    with pytest.raises(BadRelay) as refused:
        station.slot(relay=Relay(url, "VOV1"))
    assert refused.value.field == "relay_url"
    with pytest.raises(BadRelay):
        station.slot(relay=Relay(f"http://a.example/{'x' * 2000}", "VOV1"))


def test_a_relay_is_called_by_its_host_unless_it_has_a_name(station: Station) -> None:
    """Spaces around what was typed go."""
    assert station.slot("05:00", relay=Relay(f" {URL} ", " ")).relay == Relay(URL, "vov.example")
    assert station.slot("17:00", relay=Relay(URL, " VOV1 ")).relay == Relay(URL, "VOV1")


def test_a_relay_is_planned_behind_the_announcements_and_in_slots_without_any(station: Station) -> None:
    """Each opening has its relay; the playlist holds the address; planning again changes nothing."""
    station.slot(minutes=30, relay=Relay(URL, "VOV1"))
    station.book()
    assert station.replan().changes.added
    assert cues_of_today(station) == [CueKind.SPEECH, CueKind.RELAY]
    told = [json.loads(data)["cues"] for data in station.shelf.values()]
    assert {"relay": {"url": URL}}.items() <= told[0][-1].items()
    assert not station.replan().changes.changed


def test_a_change_of_a_slot_keeps_its_relay_unless_it_says_so(station: Station) -> None:
    """None keeps it, a relay replaces it, False ends it; the audit names the address."""
    slot = station.slot(relay=Relay(URL, "VOV1"))
    same = {"name": slot.name, "rule": slot.rule, "villages": station.villages, "now": NOW}
    change_slot(station.session, station.commune, slot, **same)
    assert slot.relay == Relay(URL, "VOV1")
    change_slot(station.session, station.commune, slot, relay=Relay("http://tinh.example/", "Đài tỉnh"), **same)
    assert slot.relay_title == "Đài tỉnh"
    change_slot(station.session, station.commune, slot, relay=False, **same)
    assert slot.relay is None
    entries = station.session.scalars(select(AuditEntry).where(AuditEntry.act.in_(["slot.opened", "slot.changed"])))
    assert [entry.facts.get("relay") for entry in entries] == [URL, URL, "http://tinh.example/", None]


def test_a_cancelled_slot_stops_relaying_at_once(station: Station) -> None:
    """Also within the freeze window and while it sounds."""
    slot = station.slot("17:00", 60, relay=Relay(URL, "VOV1"))
    station.replan()
    during = NOW + timedelta(hours=5, minutes=10)
    station.replan(during)
    assert cues_of_today(station) == [CueKind.RELAY]
    cancel_slot(station.session, slot, during)
    station.replan(during)
    assert cues_of_today(station) == []
