"""How much time and memory a process may take, where the system can be told (Unix)."""

import contextlib
from importlib import import_module
from importlib.util import find_spec

SECONDS = 20
_MEMORY_BYTES = 1 << 30

HAS_LIMITS = find_spec("resource") is not None
"""On Windows there are none: a child is then only ended after `SECONDS`, and its memory is not bounded."""


def limit_this_process() -> None:
    """From now on: 20 s of processor time, 1 GiB of memory, no file written, no core dumped."""
    if not HAS_LIMITS:
        return
    resource = import_module("resource")
    limits = {
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_AS: _MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        # macOS knows the limit of memory and refuses to set it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))
