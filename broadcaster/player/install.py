"""Having systemd start the player with the machine, restart it, and watch over it; and undoing that.

Writes a few files below a root folder, which may be an image's, and tells of each. The unit itself makes the user's
folder, holds the rest of the file system read-only, and lets go of every right that a player does not need.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from broadcaster.player.errors import PlayerError
from broadcaster.player.files import write_atomically

NAME = "broadcaster-player"
DATA = f"/var/lib/{NAME}"
UNIT = f"etc/systemd/system/{NAME}.service"
WANTED = f"etc/systemd/system/multi-user.target.wants/{NAME}.service"
USER = f"etc/sysusers.d/{NAME}.conf"
OPTIONS = f"etc/{NAME}.env"
READABLE = 0o644

UNIT_TEXT = f"""\
[Unit]
Description=Village loudspeaker player
Documentation=man:systemd.service(5)
# Not after network-online: what lies on the disk airs without a network.
After=sound.target network.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={{program}} run --data {DATA}
EnvironmentFile=-/{OPTIONS}
User={NAME}
SupplementaryGroups=audio
StateDirectory={NAME}
StateDirectoryMode=0700
# The player says that it is alive after each turn of its loop, which takes a minute at most.
WatchdogSec=180
TimeoutStartSec=180
TimeoutStopSec=20
Restart=always
RestartSec=2
Nice=-5

# No ProtectClock=: it allows the clock's device and with that forbids all others, the sound card too.
CapabilityBoundingSet=
LockPersonality=yes
NoNewPrivileges=yes
PrivateTmp=yes
ProtectControlGroups=yes
ProtectHome=read-only
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectSystem=strict
# The journal is written back onto a stick that brings a bundle.
ReadWritePaths=-/media -/mnt -/run/media
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
"""
USER_TEXT = f"""\
u {NAME} - "Village loudspeaker player" {DATA}
m {NAME} audio
m {NAME} gpio
m {NAME} input
g gpio -
g input -
"""
OPTIONS_TEXT = """\
# Options of the player; each is named after its flag (broadcaster-player run --help). Restart it after a change:
#   systemctl restart broadcaster-player
#
# The sound card by a part of its name, which stays the same when the numbers change; `aplay -l` lists them.
#BROADCASTER_PLAYER_DEVICE=USB
#
# A microphone to hear itself by, a relay that switches the amplifier, a button for a prepared phrase. Lines and buttons
# need: pip install village-broadcaster[player-gpio] and: usermod -aG gpio,input broadcaster-player
#BROADCASTER_PLAYER_MICROPHONE=USB
#BROADCASTER_PLAYER_AMPLIFIER=GPIO17
#BROADCASTER_PLAYER_BUTTON=GPIO27!low
#
# The local page for phones in the same network too; it asks them for the PIN that `broadcaster-player status` tells.
#BROADCASTER_PLAYER_PAGE=0.0.0.0:8020
"""
HINTS = """\
Pair it: open http://127.0.0.1:8020 on this machine, or
  sudo -u {name} {program} pair --data {data} --server URL --code CODE --name NAME
Sound card: `aplay -l` lists what there is; name it in /{options}. PortAudio: apt install libportaudio2
Hardware clock (a power cut takes the time from a Raspberry Pi): dtoverlay=i2c-rtc,ds3231 in /boot/firmware/config.txt
A machine that hangs restarts itself with RuntimeWatchdogSec=30 in /etc/systemd/system.conf"""

Run = Callable[[Sequence[str]], object]


@dataclass(frozen=True)
class Host:
    """The system to be changed: its root, whether it is the running one, whether to change anything at all."""

    root: Path
    dry_run: bool

    @property
    def running(self) -> bool:
        """Whether its systemd can be spoken to now."""
        return self.root == Path("/") and Path("/run/systemd/system").is_dir()


def run_command(command: Sequence[str]) -> None:
    """Run a tool of the system.

    Raises:
        PlayerError: it failed, with what it said.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PlayerError(f"`{' '.join(command)}` failed: {done.stderr.strip() or done.returncode}")


def install(host: Host, program: str | None, run: Run = run_command) -> Iterator[str]:
    """Put the files in place and start the player; what is there already stays. Yields a sentence per step.

    Raises:
        PlayerError: not Linux, no right to write, or a tool failed.
    """
    _can(host)
    program = _program(host.root, program)
    texts = {UNIT: UNIT_TEXT.format(program=program), USER: USER_TEXT}
    with _explained():
        changed = False
        for place, text in texts.items():
            fresh = _differs(host.root / place, text)
            changed |= fresh
            yield _write(host, place, text) if fresh else f"unchanged   {_shown(host, place)}"
        if (host.root / OPTIONS).exists():
            yield f"kept        {_shown(host, OPTIONS)}"
        else:
            yield _write(host, OPTIONS, OPTIONS_TEXT)
        yield _enable(host)
    if host.running:
        for command in _commands(changed=changed):
            if not host.dry_run:
                run(command)
            yield f"ran         {' '.join(command)}"
    yield HINTS.format(name=NAME, program=program, data=DATA, options=OPTIONS)


def uninstall(host: Host, run: Run = run_command) -> Iterator[str]:
    """Stop the player and remove what `install` wrote; its data folder, options and user stay. Yields as `install`."""
    _can(host)
    if host.running and (host.root / UNIT).exists():
        command = ("systemctl", "disable", "--now", NAME)
        if not host.dry_run:
            run(command)
        yield f"ran         {' '.join(command)}"
    with _explained():
        for place in (WANTED, UNIT, USER):
            path = host.root / place
            if path.exists() or path.is_symlink():
                if not host.dry_run:
                    path.unlink()
                yield f"removed     {_shown(host, place)}"
    if host.running:
        if not host.dry_run:
            run(("systemctl", "daemon-reload"))
        yield "ran         systemctl daemon-reload"
    yield f"kept        {DATA} (who it is, what was aired and fetched), /{OPTIONS}, the user {NAME}"


def _commands(*, changed: bool) -> list[tuple[str, ...]]:
    start = "restart" if changed else "start"
    return [("systemd-sysusers", f"/{USER}"), ("systemctl", "daemon-reload"), ("systemctl", start, NAME)]


def _can(host: Host) -> None:
    if sys.platform != "linux":
        raise PlayerError(
            "Only Linux with systemd can be installed on: elsewhere start `broadcaster-player run` yourself"
        )
    if not host.root.is_dir():
        raise PlayerError(f"There is no folder {host.root}: name the root folder of a system")


def _program(root: Path, given: str | None) -> str:
    """Return how the installed system starts the player."""
    if given is None:
        found = shutil.which(NAME, path=str(Path(sys.executable).parent))
        given = found or f"{sys.executable} -m broadcaster.player"
        if root != Path("/"):
            given = _inside(root, given)
    if not given.startswith("/"):
        raise PlayerError("--program is an absolute path, such as /opt/broadcaster-player/bin/broadcaster-player")
    return given


def _inside(root: Path, program: str) -> str:
    prefix = str(root.resolve()) + "/"
    if not program.startswith(prefix):
        raise PlayerError(f"Say with --program where the player is inside {root}")
    return "/" + program.removeprefix(prefix)


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") != text
    except FileNotFoundError:
        return True


def _write(host: Host, place: str, text: str) -> str:
    path = host.root / place
    if not host.dry_run:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
        path.chmod(READABLE)
    return f"wrote       {_shown(host, place)}"


def _enable(host: Host) -> str:
    link, target = host.root / WANTED, f"/{UNIT}"
    if link.is_symlink() and str(link.readlink()) == target:
        return f"unchanged   {_shown(host, WANTED)}"
    if not host.dry_run:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    return f"linked      {_shown(host, WANTED)}"


def _shown(host: Host, place: str) -> str:
    return str(host.root / place)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PlayerError(f"Cannot write {error.filename}: run as root ({error.strerror})") from error
