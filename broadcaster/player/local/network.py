"""What the machine knows of its networks, out of /proc and /sys. Elsewhere than on Linux: nothing."""

import contextlib
import socket
import struct
from pathlib import Path
from typing import NamedTuple

with contextlib.suppress(ImportError):
    import fcntl

SIOCGIFADDR = 0x8915
WIFI_BEST = 70
LOOPBACK = "lo"


class Network(NamedTuple):
    """One interface that is up: its name and IPv4 address, and its Wi-Fi signal as far as it is one.

    `wifi_percent` is the driver's link quality, `wifi_dbm` its level.
    """

    name: str
    address: str | None
    wifi_percent: int | None = None
    wifi_dbm: int | None = None


def networks(system: Path = Path("/sys/class/net"), wireless: Path = Path("/proc/net/wireless")) -> list[Network]:
    """List the interfaces that are up, but for the loopback."""
    signals = _signals(wireless)
    names = sorted(path.name for path in system.iterdir()) if system.is_dir() else []
    return [
        Network(name, _address(name), *signals.get(name, (None, None)))
        for name in names
        if name != LOOPBACK and _is_up(system / name)
    ]


def _is_up(folder: Path) -> bool:
    try:
        return (folder / "operstate").read_text().strip() in ("up", "unknown")
    except OSError:
        return False


def _signals(wireless: Path) -> dict[str, tuple[int, int]]:
    """Read lines such as `wlan0: 0000   58.  -52.  -256 ...`, below two of headings."""
    try:
        lines = wireless.read_text().splitlines()[2:]
    except OSError:
        return {}
    found = {}
    for line in lines:
        name, _, facts = line.partition(":")
        with contextlib.suppress(ValueError, IndexError):
            quality, level = (int(word.rstrip(".")) for word in facts.split()[1:3])
            found[name.strip()] = (min(100, round(100 * quality / WIFI_BEST)), level)
    return found


def _address(name: str) -> str | None:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            answer = fcntl.ioctl(line.fileno(), SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
    except (OSError, NameError):
        return None
    return socket.inet_ntoa(answer[20:24])
