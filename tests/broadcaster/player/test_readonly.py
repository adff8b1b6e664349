"""A player on a file system that nobody can write, but for its own folder."""

import shutil
import subprocess
import sys
from datetime import timedelta

import pytest

from tests.broadcaster.player.conftest import encoded, noise
from tests.broadcaster.player.fake_server import cue

READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,ro,bind / || exit 77
touch "$2/written" 2>/dev/null && exit 78
shift 2
exec "$@"
"""


def alone(data, outside, *command):
    """The command in a mount namespace of its own where only the data folder can be written."""
    return ["unshare", "--mount", "--map-root-user", "sh", "-c", READ_ONLY, "sh", str(data), str(outside), *command]


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_a_player_writes_nowhere_but_in_its_folder(server, data, tmp_path):
    """With all else read-only the player takes up its plan, fetches, journals and reports as ever."""
    home = tmp_path / "home"
    home.mkdir()
    if subprocess.run(alone(data, home, "true"), capture_output=True, check=False).returncode:
        pytest.skip("no mount namespaces here")
    audio = server.add(encoded(noise(0.5)))
    server.publish()
    run = [sys.executable, "-m", "broadcaster.player", "run", "--data", str(data), "--output", "wav", "--with-parent"]
    process = subprocess.Popen(alone(data, home, *run), stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        server.wait_for(lambda: server.heartbeats)
        soon = server.now() + timedelta(seconds=6)
        server.publish([server.occurrence(soon, [cue("one", audio, duration_ms=500)])], number=2)
        server.wait_for(lambda: server.outcomes() == {"one": ("aired", None)})
    finally:
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert b"Read-only" not in said
    assert (data / "journal.db").exists()
    assert not list(home.iterdir())
