"""Writing a file so that a power cut leaves either the old one or the new one, never a half."""

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)


def write_atomically(path: Path, data: bytes, *, durable: bool = True, mode: int = 0o600) -> None:
    """Replace the file's content in one step, readable by its owner alone.

    Args:
        path: the file; its folder exists.
        data: the whole new content.
        durable: also wait until the disk has it. Without, a power cut may bring the old content back.
        mode: who else may read it.
    """
    aside = path.with_name(f"{path.name}.new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except OSError:  # a full disk: half a file takes up the room that others need
        aside.unlink(missing_ok=True)
        raise
    aside.replace(path)
    if durable:
        sync_folder(path.parent)


def note(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Write what can be done without: where the disk does not take it the log says so, and nothing else happens."""
    try:
        write_atomically(path, data, durable=durable)
    except OSError as error:
        log.warning("not_written", extra={"file": path.name, "why": str(error)})


def sync_folder(folder: Path) -> None:
    """Make renames in the folder survive a power cut (elsewhere than on Unix the system does it by itself)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
