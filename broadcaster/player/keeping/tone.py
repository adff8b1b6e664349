"""The test tone: made here when it is first asked for, and kept among the objects, so that it needs no server."""

import hashlib
import io

import numpy as np
import soundfile

from broadcaster.player.errors import PlayerError
from broadcaster.player.keeping.cache import Cache
from broadcaster.player.sound.pcm import RATE_HZ

HZ = 660
SECONDS = 2.0
LEVEL = 0.1
FADE_S = 0.05


def keep_tone(cache: Cache) -> str:
    """Put the tone among the objects and return its sha256; it goes when what nobody needs goes.

    Raises:
        PlayerError: the disk does not take it.
    """
    data = _flac()
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 in cache.present:
        return sha256
    try:
        cache.store(sha256, len(data), (data,), resume=False)
    except OSError as error:
        raise PlayerError(f"The disk does not take the test tone ({error})") from error
    return sha256


def _flac() -> bytes:
    """Make two seconds at -20 dBFS that begin and end softly."""
    time = np.arange(int(SECONDS * RATE_HZ)) / RATE_HZ
    edges = np.minimum(1.0, np.minimum(time, SECONDS - time) / FADE_S)
    file = io.BytesIO()
    soundfile.write(file, LEVEL * edges * np.sin(2 * np.pi * HZ * time), RATE_HZ, format="FLAC", subtype="PCM_16")
    return file.getvalue()
