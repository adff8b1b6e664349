"""The child: fetches a stream, decodes it, and writes 48 kHz mono 16 bit samples to its standard output until it ends.

`python -m broadcaster.player.relay.decoder`; the address comes on standard input, since a command line is for all to
see. Why it ended goes to standard error in one line. ffmpeg gets bytes from `fetching` and opens nothing by itself.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

import av
from av.audio.stream import AudioStream
from av.container import InputContainer

from broadcaster.player.relay.fetching import Body, Fetcher, Unreachable
from broadcaster.player.relay.pointing import is_hls, pointed_at

RATE_HZ = 48_000
MEMORY_BYTES = 1 << 30
CPU_START_S = 60
CPU_SHARE = 4
"""A CPU second per so many of the relay: a Raspberry Pi needs a tenth of that."""
OPEN_FILES = 64
LIST_BYTES = 256 * 1024
LISTS = 3
LIST_MIMES = frozenset({"audio/x-mpegurl", "audio/mpegurl", "audio/x-scpls", "application/pls+xml"})
FORMATS = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/aac": "aac",
    "audio/aacp": "aac",
    "audio/ogg": "ogg",
    "audio/opus": "ogg",
    "application/ogg": "ogg",
    "audio/flac": "flac",
    "video/mp2t": "mpegts",
}
MAGIC = {b"OggS": "ogg", b"fLaC": "flac", b"ID3": "mp3"}
CODECS = frozenset({"mp3", "mp3float", "mp2", "mp2float", "aac", "aac_latm", "vorbis", "opus", "flac"})
OPTIONS = {
    # What HLS segments may hold; a stream's own format is told, since guessing takes ffmpeg many seconds of a stream.
    "format_whitelist": "hls,mpegts,aac,mp3,mov,ogg,flac",
    # Whatever ffmpeg opens, it asks us (`io_open`); these are the names it may ask by.
    "protocol_whitelist": "http,https",
    "probesize": "262144",
    "analyzeduration": "3000000",
}
HLS_OPTIONS = OPTIONS | {"http_persistent": "0", "extension_picky": "0", "allowed_extensions": "ALL"}
TOO_BROKEN = 200
"""Packets in a row that do not decode: this is no audio."""


def main() -> int:
    """Relay until the stream ends (exit status 0) or fails (1)."""
    asked = json.load(sys.stdin)
    _limit(CPU_START_S + int(asked["seconds"]) // CPU_SHARE)
    try:
        for samples in _samples(Fetcher(), asked["url"]):
            _write(samples)
    except BrokenPipeError:
        return 0
    except (Unreachable, av.FFmpegError, MemoryError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write("it ended\n")
    return 0


def _limit(cpu_s: int) -> None:
    """From now on no more than this; Windows knows no such limits, there only the player's own clock ends a child."""
    if find_spec("resource") is None:
        return
    resource = import_module("resource")
    most = {
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for which, value in most.items():
        # macOS knows the limit of memory and refuses to set it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (value, value))


def _samples(fetcher: Fetcher, url: str) -> Iterator[bytes]:
    body = _stream(fetcher, url)
    container = _opened(fetcher, body)
    stream = next((stream for stream in container.streams.audio), None)
    if stream is None or stream.codec_context.name not in CODECS:
        raise Unreachable("there is no audio in it that may be decoded")
    resampler, shape = _resampler(), None
    for frame in _frames(container, stream):
        # HE-AAC may change its rate after the first frames.
        if shape != (shape := (frame.sample_rate, frame.layout.name, frame.format.name)):
            resampler = _resampler()
        frame.pts = None
        for out in resampler.resample(frame):
            yield bytes(out.planes[0])[: out.samples * 2]


def _stream(fetcher: Fetcher, url: str) -> Body:
    """Follow lists of addresses to the stream itself, or to an HLS list of its segments."""
    for _ in range(LISTS):
        body = fetcher.open(url)
        if body.mime not in LIST_MIMES and not body.head().startswith((b"#EXTM3U", b"[playlist]")):
            return body
        pointed = pointed_at(body.head(LIST_BYTES).decode(errors="replace"), body.name)
        if pointed is None:
            return body
        body.close()
        url = pointed
    raise Unreachable("its lists point to lists")


def _opened(fetcher: Fetcher, body: Body) -> InputContainer:
    if not is_hls(body.head()):
        return av.open(body, "r", format=_format(body), options=OPTIONS, metadata_errors="replace")
    io_open = lambda url, *_: fetcher.open(url)  # noqa: E731 - ffmpeg's flags and options are of no use here
    return av.open(body, "r", format="hls", options=HLS_OPTIONS, metadata_errors="replace", io_open=io_open)


def _format(body: Body) -> str:
    known = next((name for magic, name in MAGIC.items() if body.head().startswith(magic)), FORMATS.get(body.mime))
    if known is None:
        raise Unreachable(f"{body.mime} is no audio that is known here")
    return known


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame]:
    broken = 0
    for packet in container.demux(stream):
        try:
            yield from stream.codec_context.decode(packet)
            broken = 0
        except av.InvalidDataError:
            broken += 1
            if broken > TOO_BROKEN:
                raise


def _resampler() -> av.AudioResampler:
    return av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)


def _write(samples: bytes) -> None:
    left = memoryview(samples)
    while left:
        left = left[os.write(1, left) :]


if __name__ == "__main__":
    sys.exit(main())
