"""Sound as numbers and back: the only place that touches containers and codecs.

What comes in is decoded to mono, by default s16 at 48 kHz; what goes out is bit-exact: the same samples give the
same bytes (for one library version and kind of processor). Loudness is not known here.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from audio_out.errors import NotAudio, RecordingTooLong
from content.kernel.units import DurationMs, Hz

RATE = Hz(48_000)
LONGEST = DurationMs(62 * 60_000)  # half an hour's recording said twice, and its chimes
_RATES = range(4_000, 384_001)
_MOST_CHANNELS = 8
_BLOCK = 48_000

# A file named "mp3" that holds an ffconcat list makes the library read local files: only these may be opened.
_OPENING = {
    "protocol_whitelist": "file",
    "format_whitelist": "wav,w64,mp3,mov,mp4,m4a,3gp,aac,ogg,matroska,webm,flac,amr,asf,aiff,caf",
}

_MIMES = {
    "wav w64": "audio/wav",
    "mp3": "audio/mpeg",
    "mov,mp4,m4a,3gp,3g2,mj2": "audio/mp4",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "matroska,webm": "audio/webm",
    "flac": "audio/flac",
    "amr amrnb amrwb": "audio/amr",
    "asf": "audio/x-ms-wma",
    "aiff": "audio/aiff",
    "caf": "audio/x-caf",
}
_GUESSING = {"mp3", "aac", "amr", "amrnb", "amrwb"}
"""These have no length in their header: what the library tells is a guess from the size."""


class Codec(StrEnum):
    """What a deliverable can be encoded with."""

    OPUS = "opus"
    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"


@dataclass(frozen=True, slots=True)
class Pcm:
    """Mono sound: int16 samples [n] at `rate`."""

    samples: NDArray[np.int16]
    rate: Hz

    @property
    def duration_ms(self) -> DurationMs:
        """How long it plays."""
        return DurationMs(round(len(self.samples) * 1000 / self.rate))


@dataclass(frozen=True, slots=True)
class _Recipe:
    container: str
    encoder: str
    sample_format: str
    mime: str
    lossy: bool = False
    bits_per_second: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    steady_options: tuple[tuple[str, str], ...] = ()


_RECIPES = {
    Codec.OPUS: _Recipe(
        "ogg", "libopus", "s16", "audio/ogg", True, 48_000, (("application", "audio"),), (("application", "lowdelay"),)
    ),
    Codec.MP3: _Recipe("mp3", "libmp3lame", "s16p", "audio/mpeg", True, 96_000),
    Codec.WAV: _Recipe("wav", "pcm_s16le", "s16", "audio/wav"),
    Codec.FLAC: _Recipe("flac", "flac", "s16", "audio/flac"),
}


def mime_of(codec: Codec) -> str:
    """The media type that players and browsers are told."""
    return _RECIPES[codec].mime


def is_lossy(codec: Codec) -> bool:
    """Whether decoding gives something else than was encoded."""
    return _RECIPES[codec].lossy


def is_streamed(codec: Codec) -> bool:
    """Whether the file is written from start to end, and can be read meanwhile."""
    return _RECIPES[codec].container == "ogg"


def encode(pcm: Pcm, codec: Codec, tags: Mapping[str, str] | None = None) -> bytes:
    """The sound as a file; `tags` are its title and the like. Opus takes 48 kHz only."""
    # In memory, and so seekable: an MP3 without its Xing header plays 1105 samples too many.
    file = io.BytesIO()
    encode_into(file, pcm, codec, tags)
    return file.getvalue()


def encode_into(
    file: Any, pcm: Pcm, codec: Codec, tags: Mapping[str, str] | None = None, *, steady: bool = False
) -> None:
    """`encode` into anything with a `write`, and a `seek` unless the codec is streamed.

    Opus takes a whistle or a wailing siren for speech, and what it makes of it then was seen to peak 10 dB higher;
    `steady` keeps it from guessing, for a little quality.
    """
    starts = range(0, len(pcm.samples), _BLOCK)
    blocks = (pcm.samples[start : start + _BLOCK] for start in starts)
    encode_blocks_into(file, blocks, pcm.rate, codec, tags, steady=steady)


def encode_blocks_into(
    file: Any,
    blocks: Iterable[NDArray[np.int16]],
    rate: Hz,
    codec: Codec,
    tags: Mapping[str, str] | None = None,
    *,
    steady: bool = False,
) -> None:
    """`encode_into` for a sound that comes in blocks [n] and need not be in memory as a whole."""
    recipe = _RECIPES[codec]
    options = dict(recipe.steady_options if steady else recipe.options)
    with av.open(file, "w", format=recipe.container, options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream(recipe.encoder, rate=rate, layout="mono", options=options)
        if recipe.bits_per_second:
            stream.bit_rate = recipe.bits_per_second
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        container.metadata.update(tags or {})
        stream.metadata.update(tags or {})  # Ogg reads them here
        start = 0
        for block in blocks:
            container.mux(stream.encode(frame_of(block, rate, recipe.sample_format, start)))
            start += len(block)
        container.mux(stream.encode(None))


def frame_of(samples: NDArray[Any], rate: Hz, sample_format: str, start: int) -> av.AudioFrame:
    """Mono samples as the library's frame; `start` is the place of the first one in the whole."""
    frame = av.AudioFrame.from_ndarray(samples[None, :], format=sample_format, layout="mono")
    frame.sample_rate = rate
    frame.pts = start
    frame.time_base = Fraction(1, rate)
    return frame


def decode(source: bytes | Path, *, rate: Hz | None = RATE, longest: DurationMs = LONGEST) -> Pcm:
    """Any sound file as mono s16 at `rate`, or at its own rate if None; damaged packets are left out.

    Raises:
        NotAudio: nothing in it can be decoded.
        RecordingTooLong: it says, or turns out, that it is longer than `longest`.
    """
    blocks = list(_blocks(source, "s16", rate, longest))
    if not blocks:
        raise NotAudio
    return Pcm(np.concatenate([block for block, _ in blocks]), blocks[0][1])


def decoded_floats(source: Any) -> Iterator[NDArray[np.float32]]:
    """Blocks of mono float32 at 48 kHz, where what lies beyond full scale is still to be seen.

    `source` is bytes, a path, or an object with `read`.
    """
    return (block for block, _ in _blocks(source, "flt", RATE, LONGEST))


@dataclass(frozen=True, slots=True)
class Header:
    """What a file is by its content, and how long it says it is (None where it does not, or only guesses)."""

    mime: str
    duration_ms: DurationMs | None


def header_of(source: Any) -> Header:
    """What kind of file this is; the name plays no part if `source` is an object with `read`.

    Raises:
        NotAudio: it is no file with sound in it.
    """
    with _opened(source) as container:
        stream = _audio_of(container)
        kind = container.format.name
        return Header(_mime_of_kind(kind, container.metadata.get("major_brand", "")), _said_duration(container, stream))


def channels_of(source: Any) -> Iterator[tuple[NDArray[np.float32], Hz]]:
    """Blocks of about a second [channels, n], full scale 1, as they were recorded: own rate, not mixed, not clipped.

    Raises:
        NotAudio: it is no file with sound in it.
    """
    with _opened(source) as container:
        waiting, shape = list[NDArray[np.float32]](), (0, Hz(0))
        for frame in _decoded(container, _audio_of(container)):
            block, rate = _floats(frame), Hz(frame.sample_rate)
            if (len(block), rate) != shape or sum(each.shape[1] for each in waiting) >= rate:
                if waiting:
                    yield np.concatenate(waiting, 1), shape[1]
                waiting, shape = [], (len(block), rate)
            waiting.append(block)
        if waiting:
            yield np.concatenate(waiting, 1), shape[1]


def resampled(blocks: Iterable[tuple[NDArray[np.float32], Hz]]) -> Iterator[NDArray[np.float32]]:
    """Mono blocks [n] of any rate at 48 kHz."""
    return _resampled((frame_of(block, rate, "flt", 0) for block, rate in blocks), "flt", RATE)


def tags_of(source: bytes | Path) -> dict[str, str]:
    """Title and the like of a file that we wrote, names in lower case."""
    with _opened(source) as container:
        found = {**container.metadata, **container.streams.audio[0].metadata}
    return {name.lower(): text for name, text in found.items()}


def matches_flac(data: bytes, pcm: Pcm) -> bool:
    """Whether decoded samples are those that went into this FLAC file, by the checksum in its header.

    Source: RFC 9639, 8.2: the MD5 of the samples ends the STREAMINFO block, 26 bytes into the file.
    """
    return hashlib.md5(pcm.samples.tobytes(), usedforsecurity=False).digest() == data[26:42]


def _opened(source: Any) -> Any:
    try:
        return av.open(io.BytesIO(source) if isinstance(source, bytes) else source, options=_OPENING)
    except (av.FFmpegError, ValueError) as error:
        raise NotAudio from error


def _blocks(source: Any, sample_format: str, rate: Hz | None, longest: DurationMs) -> Iterator[tuple[NDArray[Any], Hz]]:
    with _opened(source) as container:
        stream = _checked(container, longest)
        target = rate or Hz(stream.codec_context.sample_rate)
        room = target * longest // 1000
        for block in _resampled(_decoded(container, stream), sample_format, target):
            room -= len(block)
            if room < 0:
                raise RecordingTooLong(minutes=longest // 60_000)
            yield block, target


def _checked(container: Any, longest: DurationMs) -> Any:
    """The audio stream, unless it says that it is too long."""
    stream = _audio_of(container)
    if container.duration is not None and container.duration / av.time_base * 1000 > longest:
        raise RecordingTooLong(minutes=longest // 60_000)
    return stream


def _audio_of(container: Any) -> Any:
    """The audio stream, if its header is one of a real recording: a lying one can ask for gigabytes."""
    if not container.streams.audio:
        raise NotAudio
    stream = container.streams.audio[0]
    context = stream.codec_context
    if context is None or context.sample_rate not in _RATES or not 0 < context.channels <= _MOST_CHANNELS:
        raise NotAudio
    return stream


def _mime_of_kind(kind: str, brand: str) -> str:
    if brand.startswith("3g"):
        return "audio/3gpp"
    return next((mime for names, mime in _MIMES.items() if kind in names.split()), "application/octet-stream")


def _said_duration(container: Any, stream: Any) -> DurationMs | None:
    if container.format.name in _GUESSING:
        return None
    if stream.duration is not None:
        return DurationMs(round(stream.duration * stream.time_base * 1000))
    if container.duration is None or container.streams.video:
        return None
    return DurationMs(round(container.duration / av.time_base * 1000))


def _floats(frame: av.AudioFrame) -> NDArray[np.float32]:
    """A frame of any sample format as [channels, n]."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    if samples.dtype.kind == "f":
        return np.nan_to_num(samples.astype(np.float32), posinf=0, neginf=0)
    full_scale = np.float32(2 ** (8 * samples.dtype.itemsize - 1))
    sound = samples.astype(np.float32) / full_scale
    return sound - np.float32(1) if samples.dtype.kind == "u" else sound


def _decoded(container: Any, stream: Any) -> Iterator[av.AudioFrame]:
    """All frames that can be had; `container.decode()` would end at the first damaged packet."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue


def _resampled(decoded: Iterator[av.AudioFrame], sample_format: str, rate: Hz) -> Iterator[NDArray[Any]]:
    """Mono blocks; a stream that changes its rate or channels midway gets a new resampler."""
    wanted = {(name, "mono", rate) for name in (sample_format, f"{sample_format}p")}
    resampler, shape = None, None
    for frame in decoded:
        found = (frame.format.name, frame.layout.name, frame.sample_rate)
        if found != shape:
            yield from _rest_of(resampler)
            new = av.AudioResampler(format=sample_format, layout="mono", rate=rate)
            resampler, shape = (None if found in wanted else new), found
        if resampler is None:
            yield frame.to_ndarray()[0]
        else:
            frame.pts = None
            yield from (out.to_ndarray()[0] for out in resampler.resample(frame))
    yield from _rest_of(resampler)


def _rest_of(resampler: av.AudioResampler | None) -> Iterator[NDArray[Any]]:
    if resampler is not None:
        yield from (out.to_ndarray()[0] for out in resampler.resample(None))
