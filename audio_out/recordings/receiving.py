"""Files from strangers, decoded in a child process: whatever one does to its decoder, the server goes on."""

import logging
import tempfile
from pathlib import Path
from typing import Any

from audio_out import errors
from audio_out.recordings import limits
from audio_out.recordings.findings import Finding, FindingKind, Take
from audio_out.store import Store
from content.kernel.children import HAS_LIMITS, ChildDied, ChildTimedOut, ask_child
from content.kernel.errors import BroadcastError
from content.kernel.units import DurationMs

log = logging.getLogger(__name__)


def receive(path: Path, store: Store) -> Take:
    """Decode a file, check its sound, and keep both; what the file is called plays no part.

    Takes wav, mp3, m4a, aac, ogg, opus, webm, flac, amr, 3gp, wma and the sound of a film, up to `LONGEST` and
    `LARGEST_FILE`; of a damaged or cut off file what is left. At most 150 s, 1 GiB of memory and 200 MiB of disk in a
    child process; on Windows only the time is limited, and the log says so.

    Raises:
        NotAudio, RecordingTooLong, RecordingTooBig, DecodingTimedOut, DecodingDied: the file; nothing was kept.
        StoreFull, StoreNotWritable: not now.
    """
    size_bytes = path.stat().st_size
    if size_bytes > limits.LARGEST_FILE:
        raise errors.RecordingTooBig(size_mb=size_bytes >> 20, limit_mb=limits.LARGEST_FILE >> 20)
    with tempfile.TemporaryDirectory(prefix="take-", ignore_cleanup_errors=True) as folder:
        decoded = Path(folder) / "take.flac"
        answer = _ask_child(path, decoded, size_bytes)
        if "error" in answer:
            raise _error(answer)
        take = answer["take"]
        return Take(
            sha256=store.put(path),
            take_sha256=store.put(decoded),
            mime=take["mime"],
            size_bytes=size_bytes,
            duration_ms=DurationMs(take["duration_ms"]),
            findings=tuple(Finding(FindingKind(kind), facts) for kind, facts in take["findings"]),
            waveform=tuple(take["waveform"]),
        )


def _ask_child(path: Path, decoded: Path, size_bytes: int) -> dict[str, Any]:
    if not HAS_LIMITS:
        log.warning("decoding_without_limits", extra={"bytes": size_bytes})
    try:
        return ask_child("audio_out.recordings.child", path, [str(decoded)], seconds=limits.SECONDS)
    except ChildTimedOut:
        log.warning("decoding_too_slow", extra={"bytes": size_bytes})
        raise errors.DecodingTimedOut(seconds=limits.SECONDS) from None
    except ChildDied as died:
        log.warning("decoding_child_ended", extra={"bytes": size_bytes, "status": died.status})
        raise errors.DecodingDied from None


def _error(answer: dict[str, Any]) -> BroadcastError:
    kind: type[BroadcastError] = getattr(errors, answer["error"])
    return kind(**answer["facts"])
