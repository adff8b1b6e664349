"""Sentences spoken before, as FLAC files: one changed sentence of thirty costs one sentence.

Nothing in it is precious: what is damaged or too much is thrown away and made again.
"""

import contextlib
import hashlib
import json
import logging
import os
import tempfile
from pathlib import Path

from audio_out.codecs import Codec, Pcm, decode, encode, matches_flac
from audio_out.errors import NotAudio
from content.kernel.units import Sha256

log = logging.getLogger(__name__)

_FULL_AGAIN_AT = 0.9


class SentenceCache:
    """A folder of at most about `most_bytes`; what was not used for longest leaves first."""

    def __init__(self, folder: Path, most_bytes: int = 2 << 30) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._room_bytes = 0  # counted when first written to; other processes write here too

    def get(self, key: Sha256) -> Pcm | None:
        """The speech kept under that key, whole, or None."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        speech = _decoded(data)
        with contextlib.suppress(OSError):  # a folder that turned read-only still serves
            if speech is None:
                log.warning("cache.damaged", extra={"key": key})
                path.unlink()
            else:
                os.utime(path)
        return speech

    def put(self, key: Sha256, speech: Pcm) -> None:
        """Keep the speech; a disk that is full or read-only costs time later, not this announcement."""
        path, data = self._path(key), encode(speech, Codec.FLAC)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_aside(path, data)
            self._room_bytes -= len(data)
            if self._room_bytes < 0:
                self._make_room()
        except OSError as error:
            log.warning("cache.not_written", extra={"key": key, "error": str(error)})

    def _path(self, key: Sha256) -> Path:
        return self._folder / key[:2] / f"{key}.flac"

    def _make_room(self) -> None:
        files = sorted(
            (stat.st_mtime, stat.st_size, path) for path in self._folder.glob("??/*") if (stat := path.stat())
        )
        total = sum(size for _, size, _ in files)
        aim = self._most_bytes if total <= self._most_bytes else int(self._most_bytes * _FULL_AGAIN_AT)
        for _, size, path in files:
            if total <= aim:
                break
            path.unlink(missing_ok=True)
            total -= size
        self._room_bytes = self._most_bytes - total


def key_of(voice_id: str, fingerprint: str, sentence: str) -> Sha256:
    """The name of a spoken sentence: everything that shapes its sound."""
    return Sha256(hashlib.sha256(json.dumps([voice_id, fingerprint, sentence]).encode()).hexdigest())


def _decoded(data: bytes) -> Pcm | None:
    try:
        speech = decode(data, rate=None)
    except NotAudio:
        return None
    return speech if matches_flac(data, speech) else None


def _write_aside(path: Path, data: bytes) -> None:
    descriptor, aside = tempfile.mkstemp(suffix=".part", dir=path.parent)
    part = Path(aside)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(data)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
