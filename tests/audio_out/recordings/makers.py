"""Recordings as devices make them: any container and codec that the library can write."""

import io
from fractions import Fraction
from typing import Any

import av
import numpy as np

RATE = 48_000


def encoded(
    sound: np.ndarray | None,
    container: str,
    encoder: str,
    *,
    rate: int = RATE,
    options: dict[str, str] | None = None,
    bits_per_second: int | None = None,
    sink: Any = None,
    picture: bool = False,
) -> bytes:
    """Sound [n] or [channels, n] at 48 kHz, full scale 1, as a file; `picture` adds a film of five frames.

    Its bytes, unless `sink` is a path.
    """
    file = io.BytesIO() if sink is None else sink
    with av.open(file, "w", format=container, options=options or {}) as out:
        film = _film(out) if picture else None
        if sound is not None:
            _add_sound(out, np.atleast_2d(sound).astype(np.float32), encoder, rate, bits_per_second)
        if film is not None:
            for _ in range(5):
                out.mux(film.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
            out.mux(film.encode(None))
    return b"".join(file.pieces) if isinstance(file, Pipe) else file.getvalue() if isinstance(file, io.BytesIO) else b""


class Pipe:
    """A file that cannot be sought, as a browser's recorder writes it: no length, no index."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)


def pink(samples: int, seed: int = 1) -> np.ndarray:
    """Noise with as much energy in each octave, RMS 1."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), samples)
    return noise / np.sqrt(np.mean(noise**2))


def white(samples: int, seed: int = 1) -> np.ndarray:
    """Noise with as much energy in each hertz, RMS 1."""
    return np.random.default_rng(seed).standard_normal(samples)


def mains(samples: int) -> np.ndarray:
    """The hum of a bad earth: 50 Hz and its overtones, RMS 1."""
    time_s = np.arange(samples) / RATE
    hum = sum(np.sin(2 * np.pi * 50 * tone * time_s + tone) / tone for tone in range(1, 6))
    return hum / np.sqrt(np.mean(hum**2))


def _add_sound(out: Any, channels: np.ndarray, encoder: str, rate: int, bits_per_second: int | None) -> None:
    layout = "mono" if len(channels) == 1 else "stereo"
    stream = out.add_stream(encoder, rate=rate, layout=layout)
    if bits_per_second:
        stream.bit_rate = bits_per_second
    resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate)
    for frame in [*_frames(channels, layout), None]:
        for ready in resampler.resample(frame):
            out.mux(stream.encode(ready))
    out.mux(stream.encode(None))


def _frames(channels: np.ndarray, layout: str):
    for start in range(0, channels.shape[1], RATE):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(channels[:, start : start + RATE]), format="fltp", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame


def _film(out: Any) -> Any:
    film = out.add_stream("mpeg4", rate=5)
    film.width = film.height = 64
    film.pix_fmt = "yuv420p"
    return film
