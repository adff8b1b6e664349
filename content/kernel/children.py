"""Work on what strangers send, in a child process: the limits it sets on itself, and the clock that ends it.

What the children do is nobody's business here; they answer in JSON. On Windows a child can only be ended by the
clock: there its processor time, its memory and the size of what it writes are not bounded (`HAS_LIMITS`).
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

HAS_LIMITS = find_spec("resource") is not None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process may take; `file_bytes` is the size of each file that it writes."""

    cpu_seconds: int
    memory_bytes: int
    file_bytes: int = 0


class ChildTimedOut(Exception):
    """It worked for too long and was ended."""


class ChildDied(Exception):
    """It ended without an answer: its limits, the system or a crash ended it. `status` is its exit status."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"exit status {status}")


def limit_this_process(limits: Limits) -> None:
    """From now on no more than this, and no core dumped. Does nothing where there are no limits."""
    if not HAS_LIMITS:
        return
    resource = import_module("resource")
    most = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for which, value in most.items():
        # macOS knows the limit of memory and refuses to set it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (value, value))


def ask_child(module: str, given: bytes | Path, options: Sequence[str] = (), *, seconds: float) -> dict[str, Any]:
    """What `python -m module` answers when it gets these bytes, or that file, on its standard input.

    A file is handed over open: the child does not learn its name. What it says on standard error is logged.

    Raises:
        ChildTimedOut: not within `seconds`; the child is killed, and whatever it started with it.
        ChildDied: no JSON came.
    """
    command = [sys.executable, "-m", module, *options]
    with contextlib.ExitStack() as opened:
        source: Any = subprocess.PIPE if isinstance(given, bytes) else opened.enter_context(given.open("rb"))
        child = opened.enter_context(
            subprocess.Popen(
                command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
            )
        )
        try:
            answer, said = child.communicate(given if isinstance(given, bytes) else None, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise ChildTimedOut from None
        finally:
            _end(child)
    if said:
        log.warning("child_said", extra={"child": module, "said": said[-2000:].decode(errors="replace")})
    try:
        return json.loads(answer)  # type: ignore[no-any-return]
    except ValueError:
        raise ChildDied(child.returncode) from None


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill what has not ended by itself, with all of its group where there are groups."""
    if child.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
