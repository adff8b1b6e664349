"""The child's side of an engine's process: orders come in, samples go out.

Each line on stdin is a JSON order; each answer on stdout is a JSON line, followed by as many bytes of s16 samples as
it names. It knows nothing else of ours, so that a child starts in an instant.
"""

import json
import sys
from collections.abc import Callable
from typing import Any


def answer_orders(speak: Callable[[dict[str, Any]], tuple[int, bytes]]) -> None:
    """Answer with `speak`'s rate in Hz and samples until stdin ends; what it raises is told, not died of."""
    for line in sys.stdin.buffer:
        rate, samples, error = 0, b"", ""
        try:
            rate, samples = speak(json.loads(line))
        except Exception as failure:  # noqa: BLE001 - the edge of a process; the parent raises it
            error = str(failure) or type(failure).__name__
        answer = json.dumps({"rate_hz": rate, "bytes": len(samples), "error": error})
        sys.stdout.buffer.write(answer.encode() + b"\n" + samples)
        sys.stdout.buffer.flush()
