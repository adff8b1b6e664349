import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from broadcaster.player.errors import Trouble
from broadcaster.player.keeping.identity import load_identity
from broadcaster.player.machine import TimeSource
from broadcaster.player.plan.programme import lay_out
from broadcaster.protocol import AsRunRow, ClockState, Outcome, Playlist, PublicKey
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import FakeServer, cue, occurrence_uuid
from tests.broadcaster.player.test_clock import Hands


def published(server, **more):
    audio = server.add(encoded(noise(0.1)))
    occurrence = server.occurrence(server.now() + timedelta(hours=1), [cue("one", audio)])
    return audio, server.publish([occurrence], **more)


def rows(agent, server, *keys):
    for key in keys:
        agent.journal.skip(
            [
                AsRunRow(
                    row_uuid=uuid4(),
                    occurrence_uuid=occurrence_uuid(1),
                    cue_key=key,
                    planned_at=server.now(),
                    outcome=Outcome.SKIPPED,
                    clock_state=ClockState.TRUSTED,
                )
            ]
        )


def test_a_round_brings_time_plan_and_objects(server, make_agent):
    """After one round the player knows the time, its plan, and has all it needs."""
    server.offset = timedelta(hours=5)
    audio, _ = published(server)
    agent = make_agent()
    agent.sync.round()
    assert agent.clock.read().state is ClockState.TRUSTED
    assert abs(agent.clock.now() - server.now()) < timedelta(seconds=5)
    assert agent.manifests.current.manifest_id == 1
    assert audio in agent.cache.present
    assert server.heartbeats[-1]["objects_missing"] == 0


def test_an_unchanged_manifest_is_one_small_call(server, make_agent):
    """The second poll is answered 304."""
    published(server)
    agent = make_agent()
    agent.sync.round()
    agent.sync.round()
    assert (server.asked["manifest"], server.asked["unchanged"]) == (2, 1)
    assert not agent.sync.standing.problems


def test_before_the_first_plan_the_player_asks_again_soon(server, make_agent):
    """A village that has no plan yet is no fault, and its first plan comes within seconds."""
    assert make_agent().sync.round() <= 6


@pytest.mark.parametrize("bit", [0, 100, 4000])
def test_a_flipped_bit_refuses_the_manifest(server, make_agent, bit):
    """A manifest of which one bit is changed is refused, and the old one stays in force."""
    published(server)
    agent = make_agent()
    agent.sync.round()
    body = bytearray(published(server, number=2)[1])
    headers = server.signed(bytes(body))
    body[(bit // 8) % len(body)] ^= 1 << (bit % 8)
    server.serve(bytes(body), headers)
    agent.sync.round()
    assert agent.manifests.current.manifest_id == 1
    assert "signature" in agent.sync.standing.problems["manifest"]


def test_a_replayed_old_manifest_is_refused(server, make_agent):
    """An older manifest, however well signed, never replaces a newer one; nor does one of a lower epoch."""
    _, old = published(server, epoch=2, number=7)
    agent = make_agent()
    agent.sync.round()
    published(server, epoch=2, number=8)
    agent.sync.round()
    server.serve(old, server.signed(old))
    agent.sync.round()
    assert agent.manifests.current.manifest_id == 8
    published(server, epoch=1, number=99)
    agent.sync.round()
    assert agent.manifests.current.manifest_id == 8
    published(server, epoch=3, number=1)
    agent.sync.round()
    assert agent.manifests.current.server_epoch == 3


def test_another_players_manifest_is_refused(server, make_agent):
    """A manifest for another player is refused although the signature is good."""
    published(server, player=uuid4())
    agent = make_agent()
    agent.sync.round()
    assert agent.manifests.current is None
    assert "another player" in agent.sync.standing.problems["manifest"]


def test_a_stranger_cannot_sign(server, make_agent):
    """A manifest signed by a key that the player does not trust is refused, even if it names that key itself."""
    published(server)
    agent = make_agent()
    agent.sync.round()
    stranger = FakeServer()
    stranger.close()
    stranger.key_id, stranger.player, stranger.objects = "k2", server.player, server.objects
    body = stranger.make_manifest(number=2).model_dump_json().encode()
    server.serve(body, stranger.signed(body))
    agent.sync.round()
    assert agent.manifests.current.manifest_id == 1


def test_a_manifest_of_an_unknown_time_zone_is_refused(server, make_agent):
    """A plan whose quiet hours cannot be told is not put in force, and the old one stays."""
    published(server)
    agent = make_agent()
    agent.sync.round()
    published(server, number=2, time_zone="Asia/Nowhere")
    agent.sync.round()
    assert agent.manifests.current.manifest_id == 1
    assert "Nowhere" in agent.sync.standing.problems["manifest"]


def test_keys_change_by_a_manifest_signed_with_a_trusted_key(server, make_agent, data):
    """A new key is trusted once a manifest signed with the old one names it; also after a restart."""
    old_key, old_id, old_public = server.key, server.key_id, server.public_key
    new = FakeServer()
    new.close()
    new_public = PublicKey(key_id="k2", key=new.public_key.key)
    published(server, keys=(old_public, new_public))
    make_agent().sync.round()
    server.key, server.key_id = new.key, "k2"
    published(server, number=2)
    agent = make_agent()
    agent.sync.round()
    assert agent.manifests.current.manifest_id == 2
    assert [key.key_id for key in load_identity(data).keys] == ["k2"]
    server.key, server.key_id = old_key, old_id
    published(server, number=3)
    agent.sync.round()
    assert agent.manifests.current.manifest_id == 2


def test_the_stored_manifest_is_verified_at_the_start(server, make_agent, data):
    """A manifest that was changed on the disk is not put in force."""
    published(server)
    make_agent().sync.round()
    assert make_agent().manifests.current is not None
    stored = bytearray((data / "manifest").read_bytes())
    stored[-20] ^= 1
    (data / "manifest").write_bytes(stored)
    assert make_agent().manifests.current is None


def test_the_time_of_a_replay_is_refused(server, make_agent):
    """A signed time that answers another question sets no clock."""
    server.faults.replay_time = True
    published(server)
    agent = make_agent()
    agent.sync.round()
    assert "replay" in agent.sync.standing.problems["time"]
    assert agent.manifests.current is not None


def test_a_broken_download_goes_on_where_it_broke(server, make_agent):
    """A half object is resumed by Range and counts only when it is whole."""
    audio, _ = published(server)
    server.faults.break_objects_after = 4000
    agent = make_agent()
    agent.sync.round()
    assert audio not in agent.cache.present
    assert not agent.cache.path(audio).exists()
    server.faults.break_objects_after = None
    server.ranges.clear()
    agent.sync.round()
    assert agent.cache.path(audio).read_bytes() == server.objects[audio]
    assert server.ranges == ["bytes=4000-"]


def test_a_wrong_object_is_discarded_and_asked_for_again(server, make_agent, monkeypatch):
    """Bytes that do not have the promised hash are thrown away, and asked for again after a pause."""
    monkeypatch.setattr("broadcaster.player.sync.OBJECT_PAUSES_S", (0.0, 0.0))
    audio, _ = published(server)
    server.faults.wrong_object_bytes = True
    agent = make_agent()
    agent.sync.round()
    assert not agent.cache.present
    assert list((agent.cache.path(audio).parent).iterdir()) == []
    server.faults.wrong_object_bytes = False
    agent.sync.round()
    assert audio in agent.cache.present


def test_a_wrong_object_is_not_asked_for_at_once(server, make_agent):
    """An object that comes wrong is not downloaded again and again."""
    published(server)
    server.faults.wrong_object_bytes = True
    agent = make_agent()
    agent.sync.round()
    asked = len(server.fetched)
    agent.sync.round()
    assert len(server.fetched) == asked


def test_what_is_marked_is_fetched_first(server, make_agent):
    """Objects marked fetch_first come before everything, then playlists, then audio by the time of its first use."""
    later, sooner, siren = (server.add(encoded(noise(0.05, seed))) for seed in (1, 2, 3))
    second = server.occurrence(server.now() + timedelta(hours=2), [cue("later", later), cue("siren", siren)])
    first = server.occurrence(server.now() + timedelta(hours=1), [cue("sooner", sooner)])
    server.publish([second, first], fetch_first={siren})
    make_agent().sync.round()
    assert server.fetched == [siren, first.playlist, second.playlist, sooner, later]


def test_a_corrupt_file_is_found_at_the_start_and_fetched_again(server, make_agent):
    """A file that rotted on the card is not aired: it is discarded and comes anew."""
    audio, _ = published(server)
    make_agent().sync.round()
    agent = make_agent()
    agent.cache.path(audio).write_bytes(b"rot")
    agent.sync.take_stock()
    assert audio not in agent.cache.present
    agent.sync.round()
    assert agent.cache.path(audio).read_bytes() == server.objects[audio]


def test_lost_answers_lose_no_row_and_double_none(server, make_agent):
    """When the server's answer is lost the same rows are sent again under the same names."""
    agent = make_agent()
    rows(agent, server, "one", "two")
    server.faults.lose_as_run_answers = 2
    for _ in range(3):
        agent.sync.round()
    assert len(server.row_posts) == 3
    assert sorted(row["cue_key"] for row in server.rows.values()) == ["one", "two"]
    assert agent.journal.count_waiting() == 0


def test_a_row_that_cannot_be_read_blocks_no_other(server, make_agent):
    """A row that the server refuses is set aside, and all others arrive."""
    agent = make_agent()
    rows(agent, server, "one", "bad", "two")
    server.faults.unreadable_rows = {"bad"}
    agent.sync.round()
    assert sorted(row["cue_key"] for row in server.rows.values()) == ["one", "two"]
    assert agent.journal.count_waiting() == 0


def test_a_restored_server_gets_the_kept_rows_again(server, make_agent):
    """When the epoch grows the player sends its rows of the last days once more."""
    published(server)
    agent = make_agent()
    rows(agent, server, "one")
    agent.sync.round()
    server.rows.clear()
    published(server, epoch=2, number=1)
    agent.sync.round()
    assert [row["cue_key"] for row in server.rows.values()] == ["one"]


def test_a_refused_token_silences_nothing(server, make_agent):
    """After a 401 the plan stays in force and is asked for again."""
    published(server)
    agent = make_agent()
    agent.sync.round()
    server.faults.unauthorised = True
    agent.sync.round()
    assert agent.manifests.current is not None
    assert "401" in agent.sync.standing.problems["manifest"]
    assert agent.sync.standing.trouble is Trouble.REFUSED


def test_a_round_in_which_nothing_was_asked_is_no_contact(server, make_agent):
    """The last contact is the last word of the server, not the last round that found nothing to ask."""
    hands = Hands(wall=server.now())
    server.publish()
    agent = make_agent(hands)
    agent.sync.round()
    contact = agent.sync.last_contact_at
    agent.alerts.listening = True
    counted = len(server.heartbeats)
    hands.pass_by(60)
    assert agent.sync.round() > 0
    assert (len(server.heartbeats), agent.sync.last_contact_at) == (counted, contact)
    hands.pass_by(60)
    agent.sync.round()
    assert agent.sync.last_contact_at > contact


@pytest.mark.parametrize(("hours", "state"), [(-1, ClockState.UNTRUSTED), (1, ClockState.TRUSTED)])
def test_a_manifest_raises_the_floor(server, make_agent, hours, state):
    """After a power cut a hardware clock that is earlier than the manifest in force is not believed; a later one is."""
    server.publish()
    make_agent(Hands(wall=server.now())).sync.round()
    server.faults.away = True
    wall = server.now() + timedelta(hours=hours)
    woken = make_agent(Hands(wall=wall, boot_id="boot-2", set_by=TimeSource.HARDWARE))
    woken.sync.round()
    assert woken.clock.read().state is state


def test_a_failing_step_blocks_no_other(server, make_agent):
    """Rows and the heartbeat go out although time and objects fail."""
    published(server)
    server.faults.replay_time = True
    server.faults.wrong_object_bytes = True
    agent = make_agent()
    rows(agent, server, "one")
    agent.sync.round()
    assert set(agent.sync.standing.problems) == {"time", "objects"}
    assert server.rows
    assert server.heartbeats[-1]["objects_missing"] == 2


def test_a_server_that_is_away_is_asked_ever_less_often(server, make_agent):
    """Failed rounds make the pause grow, up to five minutes."""
    published(server)
    agent = make_agent()
    first = agent.sync.round()
    server.faults.away = True
    pauses = [agent.sync.round() for _ in range(10)]
    assert first < pauses[0] < pauses[1] < pauses[2]
    assert pauses[-1] <= 300 * 1.1


def test_unneeded_objects_leave_after_a_week(server, make_agent):
    """What no manifest needs is kept for a week and then removed."""
    audio, _ = published(server)
    agent = make_agent()
    agent.sync.round()
    server.publish(number=2)
    agent.sync.round()
    assert audio in agent.cache.present
    assert agent.cache.evict(set(), older_than=agent.clock.wall().timestamp() + 1) == 2
    assert not agent.cache.present


def test_a_playlist_makes_the_programme(server, make_agent):
    """The cues of a playlist get their instants from the occurrence."""
    published(server)
    agent = make_agent()
    agent.sync.round()
    manifest = agent.manifests.current
    sha256 = manifest.occurrences[0].playlist
    programme = lay_out(manifest, {sha256: Playlist.model_validate_json(agent.cache.read(sha256))})
    assert [cue.at for cue in programme.cues] == [manifest.occurrences[0].starts_at]


def test_a_round_under_way_ends_before_the_journal_closes(server, make_agent, monkeypatch, caplog):
    """Stopped in the midst of a call to the server, the player leaves no thread with a closed journal."""
    monkeypatch.setattr("broadcaster.player.agent.LAST_WORDS_S", 60.0)
    published(server)
    agent = make_agent()
    asked, answer = threading.Event(), threading.Event()
    ask = agent._server.manifest

    def slow(etag):
        asked.set()
        answer.wait(60)
        return ask(etag)

    monkeypatch.setattr(agent._server, "manifest", slow)
    player = threading.Thread(target=agent.run)
    player.start()
    assert asked.wait(60)
    agent.stop()
    player.join(0.3)
    assert player.is_alive()
    answer.set()
    player.join(60)
    assert not [record for record in caplog.records if record.exc_info]
