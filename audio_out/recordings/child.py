"""The child process that decodes one file: the file on standard input, JSON on standard output, the take where told.

    python -m audio_out.recordings.child TAKE.flac < FILE

It answers `{"take": {...}}`, or `{"error": "NotAudio", "facts": {...}}` by the error's name.
"""

import errno
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from audio_out.codecs import RATE, Codec, encode_blocks_into, header_of
from audio_out.errors import DecodingDied, StoreFull
from audio_out.mastering.meter import Sound
from audio_out.recordings.checking import findings_of, waveform
from audio_out.recordings.limits import LIMITS
from audio_out.recordings.source import surveyed, take_of
from content.kernel.children import limit_this_process
from content.kernel.errors import Invalid

log = logging.getLogger(__name__)


def main() -> None:
    """Decode what comes in within limits; a decoder that breaks on a file is the file's fault."""
    limit_this_process(LIMITS)
    target = Path(sys.argv[1])
    try:
        answer: dict[str, Any] = {"take": decoded(sys.stdin.buffer, target)}
    except Invalid as error:
        answer = {"error": type(error).__name__, "facts": error.facts}
    except Exception as error:
        # The edge of a process: foreign files find the places in libraries that nobody thought of.
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            answer = {"error": StoreFull.__name__, "facts": {"folder": str(target.parent)}}
        else:
            log.exception("decoding_failed")
            answer = {"error": DecodingDied.__name__, "facts": {}}
    sys.stdout.write(json.dumps(answer))


def decoded(file: Any, target: Path) -> dict[str, Any]:
    """Write the take of a seekable file, and tell what is to be known of it."""
    header = header_of(file)
    file.seek(0)
    survey = surveyed(file)
    file.seek(0)
    blocks = list(take_of(file, survey))
    with target.open("wb") as flac:
        encode_blocks_into(flac, blocks, RATE, Codec.FLAC)

    def read() -> Iterator[Sound]:
        return (block * np.float32(1 / 32768) for block in blocks)

    said_seconds = None if header.duration_ms is None else header.duration_ms / 1000
    return {
        "mime": header.mime,
        "duration_ms": round(sum(map(len, blocks)) * 1000 / RATE),
        "findings": [(each.kind, each.facts) for each in findings_of(read, survey.clipped_at_s, said_seconds)],
        "waveform": waveform(read),
    }


if __name__ == "__main__":
    main()
