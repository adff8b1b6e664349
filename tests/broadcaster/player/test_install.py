import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from broadcaster.player import install as installing
from broadcaster.player.conductor import LONGEST_WAIT_S
from broadcaster.player.errors import PlayerError
from broadcaster.player.install import DATA, OPTIONS, UNIT, USER, WANTED, Host, install, uninstall

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
PROGRAM = "/opt/broadcaster-player/bin/broadcaster-player"


@pytest.fixture
def image(tmp_path):
    return Host(tmp_path, dry_run=False)


def files(root):
    return {
        str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file() and path.exists()
    }


def test_an_image_gets_its_unit_user_and_options(image):
    """Into a root folder go the unit, the user, the options and the link that starts it; nothing is run."""
    said = list(install(image, PROGRAM, run=pytest.fail))
    assert {UNIT, USER, OPTIONS} <= files(image.root).keys()
    assert f"ExecStart={PROGRAM} run --data {DATA}" in (image.root / UNIT).read_text()
    assert str((image.root / WANTED).readlink()) == f"/{UNIT}"
    assert [line.split()[0] for line in said[:4]] == ["wrote", "wrote", "wrote", "linked"]
    assert f"{PROGRAM} pair --data {DATA}" in said[-1], "it is on nobody's path"


def test_installing_again_changes_nothing_and_keeps_the_options(image):
    """A second time everything is unchanged, and what a person wrote into the options stays."""
    list(install(image, PROGRAM))
    (image.root / OPTIONS).write_text("BROADCASTER_PLAYER_DEVICE=USB\n")
    before = files(image.root)
    said = list(install(image, PROGRAM))
    assert files(image.root) == before
    assert [line.split()[0] for line in said[:4]] == ["unchanged", "unchanged", "kept", "unchanged"]


def test_a_dry_run_writes_nothing(tmp_path):
    """With --dry-run the steps are told and the root stays empty."""
    host = Host(tmp_path, dry_run=True)
    assert any("wrote" in line for line in install(host, PROGRAM, run=pytest.fail))
    list(uninstall(host, run=pytest.fail))
    assert not list(tmp_path.iterdir())


def test_uninstalling_keeps_what_was_aired_and_fetched(image):
    """The unit goes; the data folder and the options stay."""
    list(install(image, PROGRAM))
    data = image.root / DATA.removeprefix("/")
    data.mkdir(parents=True)
    (data / "journal.db").write_text("rows")
    said = list(uninstall(image))
    assert files(image.root).keys() == {OPTIONS, str((data / "journal.db").relative_to(image.root))}
    assert not (image.root / WANTED).is_symlink()
    assert said[-1].startswith("kept")


def test_on_the_running_system_it_is_started_and_after_an_upgrade_restarted(tmp_path, monkeypatch):
    """On a running system the user is made and the player started; only a changed unit restarts it."""
    monkeypatch.setattr(Host, "running", True)
    host, ran = Host(tmp_path, dry_run=False), []
    list(install(host, PROGRAM, run=ran.append))
    list(install(host, PROGRAM, run=ran.append))
    assert [command[-2] for command in ran if command[0] == "systemctl" and len(command) > 2] == ["restart", "start"]
    assert ran[0][0] == "systemd-sysusers"
    ran.clear()
    list(uninstall(host, run=ran.append))
    assert ran == [("systemctl", "disable", "--now", "broadcaster-player"), ("systemctl", "daemon-reload")]


def test_what_cannot_be_done_is_explained(image, monkeypatch, tmp_path):
    """A root that is no folder, a program outside the image, a tool that fails: each is a sentence."""
    with pytest.raises(PlayerError, match="no folder"):
        list(install(Host(tmp_path / "none", dry_run=False), PROGRAM))
    with pytest.raises(PlayerError, match="--program"):
        list(install(image, None))
    with pytest.raises(PlayerError, match="absolute"):
        list(install(image, "broadcaster-player"))
    with pytest.raises(PlayerError, match="`false` failed"):
        installing.run_command(["false"])
    (tmp_path / "etc").write_text("in the way")
    with pytest.raises(PlayerError, match="run as root"):
        list(install(image, PROGRAM))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_the_unit(image):
    """Systemd finds nothing wrong with the unit."""
    list(install(image, "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(image.root / UNIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_watchdog_waits_longer_than_the_longest_turn():
    """Systemd must not end a player that only waits for its next cue."""
    seconds = int(installing.UNIT_TEXT.split("WatchdogSec=")[1].split()[0])
    assert seconds >= 2 * LONGEST_WAIT_S


def test_the_example_of_the_guide_is_where_the_unit_looks():
    """docs/player.md names the same folder and options as the unit."""
    guide = (Path(__file__).parents[3] / "docs/player.md").read_text()
    assert DATA in guide
    assert f"/{OPTIONS}" in guide
