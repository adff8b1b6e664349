"""What only the operating system knows. Everything here may be missing elsewhere, and then says so with None.

Written for Linux on a Raspberry Pi or a PC. Elsewhere: no temperature, no under-voltage; the machine's clock is taken
for a hardware clock (PCs have one), and each start of the player counts as a start of the machine.
"""

import contextlib
import ctypes
import shutil
import sys
import uuid
from enum import StrEnum
from pathlib import Path
from typing import IO, NamedTuple

with contextlib.suppress(ImportError):
    import fcntl

LINUX = sys.platform == "linux"
_ADJTIMEX_ERROR = -1
_ADJTIMEX_UNSYNCHRONISED = 5
_STARTED = uuid.uuid4().hex


class TimeSource(StrEnum):
    """Who told the player the time."""

    SERVER = "server"
    NTP = "ntp"
    HARDWARE = "hardware"
    PHONE = "phone"


def boot_id() -> str:
    """Name this start of the machine, for as long as its monotonic clock runs on."""
    return _read("/proc/sys/kernel/random/boot_id") or _STARTED


def system_time_source() -> TimeSource | None:
    """Tell who set the operating system's clock: NTP, a hardware clock, or nobody we can name."""
    if not LINUX:
        return TimeSource.HARDWARE
    if _ntp_synchronised():
        return TimeSource.NTP
    return TimeSource.HARDWARE if _read("/sys/class/rtc/rtc0/hctosys") == "1" else None


def _ntp_synchronised() -> bool:
    # A zeroed struct timex (208 bytes on 64 bit) only reads the kernel's state.
    state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    return state not in (_ADJTIMEX_ERROR, _ADJTIMEX_UNSYNCHRONISED)


def temperature_c() -> float | None:
    """Temperature of the first thermal zone in degrees Celsius."""
    text = _read("/sys/class/thermal/thermal_zone0/temp")
    return int(text) / 1000 if text else None


def under_voltage() -> bool | None:
    """Whether a Raspberry Pi's firmware sees too low a supply voltage now."""
    text = _read("/sys/devices/platform/soc/soc:firmware/get_throttled")
    return bool(int(text, 16) & 1) if text else None


class Disk(NamedTuple):
    """Bytes of the disk that a folder lies on."""

    total: int
    free: int


def disk(folder: Path) -> Disk:
    """How large the disk is, and what is still free of it."""
    usage = shutil.disk_usage(folder)
    return Disk(usage.total, usage.free)


def disk_free_bytes(folder: Path) -> int:
    """Bytes still free where the folder is."""
    return disk(folder).free


def hardware_name() -> str:
    """Name the board or the platform, for the list of players."""
    return (_read("/proc/device-tree/model") or sys.platform).strip("\0")[:200]


def lock(folder: Path) -> IO[str] | None:
    """Take the folder for this process until the returned file is closed; None when another process has it."""
    file = (folder / "lock").open("w")
    if not LINUX:
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip() or None
    except OSError:
        return None
