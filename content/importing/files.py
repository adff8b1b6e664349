"""Files from strangers, parsed in a child process: whatever one does to its parser, the server goes on."""

import logging
from typing import Any

from content.importing import errors, limits
from content.importing.document import Imported
from content.kernel.children import HAS_LIMITS, ChildDied, ChildTimedOut, ask_child
from content.kernel.errors import Invalid

log = logging.getLogger(__name__)

LARGEST_FILE = 64 << 20
"""Bytes."""


def read_file(data: bytes, name: str = "", *, keep_official: bool = False) -> Imported:
    """What would come in from a .docx, .odt, .pdf or .txt, known by its content; `name` is only for the log.

    Takes at most 20 s and 1 GiB of memory in a child process; on Windows memory is not limited, and the log says so.

    Args:
        data: the file.
        name: as the user calls it.
        keep_official: keep the official head and end (motto, issuer, number, recipients, signature).

    Raises:
        FileEmpty, FileTooBig, FileKindUnknown, FileOfOldWord, FileLocked, FileDamaged, FileTooHard, FileHasNoText.
    """
    if not data:
        raise errors.FileEmpty
    if len(data) > LARGEST_FILE:
        raise errors.FileTooBig(size_mb=len(data) >> 20, limit_mb=LARGEST_FILE >> 20)
    answer = _ask_child(data, name, ["--keep-official"] if keep_official else [])
    if "error" in answer:
        raise _error(str(answer["error"]))
    imported = answer["imported"]
    return Imported(**{**imported, "left_out": tuple(imported["left_out"])})


def _ask_child(data: bytes, name: str, options: list[str]) -> dict[str, Any]:
    facts = {"file": name, "bytes": len(data)}
    if not HAS_LIMITS:
        log.warning("import_without_limits", extra=facts)
    try:
        return ask_child("content.importing.child", data, options, seconds=limits.SECONDS)
    except ChildTimedOut:
        log.warning("import_too_slow", extra=facts)
    except ChildDied as died:
        log.warning("import_child_ended", extra={**facts, "status": died.status})
    raise errors.FileTooHard


def _error(name: str) -> Invalid:
    kind: type[Invalid] = getattr(errors, name)
    return kind()
