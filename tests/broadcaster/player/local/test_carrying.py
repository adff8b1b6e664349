"""A phone brings the programme and takes the journal along, over the page of a player without a line."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from broadcaster.player import machine
from broadcaster.player.agent import Agent
from broadcaster.player.life import Life
from broadcaster.player.local import words
from broadcaster.player.local.page import Page
from broadcaster.player.machine import Disk
from broadcaster.player.output.paced import PacedOutput
from broadcaster.player.settings import Address
from tests.broadcaster.player.carrying.test_bundles import archive, files_of
from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import TOKEN, cue
from tests.broadcaster.player.local.conftest import Browser
from tests.broadcaster.player.test_sync import rows


@pytest.fixture
def away(server, data):
    """A paired player whose server is away, with its page; `page` is a browser on it."""
    audio = server.add(encoded(noise(0.1)))
    server.publish([server.occurrence(server.now() + timedelta(hours=1), [cue("one", audio)])])
    server.faults.away = True
    life = Life(data, lambda: Agent(data, PacedOutput))
    with Page(life, Address("127.0.0.1", 0)) as page:
        life.agent = Agent(data, PacedOutput)
        life.audio = audio
        life.page = Browser(page.url)
        life.page.look()
        yield life
        life.agent.close()


def test_a_phone_brings_the_programme(server, away, tmp_path):
    """One file from the village's page: the plan is in force, its audio here; a second time nothing is new."""
    file = archive(tmp_path / "b.zip", files_of(server)).read_bytes()
    told = away.page.hand_in(file)
    assert words.BUNDLE_NEWER.vi in told
    assert words.BUNDLE_OBJECTS.vi.format(objects=2) in told
    assert away.agent.manifests.current.manifest_id == 1
    assert away.audio in away.agent.cache.present
    told = away.page.hand_in(file)
    assert words.BUNDLE_NOT_NEWER.vi in told
    assert words.BUNDLE_OBJECTS.vi.format(objects=0) in told
    assert list((away.data / "inbox").iterdir()) == []


@pytest.mark.parametrize("wrong", ["bit", "no archive", "nothing"])
def test_a_file_that_is_none_of_ours_is_refused_in_words(server, away, tmp_path, wrong):
    """A tampered bundle, some other file and an empty press change nothing, and each is explained."""
    files = files_of(server)
    name = f"manifests/{server.player}.json"
    files = {name: files[name].replace(b'"manifest_id":1', b'"manifest_id":2')} | {
        other: data for other, data in files.items() if "signature" in other
    }
    file = {"bit": archive(tmp_path / "b.zip", files).read_bytes(), "no archive": b"cat" * 9000, "nothing": b""}[wrong]
    told = away.page.hand_in(file)
    assert (words.BUNDLE_MISSING if wrong == "nothing" else words.BUNDLE_REFUSED).vi in told
    assert away.agent.manifests.current is None
    assert list((away.data / "inbox").iterdir()) == []


def test_a_bundle_takes_neither_the_last_room_nor_more_than_there_is(server, away, monkeypatch):
    """A file for which the disk has no room, or that is larger than any bundle, is not begun."""
    monkeypatch.setattr(machine, "disk", lambda _: Disk(10**9, 10 << 20))
    assert words.DISK_FULL.vi in away.page.hand_in(b"x" * 100)
    monkeypatch.undo()
    monkeypatch.setattr("broadcaster.player.local.handing.LARGEST_BYTES", 50)
    assert words.BUNDLE_LARGE.vi.format(gigabytes=0) in away.page.hand_in(b"x" * 100)
    assert not (away.data / "inbox").exists()


def test_a_stranger_hands_nothing_in(server, away, tmp_path):
    """Without the PIN, or without the page's own token, no file is taken."""
    file = archive(tmp_path / "b.zip", files_of(server)).read_bytes()
    assert words.STALE.vi in away.page.hand_in(file, token="forged")
    far = Browser(f"http://{away.page.address}")
    far.headers = {"X-Forwarded-For": "192.0.2.7"}
    far.look()
    far.hand_in(file)
    assert far.look("/journal") == ""
    assert far.status == 303
    assert away.agent.manifests.current is None


def test_the_journal_goes_along_on_the_phone(server, away):
    """The file is what a stick would carry: the rows that the server lacks, under the player's MAC."""
    rows(away.agent, server, "one", "two")
    away.page.look("/journal")
    assert f'filename="journal-{server.player}.json"' in away.page.told["Content-Disposition"]
    carried = json.loads(away.page.text)
    key = hashlib.sha256(TOKEN.encode()).digest()
    assert carried["mac"] == hmac.new(key, carried["document"].encode(), hashlib.sha256).hexdigest()
    assert [row["cue_key"] for row in json.loads(carried["document"])["rows"]] == ["one", "two"]


def test_the_volume_is_set_and_given_back(server, away, tmp_path):
    """What is set here is shown beside the commune's own, which a press brings back; nonsense changes nothing."""
    away.page.hand_in(archive(tmp_path / "b.zip", files_of(server)).read_bytes())
    assert words.VOLUME_UNREADABLE.vi in away.page.press("volume", percent="110")
    assert words.VOLUME_UNREADABLE.vi in away.page.press("volume", percent="-1")
    told = away.page.press("volume", percent="35")
    assert words.VOLUME_TURNED.vi.format(percent=35, communes=100) in told
    assert away.agent.heartbeat().volume_percent == 35
    assert away.agent.journal.notes(1)[0].facts == {"percent": 35}
    assert words.VOLUME_HELP.vi.format(percent=100) in away.page.press("volume")
    assert away.agent.heartbeat().volume_percent == 100
