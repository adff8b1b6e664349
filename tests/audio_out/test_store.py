"""The store under everything that disks and kills do to it."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from audio_out.errors import ObjectDamaged, ObjectMissing, StoreNotWritable
from audio_out.store import Store

DATA = b"an announcement" * 1000


def files(root):
    return [path for path in root.rglob("*") if path.is_file()]


def test_an_object_is_named_by_its_bytes(store):
    """What was put is read back under the sha256 of its bytes."""
    name = store.put(DATA)
    assert name == hashlib.sha256(DATA).hexdigest()
    assert store.exists(name)
    assert store.read(name) == DATA
    assert list(store) == [name]


def test_a_file_is_kept_like_its_bytes(store, tmp_path):
    """A path and bytes of the same content are the same object."""
    (tmp_path / "take.wav").write_bytes(DATA)
    assert store.put(tmp_path / "take.wav") == store.put(DATA)
    assert len(list(store)) == 1


def test_a_missing_object_is_named(store):
    """Reading, opening or verifying what is not here says so; a name that is no hash cannot leave the folder."""
    for ask in (store.read, store.open, store.verify):
        with pytest.raises(ObjectMissing):
            ask("0" * 64)
    with pytest.raises(ObjectMissing):
        store.path("../../etc/passwd")


def flip_a_bit(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncate(path):
    os.truncate(path, 100)


@pytest.mark.parametrize("damage", [flip_a_bit, truncate])
def test_damage_is_found_and_mended(store, damage):
    """A flipped bit or a lost tail is reported, never read, and mended by putting the bytes again."""
    name = store.put(DATA)
    damage(store.path(name))
    with pytest.raises(ObjectDamaged):
        store.verify(name)
    with pytest.raises(ObjectDamaged):
        store.read(name)
    store.put(DATA)
    store.verify(name)


def test_deleting_twice_is_harmless(store):
    """A deleted object is gone, and deleting it again is no error."""
    name = store.put(DATA)
    store.delete(name)
    store.delete(name)
    assert not store.exists(name)


FULL_DISK = """
import resource, sys
from pathlib import Path
from audio_out.errors import StoreFull
from audio_out.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
try:
    Store(Path(sys.argv[1])).put(b"x" * 100_000)
except StoreFull as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are of Unix")
def test_a_full_disk_keeps_nothing_half(tmp_path):
    """When no more can be written, the error says so and no part of the object stays."""
    run = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "full" in run.stdout
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    """A store below a file can keep nothing, and says which folder to look at."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreNotWritable, match="file"):
        Store(tmp_path / "file" / "objects").put(DATA)


KILLED = """
import os, signal, sys
from pathlib import Path
from audio_out.store import Store
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
Store(Path(sys.argv[1])).put(b"x" * 100_000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of Unix")
def test_a_killed_writer_leaves_no_object(tmp_path):
    """What a kill left aside is no object, and is swept once it is old."""
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    store = Store(tmp_path)
    assert len(files(tmp_path)) == 1
    assert list(store) == []
    now = datetime.now(UTC)
    assert store.sweep(before=now - timedelta(hours=1)) == 0
    assert store.sweep(before=now + timedelta(hours=1)) == 1
    assert files(tmp_path) == []
