"""Slots that relay a station, from what is typed to what players are told."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from content.kernel.audit import AuditEntry
from content.kernel.units import DurationMs, Sha256
from schedules import queries
from schedules.days import DAY
from schedules.errors import BadRelay, FallbackNotBooked
from schedules.models import Booking, CueRow, Slot
from schedules.planner import Chime, CueKind, Media, Relay
from schedules.service import Chimes, cancel_slot, change_slot, withdraw_booking
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


def with_standby(station: Station, **changes: object) -> tuple[Booking, Slot]:
    """An announcement of 20 s for the first village, and a slot that relays with it behind."""
    booking = station.book("Tạm nghỉ tiếp sóng", 20, villages=station.villages[:1], **changes)
    relay = Relay(URL, "VOV1", fallback=booking.announcement_uuid)
    return booking, station.slot(minutes=30, relay=relay)


def relays(station: Station, village: int = 0) -> list[CueRow]:
    planned = queries.day_plan(station.session, station.commune, SUNDAY, village=station.villages[village])
    return [cue for one in planned for cue in queries.cues(one) if cue.kind == CueKind.RELAY]


def sound_of(station: Station, booking: Booking) -> list[str]:
    return [medium.sha256 for part in station.airables[booking.revision_uuid].parts for medium in part.media]


CHIME = Chime(Media(Sha256("c" * 64), DurationMs(2000)), "opening chime")
CHIMES = {"opus/plain": Chimes(CHIME, CHIME)}


def test_an_announcement_sounds_in_a_relays_stead_where_it_is_booked(station: Station) -> None:
    """In its villages on its days; elsewhere the chime, as without any choice."""
    booking, _ = with_standby(station)
    station.replan(chimes=CHIMES)
    (here,), (there,) = relays(station), relays(station, 1)
    assert here.media == sound_of(station, booking)
    assert (here.revision_uuid, here.announcement_uuid) == (booking.revision_uuid, None)
    assert there.media == [CHIME.media.sha256]


def test_a_fallback_keeps_to_the_days_it_was_approved_for(station: Station) -> None:
    """After its last day the chime takes its place."""
    with_standby(station, until_on=SUNDAY)
    station.replan(chimes=CHIMES)
    tomorrow = queries.day_plan(station.session, station.commune, SUNDAY + DAY, village=station.villages[0])
    assert [cue.media for one in tomorrow for cue in queries.cues(one)] == [[CHIME.media.sha256]]


def test_a_fallback_needs_no_announcement_of_the_slot(station: Station) -> None:
    """What was never approved, or was withdrawn, is refused at its field; what is chosen already may stay."""
    with pytest.raises(FallbackNotBooked) as refused:
        station.slot("05:00", relay=Relay(URL, "VOV1", fallback=uuid4()))
    assert refused.value.field == "relay_fallback"
    booking, slot = with_standby(station)
    withdraw_booking(station.session, booking, NOW)
    same = {"name": slot.name, "rule": slot.rule, "villages": station.villages, "now": NOW}
    change_slot(station.session, station.commune, slot, relay=slot.relay, **same)
    assert slot.relay_fallback == booking.announcement_uuid
    with pytest.raises(FallbackNotBooked):
        station.slot("05:00", relay=slot.relay)


def test_a_withdrawn_fallback_leaves_what_is_settled_at_once(station: Station) -> None:
    """While the relay sounds it goes on under another name, which makes players join it anew without that sound."""
    booking, _ = with_standby(station)
    station.replan(chimes=CHIMES)
    during = NOW + timedelta(hours=5, minutes=10)
    before = relays(station)[0].key
    withdraw_booking(station.session, booking, during)
    station.replan(during, chimes=CHIMES, touched=[booking.announcement_uuid])
    (cue,) = relays(station)
    assert cue.key != before
    assert (cue.media, cue.revision_uuid, cue.relay_url) == ([], None, URL)
    tomorrow = queries.day_plan(station.session, station.commune, SUNDAY + DAY, village=station.villages[0])
    assert [cue.media for one in tomorrow for cue in queries.cues(one)] == [[CHIME.media.sha256]]
