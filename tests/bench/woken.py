"""A process that waits to be woken, and then writes a page and has it on the disk (`python -m tests.bench.woken FILE`).

For each line of standard input it says when that was done (monotonic seconds, which all processes of a machine share):
what a player must do at the very least before it sounds an alert.
"""

import os
import sys
import time
from pathlib import Path

PAGE = 4096


def main(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        print("ready", flush=True)  # noqa: T201 - its answer
        for _ in sys.stdin:
            file.write(bytes(PAGE))
            os.fsync(file.fileno())
            print(time.monotonic(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
