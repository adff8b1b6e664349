"""Several sounds one after another as one Ogg Opus file, to be listened to in one go.

What is Opus already is copied packet by packet, which takes 0.4 s for an hour; anything else is encoded first. Players
never get such a file: they play each sound by itself, at its own second.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np

from audio_out.codecs import RATE, Codec, Pcm, decoded_floats, encode, encode_blocks_into
from audio_out.errors import NotAudio
from content.kernel.units import DurationMs

LONGEST_SILENCE = DurationMs(5_000)
"""A longer one is shortened: nobody waits a quarter of an hour for what comes after a relay."""
_FRAME = 960  # samples of 20 ms, the frame of our encoder
_STEADY = 10
"""A packet of silence that no longer remembers the beginning."""
_HEAD, _CHANNELS_AT = b"OpusHead", 37


@dataclass(frozen=True, slots=True)
class Piece:
    """A sound in the store's folder, and when it begins in the whole."""

    path: Path
    starts_ms: DurationMs


def join(pieces: Iterable[Piece], into: BinaryIO) -> None:
    """Write the pieces in their order, each at its time; where one runs late, those behind it do too.

    Memory holds one piece at most, and that only if it had to be encoded.

    Raises:
        NotAudio: a piece cannot be decoded.
    """
    with av.open(into, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream: Any = None
        written = 0
        for piece in pieces:
            with _opened(piece.path) as source:
                stream = stream or container.add_stream_from_template(source.streams.audio[0])
                for packet in (*_silence(piece.starts_ms, written), *_packets(source)):
                    packet.stream, packet.pts, packet.dts = stream, written, written
                    container.mux(packet)
                    written += _FRAME


def _silence(starts_ms: DurationMs, written: int) -> Iterator[Any]:
    missing = min(starts_ms * RATE // 1000 - written, LONGEST_SILENCE * RATE // 1000)
    for _ in range(round(missing / _FRAME)):
        packet = av.Packet(_silent_packet())
        packet.duration = _FRAME
        yield packet


@cache
def _silent_packet() -> bytes:
    second = encode(Pcm(np.zeros(RATE, np.int16), RATE), Codec.OPUS)
    with av.open(io.BytesIO(second), format="ogg") as source:
        return bytes(list(_packets(source))[_STEADY])


def _packets(source: Any) -> Iterator[Any]:
    return (packet for packet in source.demux(source.streams.audio[0]) if packet.size)


def _opened(path: Path) -> Any:
    try:
        return av.open(str(path) if _is_ours(path) else _as_opus(path), format="ogg")
    except av.FFmpegError as error:
        raise NotAudio from error


def _as_opus(path: Path) -> io.BytesIO:
    encoded = io.BytesIO()
    blocks = (np.rint(np.clip(block, -1, 1) * 32767).astype(np.int16) for block in decoded_floats(path))
    encode_blocks_into(encoded, blocks, RATE, Codec.OPUS)
    encoded.seek(0)
    return encoded


def _is_ours(path: Path) -> bool:
    """Whether it is Ogg with one channel of Opus. Source: RFC 7845, 5.1: the identification header."""
    with path.open("rb") as file:
        head = file.read(_CHANNELS_AT + 1)
    return head.startswith(b"OggS") and _HEAD in head and head[_CHANNELS_AT] == 1
