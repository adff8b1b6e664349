"""Keeps child processes alive: starts them, restarts what dies, stops all of them at the end.

Each child holds one end of a pipe as its standard input: when this process is killed, the pipe closes and the
children leave by themselves (`watch_parent`), on every system.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

log = logging.getLogger(__name__)
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
"""A child that lived this long is healthy again: its next death is restarted at once."""
STOP_WITHIN_S = 10.0


@dataclass
class Child:
    """One process that shall always run."""

    name: str
    argv: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    again_at: float = 0.0


@dataclass
class Supervisor:
    """All children of this process. What they say on standard error goes to `log_file`, None: where ours goes."""

    log_file: Path | None = None
    children: list[Child] = field(default_factory=list)

    def add(self, name: str, argv: Sequence[str]) -> None:
        """Start one more child and keep it alive from now on."""
        child = Child(name, argv)
        self._start(child)
        self.children.append(child)

    def tend(self) -> None:
        """Restart what has died and waited long enough."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._note_death(child, now)
            if child.process is None and now >= child.again_at:
                self._start(child)

    def run(self, stop: threading.Event, every_s: float = 0.2) -> None:
        """Tend the children until told to stop, then stop them."""
        try:
            while not stop.wait(every_s):
                self.tend()
        finally:
            self.stop()

    def stop(self, which: Callable[[Child], bool] = lambda _: True) -> None:
        """Ask children to leave (all, unless told which); kill what does not."""
        leaving = [child for child in self.children if which(child)]
        self.children = [child for child in self.children if child not in leaving]
        running = [child.process for child in leaving if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_WITHIN_S
        for process in running:
            _wait_or_kill(process, deadline)

    def _start(self, child: Child) -> None:
        with contextlib.ExitStack() as stack:
            log_to = stack.enter_context(self.log_file.open("ab")) if self.log_file else None
            child.process = subprocess.Popen(child.argv, stdin=subprocess.PIPE, stderr=log_to)
        child.started = time.monotonic()
        log.info("child.started", extra={"child": child.name, "pid": child.process.pid})

    def _note_death(self, child: Child, now: float) -> None:
        assert child.process is not None
        child.pause_s = FIRST_PAUSE_S if now - child.started > STEADY_S else min(child.pause_s * 2, LONGEST_PAUSE_S)
        child.again_at = now + child.pause_s
        log.error(
            "child.died", extra={"child": child.name, "status": child.process.returncode, "again_in_s": child.pause_s}
        )
        if child.process.stdin:
            child.process.stdin.close()
        child.process = None


def _wait_or_kill(process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()


def ourselves(*arguments: str) -> list[str]:
    """The command line that runs this program again, by this Python."""
    return [sys.executable, "-m", "broadcaster.cli", *arguments]


def leave_when_asked(leave: Callable[[], None]) -> None:
    """Call `leave` at SIGINT or SIGTERM, in a thread of its own.

    A handler runs in the main thread, in the midst of what that is doing: one that sets the event on which the main
    thread waits can find the event's lock held by itself, and the process hangs for ever.
    """
    asked: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.put(number))

    def wait() -> None:
        asked.get()
        leave()

    threading.Thread(target=wait, name="leave-when-asked", daemon=True).start()


def watch_parent(leave: Callable[[], None]) -> None:
    """Call `leave` once the parent's end of our standard input closes: the parent is gone."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        leave()

    threading.Thread(target=wait, name="watch-parent", daemon=True).start()
