"""Encode, and hear at the same time what was encoded: half of the wait for a measurement on the stored bytes."""

import io
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from audio_out.codecs import Codec, Pcm, decoded_floats, encode_into, is_streamed
from audio_out.mastering.meter import Loudness, Sound, measure


def encoded_and_heard(
    pcm: Pcm, codec: Codec, tags: Mapping[str, str], *, steady: bool
) -> tuple[bytes, Loudness, Sound]:
    """The encoded file, its decoded loudness and its decoded `true_peaks` curve."""
    if not is_streamed(codec):
        file = io.BytesIO()
        encode_into(file, pcm, codec, tags, steady=steady)
        return file.getvalue(), *measure(decoded_floats(file.getvalue()))
    echo = _Echo()
    with ThreadPoolExecutor(1, "listening") as thread:
        heard = thread.submit(lambda: measure(decoded_floats(echo)))
        try:
            encode_into(echo, pcm, codec, tags, steady=steady)
        finally:
            echo.end()
        return echo.written(), *heard.result()


class _Echo:
    """A file that one thread writes from start to end while another one reads it."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._read = 0
        self._ended = False
        self._changed = threading.Condition()

    def write(self, data: bytes) -> int:
        with self._changed:
            self._data += data
            self._changed.notify()
        return len(data)

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify()

    def read(self, size: int) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._read < len(self._data))
            data = bytes(self._data[self._read : self._read + size])
            self._read += len(data)
        return data

    def written(self) -> bytes:
        return bytes(self._data)
