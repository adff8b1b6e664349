"""A file that only takes up room: given up when the disk is full, so that what was aired can still be written down."""

import logging
import os
from pathlib import Path

from broadcaster.player import machine

log = logging.getLogger(__name__)
FILE = "reserve"
SIZE_BYTES = 2 << 20
TAKE_AGAIN = 4
"""It is laid aside anew when this many times its size is free."""


class Reserve:
    """The file `reserve` of the data folder."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE

    def free(self) -> bool:
        """Give the room up; False when it has been given up before."""
        if not self._path.exists():
            return False
        self._path.unlink(missing_ok=True)
        log.warning("reserve_freed")
        return True

    def restore(self) -> None:
        """Lay it aside (again) if there is room in plenty."""
        if self._path.exists() or machine.disk(self._path.parent).free < TAKE_AGAIN * SIZE_BYTES:
            return
        aside = self._path.with_suffix(".new")
        try:
            with aside.open("wb") as file:
                for _ in range(SIZE_BYTES >> 16):
                    file.write(os.urandom(1 << 16))  # zeros would be a hole where the file system compresses
            aside.replace(self._path)
        except OSError:
            aside.unlink(missing_ok=True)
