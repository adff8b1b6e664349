import hashlib
import hmac
import io
import json
import os
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest

from broadcaster.player.carrying.sticks import Sticks
from broadcaster.player.errors import NotTrusted
from broadcaster.player.importing import bring
from broadcaster.player.keeping.identity import Identity
from broadcaster.protocol import KEY_ID_HEADER, SIGNATURE_HEADER, BundleSignature, ClockState
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import TOKEN, FakeServer, cue
from tests.broadcaster.player.test_process import journal, wait_until
from tests.broadcaster.player.test_sync import rows


def files_of(server, body=None, headers=None):
    """What a bundle of the server's manifest holds, by name."""
    body, headers = (body, headers) if body else server.manifest
    seal = BundleSignature(
        signature=headers[SIGNATURE_HEADER], key_id=headers[KEY_ID_HEADER], etag=headers.get("ETag", "")
    )
    found = {
        f"manifests/{server.player}.json": body,
        f"manifests/{server.player}.signature.json": seal.model_dump_json().encode(),
    }
    return found | {f"objects/{sha256}": data for sha256, data in server.objects.items()}


def archive(path, files, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path


@pytest.fixture
def planned(server):
    """A programme of one cue in an hour; its audio's name."""
    audio = server.add(encoded(noise(0.1)))
    server.publish([server.occurrence(server.now() + timedelta(hours=1), [cue("one", audio)])])
    return audio


def test_a_bundle_brings_what_the_line_would(server, make_agent, planned, tmp_path):
    """Manifest, playlist and audio come from one archive, without a server; what it was is written down."""
    server.faults.away = True
    agent = make_agent()
    taken = agent.take_in(archive(tmp_path / "bundle-un-ta.zip", files_of(server)))
    assert (taken.manifest, taken.objects, taken.refused) == (True, 2, ())
    assert agent.manifests.current.manifest_id == 1
    assert planned in agent.cache.present
    assert agent.journal.notes(1)[0].facts["objects"] == 2
    again = agent.take_in(tmp_path / "bundle-un-ta.zip")
    assert (again.manifest, again.objects, again.refused) == (False, 0, ())


def test_an_unpacked_folder_is_a_bundle_too(server, make_agent, planned, tmp_path):
    """Somebody may have unpacked the archive on a phone."""
    archive(tmp_path / "b.zip", files_of(server))
    with zipfile.ZipFile(tmp_path / "b.zip") as made:
        made.extractall(tmp_path / "bundle-unpacked")
    assert make_agent().take_in(tmp_path / "bundle-unpacked").objects == 2


def test_an_older_bundles_objects_are_taken_in_all_the_same(server, make_agent, planned, tmp_path):
    """A bundle that is older than the manifest in force changes no plan, but brings the audio that is missing."""
    old = archive(tmp_path / "bundle-old.zip", files_of(server))
    occurrence = server.occurrence(server.now() + timedelta(hours=2), [cue("one", planned)])
    server.publish([occurrence], number=7)
    del server.objects[planned]
    agent = make_agent()
    agent.sync.round()
    assert planned not in agent.cache.present
    taken = agent.take_in(old)
    assert (taken.manifest, agent.manifests.current.manifest_id) == (False, 7)
    assert planned in agent.cache.present


def test_another_villages_bundle_brings_only_what_we_need(server, make_agent, planned, tmp_path):
    """A bundle without a manifest of ours is looked through for the objects that ours names."""
    files = files_of(server)
    agent = make_agent()
    agent.manifests.accept(*server.manifest)
    theirs = {name: data for name, data in files.items() if name.startswith("objects/")}
    other = archive(tmp_path / "bundle-other.zip", theirs | {f"objects/{'1' * 64}": b"a stranger"})
    assert agent.take_in(other).objects == 2
    assert agent.cache.present == {name.removeprefix("objects/") for name in theirs}


@pytest.mark.parametrize("what", ["manifest", "signature", "stranger"])
def test_a_forged_manifest_is_refused(server, make_agent, planned, tmp_path, what):
    """One bit of the manifest, of its signature, or another key: nothing is put in force, and that is said."""
    body, headers = server.manifest
    if what == "manifest":
        body = body.replace(b'"manifest_id":1', b'"manifest_id":2')
    elif what == "signature":
        headers = headers | {SIGNATURE_HEADER: "A" * 86 + "=="}
    else:
        stranger = FakeServer()
        headers = stranger.signed(body)
        stranger.close()
    agent = make_agent()
    taken = agent.take_in(archive(tmp_path / "bundle-x.zip", files_of(server, body, headers)))
    assert (taken.manifest, taken.objects) == (False, 0)
    assert taken.refused[0].startswith("The manifest: ")
    assert agent.manifests.current is None


def test_other_bytes_are_refused_and_the_rest_comes(server, make_agent, planned, tmp_path):
    """An object whose bytes are not its name's stays out; the others are taken in."""
    files = files_of(server)
    name = f"objects/{planned}"
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])
    agent = make_agent()
    taken = agent.take_in(archive(tmp_path / "bundle-x.zip", files))
    assert (taken.manifest, taken.objects, len(taken.refused)) == (True, 1, 1)
    assert planned not in agent.cache.present
    assert not list(agent.cache.folder.glob("*.part"))


def test_names_that_lead_elsewhere_are_never_opened(server, make_agent, planned, tmp_path, data):
    """Neither ../ nor absolute names nor links leave the cache's folder."""
    files = files_of(server) | {
        "../../escaped": b"x",
        "objects/../../escaped": b"x",
        str(tmp_path / "absolute"): b"x",
        "objects/NOT-A-SHA": b"x",
    }
    agent = make_agent()
    assert agent.take_in(archive(tmp_path / "bundle-x.zip", files)).objects == 2
    found = {path.name for path in (data / "objects").iterdir()}
    assert found == {name.removeprefix("objects/") for name in files_of(server) if name.startswith("objects/")}
    assert not (tmp_path / "absolute").exists()
    assert not list(tmp_path.rglob("escaped"))


def test_an_archive_that_unfolds_is_not_read(server, make_agent, planned, tmp_path):
    """A compressed entry is none of ours: a few kilobytes cannot become gigabytes."""
    bomb = files_of(server) | {f"objects/{planned}": b"\0" * 50_000_000}
    packed = archive(tmp_path / "bundle-bomb.zip", bomb, zipfile.ZIP_DEFLATED)
    assert packed.stat().st_size < 200_000
    with pytest.raises(NotTrusted):
        make_agent().take_in(packed)


def test_an_object_is_no_larger_than_promised(server, make_agent, planned, tmp_path):
    """An entry of another size than the manifest's is not even read."""
    longer = files_of(server) | {f"objects/{planned}": b"\0" * 5_000_000}
    agent = make_agent()
    assert agent.take_in(archive(tmp_path / "bundle-long.zip", longer)).objects == 1
    assert planned not in agent.cache.present


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"\0" * 4096])
def test_no_archive_is_told(make_agent, tmp_path, content):
    """A file that is no archive, or half of one, is refused with a sentence."""
    (tmp_path / "bundle-x.zip").write_bytes(content)
    with pytest.raises(NotTrusted, match="copy it onto the stick again"):
        make_agent().take_in(tmp_path / "bundle-x.zip")


def test_half_an_archive_is_refused_whole(server, make_agent, planned, tmp_path):
    """A stick pulled out while it was written holds half an archive."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as made:
        for name, data in files_of(server).items():
            made.writestr(name, data)
    (tmp_path / "bundle-x.zip").write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    with pytest.raises(NotTrusted):
        make_agent().take_in(tmp_path / "bundle-x.zip")


def test_a_stick_is_found_and_gets_the_journal(server, make_agent, planned, tmp_path):
    """A bundle on a stick is taken in once; the rows that wait are written beside it, sealed; later rows too."""
    stick = tmp_path / "media" / "KINGSTON"
    stick.mkdir(parents=True)
    agent = make_agent()
    rows(agent, server, "one")
    looked = []
    agent.sticks = Sticks(
        tmp_path / "inbox",
        [str(tmp_path / "media" / "*")],
        lambda path: looked.append(path) or agent.take_in(path),
        agent.journal_to_carry,
    )
    agent.sticks.look()
    assert not looked
    archive(stick / "bundle-un-ta.zip", files_of(server))
    agent.sticks.look()
    agent.sticks.look()
    assert looked == [stick / "bundle-un-ta.zip"]
    file = stick / f"journal-{server.player}.json"
    sealed = json.loads(file.read_bytes())
    key = hashlib.sha256(TOKEN.encode()).digest()
    assert hmac.new(key, sealed["document"].encode(), hashlib.sha256).hexdigest() == sealed["mac"]
    assert [row["cue_key"] for row in json.loads(sealed["document"])["rows"]] == ["one"]
    rows(agent, server, "two")
    agent.sticks.look()
    assert [row["cue_key"] for row in json.loads(json.loads(file.read_bytes())["document"])["rows"]] == ["one", "two"]
    # Pulled out and put in again: looked at anew.
    (stick / "bundle-un-ta.zip").rename(tmp_path / "away")
    agent.sticks.look()
    (tmp_path / "away").rename(stick / "bundle-un-ta.zip")
    agent.sticks.look()
    assert len(looked) == 2


def test_a_stick_that_cannot_be_written_is_no_harm(server, make_agent, planned, tmp_path):
    """A stick that is locked brings its bundle all the same."""
    stick = tmp_path / "media" / "LOCKED"
    stick.mkdir(parents=True)
    archive(stick / "bundle-un-ta.zip", files_of(server))
    (stick / f"journal-{server.player}.json").mkdir()
    agent = make_agent()
    agent.sticks = Sticks(tmp_path / "inbox", [str(stick)], agent.take_in, agent.journal_to_carry)
    agent.sticks.look()
    assert planned in agent.cache.present


def test_import_brings_a_bundle_to_a_player_that_does_not_run(server, data, planned, tmp_path):
    """The command takes it in and says what it brought."""
    server.faults.away = True
    said = bring(data, archive(tmp_path / "loa.zip", files_of(server)))
    assert said == "Taken in: a newer programme, 2 objects"


def test_import_tells_what_the_running_player_made_of_a_bundle(server, data, player, tmp_path):
    """Whole, damaged by one bit, or no bundle at all: the command waits for the running player's own words."""
    server.publish()
    player("--output", "null")
    server.wait_for(lambda: server.heartbeats)
    server.faults.away = True
    audio = server.add(encoded(noise(0.1)))
    server.publish([server.occurrence(server.now() + timedelta(hours=1), [cue("one", audio)])], number=2)
    files = files_of(server)
    name = f"objects/{audio}"
    damaged = archive(tmp_path / "hong.zip", files | {name: bytes([files[name][0] ^ 1]) + files[name][1:]})
    (tmp_path / "anh.zip").write_bytes(b"no archive")
    assert f"\nRefused: Object {audio}" in bring(data, damaged)
    assert bring(data, archive(tmp_path / "loa.zip", files)) == "Taken in: no newer programme, 1 objects"
    assert bring(data, tmp_path / "anh.zip").startswith("Refused: ")
    assert list((data / "inbox").iterdir()) == []


def test_a_running_player_without_a_server_airs_what_a_stick_brings(server, data, player, tmp_path):
    """With the server gone all the time: the stick's bundle airs on the second, the journal is on the stick."""
    stick = tmp_path / "media" / "STICK"
    stick.mkdir(parents=True)
    server.publish()
    process = player("--output", "null", "--sticks", str(tmp_path / "media" / "*"))
    server.wait_for(lambda: server.heartbeats)
    server.faults.away = True
    audio = server.add(encoded(noise(0.5)))
    starts_at = server.now() + timedelta(seconds=14)
    server.publish([server.occurrence(starts_at, [cue("one", audio, duration_ms=500)])], number=2)
    archive(tmp_path / "writing", files_of(server)).rename(stick / "bundle-un-ta.zip")
    wait_until(lambda: [row["outcome"] for row in journal(data)] == ["aired"], 60)
    assert abs(journal(data)[0]["late_ms"]) < 1000
    file = stick / f"journal-{server.player}.json"
    wait_until(lambda: file.exists() and "aired" in file.read_text(), 30)
    assert os.name != "posix" or file.stat().st_mode & 0o004, "only the player's user can read it"
    assert process.poll() is None
    assert not server.rows


def test_another_players_manifest_is_not_ours(server, data, make_agent, planned, tmp_path):
    """A signed manifest under our name that was made for another player is refused."""
    body = server.make_manifest(player=uuid4()).model_dump_json().encode()
    agent = make_agent()
    taken = agent.take_in(archive(tmp_path / "bundle-x.zip", files_of(server, body, server.signed(body))))
    assert "another player's" in taken.refused[0]
    assert agent.clock.read().state in ClockState
    assert Identity.model_validate_json((data / "identity.json").read_bytes()).player == server.player
