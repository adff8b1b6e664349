"""The test tone: made here, once, and kept among the objects, so that it needs no server."""

import hashlib
import io
import logging

import numpy as np
import soundfile

from broadcaster.player.cache import Cache
from broadcaster.player.errors import PlayerError
from broadcaster.player.pcm import RATE_HZ

log = logging.getLogger(__name__)
HZ = 660
SECONDS = 2.0
LEVEL = 0.1
FADE_S = 0.05


def keep_tone(cache: Cache) -> tuple[str, ...]:
    """Put the tone among the objects and return its sha256; nothing where the disk does not take it."""
    data = _flac()
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        cache.store(sha256, len(data), (data,), resume=False)
    except (OSError, PlayerError) as error:
        log.warning("no_test_tone", extra={"why": str(error)})
        return ()
    return (sha256,)


def _flac() -> bytes:
    """Make two seconds at -20 dBFS that begin and end softly."""
    time = np.arange(int(SECONDS * RATE_HZ)) / RATE_HZ
    edges = np.minimum(1.0, np.minimum(time, SECONDS - time) / FADE_S)
    file = io.BytesIO()
    soundfile.write(file, LEVEL * edges * np.sin(2 * np.pi * HZ * time), RATE_HZ, format="FLAC", subtype="PCM_16")
    return file.getvalue()
