"""Child processes are kept alive, and none outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from broadcaster import supervisor
from broadcaster.supervisor import Supervisor

WITHIN_S = 30.0


def until(happened: Callable[[], bool]) -> None:
    """Wait for something that must happen."""
    deadline = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def writes_its_pid(path: Path) -> list[str]:
    """A child that says who it is, then lives until its standard input closes."""
    code = f"import os, sys; open({str(path)!r}, 'a').write(str(os.getpid()) + '\\n'); sys.stdin.read()"
    return [sys.executable, "-c", code]


def pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def test_what_is_killed_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that dies by kill -9 is back, as another process."""
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.05)
    file = tmp_path / "pids"
    tending = Supervisor()
    try:
        tending.add("child", writes_its_pid(file))
        until(lambda: len(pids(file)) == 1)
        os.kill(pids(file)[0], signal.SIGKILL)

        def back() -> bool:
            tending.tend()
            return len(pids(file)) == 2

        until(back)
        assert len(set(pids(file))) == 2
    finally:
        tending.stop()


def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    """After stop, the child is gone."""
    file = tmp_path / "pids"
    tending = Supervisor()
    tending.add("child", writes_its_pid(file))
    until(lambda: len(pids(file)) == 1)
    tending.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pids(file)[0], 0)


def test_a_killed_parent_takes_its_children_along(tmp_path: Path) -> None:
    """A child that watches its standard input leaves when the parent is killed with no chance to say so."""
    file = tmp_path / "pids"
    child = (
        "import os, time; from broadcaster.supervisor import watch_parent;"
        f"watch_parent(lambda: os._exit(0)); open({str(file)!r}, 'a').write(str(os.getpid())); time.sleep(600)"
    )
    parent = (
        "import sys, time; from broadcaster.supervisor import Supervisor;"
        f"s = Supervisor(); s.add('child', [sys.executable, '-c', {child!r}]); time.sleep(600)"
    )
    top = Supervisor()
    top.add("parent", [sys.executable, "-c", parent])
    process = top.children[0].process
    assert process is not None
    until(lambda: bool(pids(file)))
    process.kill()
    process.wait()

    def gone() -> bool:
        try:
            os.kill(pids(file)[0], 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{pids(file)[0]}/stat").read_text().split()[2] == "Z"

    until(gone)
    top.stop()


ASKED_WITH_A_LOCK_HELD = """
import os, signal, threading
from broadcaster.supervisor import leave_when_asked
lock, left = threading.Lock(), threading.Event()

def leave():
    with lock:
        left.set()

leave_when_asked(leave)
with lock:
    os.kill(os.getpid(), signal.SIGTERM)
print(left.wait(30))
"""


def test_asking_to_leave_never_waits_for_a_lock_of_the_main_thread() -> None:
    """A signal coming while the main thread holds a lock that leaving needs ends the process all the same."""
    done = subprocess.run(
        [sys.executable, "-c", ASKED_WITH_A_LOCK_HELD], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "True\n", done.stderr
