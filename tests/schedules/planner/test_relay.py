"""A slot that relays a station: its announcements first, then the station to its end."""

import json
from uuid import UUID

from broadcaster import protocol
from broadcaster.protocol import Playlist
from content.kernel.priority import Priority
from schedules.planner import Because, CueKind, PlannedCue, QuietHours, Relay, admit, plan, playlist_bytes, shrink
from schedules.planner.filling import PAUSE_MS
from tests.schedules.planner.test_settled import programme
from tests.schedules.planner.values import QUIET, ZONE, chime, item, opening, part, village

URL = "https://vov.example/vov1.m3u8"
VOV = Relay(URL, "VOV1", part(2, "chime").media)


def relays(cues: tuple[PlannedCue, ...]) -> list[tuple[int, int]]:
    """From when to when, in seconds."""
    return [
        (cue.offset_ms // 1000, (cue.offset_ms + cue.duration_ms) // 1000) for cue in cues if cue.kind is CueKind.RELAY
    ]


def test_a_relay_fills_what_the_announcements_leave() -> None:
    """It begins after the last one and lasts to the end of the slot; its media are what sounds without the stream."""
    _, cues = programme(item(1), item(2), minutes=30, relay=VOV)
    last = cues[-1]
    assert (last.kind, last.relay_url, last.title, last.because) == (CueKind.RELAY, URL, "VOV1", Because.RELAYS)
    assert last.offset_ms == 120_000 + 2 * PAUSE_MS
    assert last.offset_ms + last.duration_ms == 30 * 60_000
    assert last.media == tuple(medium.sha256 for medium in VOV.instead)


def test_what_stands_in_for_a_station_is_no_announcement_of_its_slot() -> None:
    """In other slots it airs as booked; booked for this slot alone it is heard only when the station is not."""
    stands_by = Relay(URL, "VOV1", item(1).announcement_uuid)
    openings = [opening("05:00", 30, slot=1, relay=stands_by), opening("17:00", 10, slot=2)]
    morning, evening = plan(village(openings, [item(1), item(2)])).planned
    assert [cue.title for cue in morning.programme] == ["Bản tin 2", "VOV1"]
    assert [cue.title for cue in evening.programme] == ["Bản tin 1"]
    assert not morning.not_placed
    alone = plan(village(openings, [item(1, slots=(openings[0].slot_uuid,))]))
    assert [[cue.title for cue in made.programme] for made in alone.planned] == [["VOV1"], []]


def test_a_slot_without_announcements_relays_from_its_first_second() -> None:
    """Nothing needs to be booked."""
    assert relays(programme(minutes=30, relay=VOV)[1]) == [(0, 1800)]


def test_chimes_stand_around_the_announcements_and_the_relay_comes_last() -> None:
    """A listener hears that the commune's part is over."""
    _, cues = programme(item(1), minutes=10, opens_with=chime(2), closes_with=chime(3), relay=VOV)
    assert [cue.kind for cue in cues] == [CueKind.CHIME, CueKind.SPEECH, CueKind.CHIME, CueKind.RELAY]


def test_a_rest_of_less_than_a_minute_is_not_relayed() -> None:
    """A station would be cut in its first sentence."""
    assert relays(programme(item(1, 245), minutes=5, relay=VOV)[1]) == []


def test_a_relay_keeps_out_of_quiet_hours() -> None:
    """It ends where they begin, and begins where they end."""
    (late,) = plan(village([opening("21:00", 60, relay=VOV)], [], quiet=QUIET)).planned
    assert relays(late.programme) == [(0, 1800)]
    (early,) = plan(village([opening("04:30", 60, relay=VOV)], [], quiet=QUIET)).planned
    assert relays(early.programme) == [(1800, 3600)]
    (night,) = plan(village([opening("22:00", 60, relay=VOV)], [], quiet=QUIET)).planned
    assert relays(night.programme) == []
    (noon,) = plan(
        village([opening("12:00", 60, relay=VOV)], [], quiet=QuietHours(QUIET.from_local, QUIET.from_local))
    ).planned
    assert relays(noon.programme) == [(0, 3600)]


def test_a_relay_waits_for_what_still_sounds_from_before() -> None:
    """Where two openings meet, the earlier one goes on."""
    first, second = opening("17:00", 10, slot=1), opening("17:05", 10, slot=2, relay=VOV)
    made = plan(village([first, second], [])).planned
    assert relays(made[1].programme) == [(300, 600)]


def test_players_are_told_the_address_and_other_programmes_keep_their_names() -> None:
    """The document of a relay has `relay.url`; one without a relay is written as ever."""
    data = playlist_bytes(programme(item(1), minutes=30, relay=VOV)[1])
    assert ["relay" in cue for cue in json.loads(data)["cues"]] == [False, True]
    told = Playlist.model_validate_json(data).cues[1]
    assert (told.kind, told.relay) == (CueKind.RELAY, protocol.Relay(url=URL))


def test_a_relay_that_was_ended_leaves_a_settled_programme() -> None:
    """With its slot, or with its address; the announcements stay, and so does a relay without announcements."""
    _, cues = programme(item(1), minutes=30, relay=VOV)
    assert shrink(cues, {UUID(int=1001), URL}, 0) == cues
    assert shrink(cues, {UUID(int=1001), None}, 0) == cues[:1]
    assert shrink(cues, {URL}, 0) == cues[1:]
    assert shrink(cues, (), 0) == ()


def test_an_emergency_finds_room_over_a_relay() -> None:
    """The relay is not taken out for it: players cut it and join it again."""
    made = programme(item(1), minutes=30, relay=VOV)
    urgent = item(9, 30, priority=Priority.EMERGENCY)
    after = admit(made[1], urgent, ("vi",), made[0], ZONE, from_ms=300_000, repeat=1)
    assert after is not None
    assert relays(after) == relays(made[1])
    assert [cue.offset_ms for cue in after if cue.because is Because.EMERGENCY] == [300_000]
