"""Spectrograms as small PNG files, with nothing but numpy and zlib."""

import struct
import zlib
from pathlib import Path

import numpy as np
from scipy import signal

from tests.bench.speech.world import AIR_RATE, PASCAL_0_DB

TOP_HZ = 6000
_WINDOW, _STEP = 512, 160
_SCALE = 2
_FLOOR_DB, _RANGE_DB = 5.0, 50.0
_COLOURS = np.array([(0, 0, 10), (60, 15, 110), (170, 45, 115), (245, 120, 60), (250, 235, 160)])
_SHADES = 24  # more of them only make the file larger
_GRID = (120, 120, 130)


def draw(path: Path, pressure: np.ndarray) -> None:
    """What arrives, 0 to 6 kHz upwards and time to the right; a line for each kHz and each second.

    Colours span 50 dB, the same in every picture, so that two of them can be compared.
    """
    hz, _, power = signal.spectrogram(pressure, AIR_RATE, nperseg=_WINDOW, noverlap=_WINDOW - _STEP)
    level = 10 * np.log10(power * (AIR_RATE / _WINDOW) / PASCAL_0_DB**2 + 1e-9)
    rows = np.clip((level[hz <= TOP_HZ][::-1] - _FLOOR_DB) / _RANGE_DB, 0, 1)
    pixels = (rows * (_SHADES - 1)).astype(np.uint8).repeat(_SCALE, axis=0)
    height, width = pixels.shape
    for khz in range(1, TOP_HZ // 1000):
        pixels[height - round(khz * 1000 / TOP_HZ * height), ::4] = _SHADES
    for second in range(1, width * _STEP // AIR_RATE + 1):
        at = round(second * AIR_RATE / _STEP)
        pixels[::4, at : at + 1] = _SHADES
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_png(pixels))


def _png(pixels: np.ndarray) -> bytes:
    """Pixels [row, column] as a PNG with a palette. Source: W3C, Portable Network Graphics."""
    height, width = pixels.shape
    steps = np.linspace(0, len(_COLOURS) - 1, _SHADES)
    palette = np.stack([np.interp(steps, range(len(_COLOURS)), channel) for channel in _COLOURS.T], axis=1)
    palette = np.vstack([palette, _GRID]).round().astype(np.uint8)
    rows = np.hstack([np.zeros((height, 1), np.uint8), pixels])
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
