"""How loud a sound is: integrated loudness and true peak. It measures and changes nothing.

Source: ITU-R BS.1770-5, EBU R 128; loudness by ffmpeg's `ebur128`, true peak by four times oversampling.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any, TypeAlias

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from audio_out.codecs import RATE, frames
from content.kernel.units import Dbtp, Lufs

Sound: TypeAlias = NDArray[np.float32]

SHORTEST = int(3.2 * RATE)
"""Samples. A shorter sound is repeated for the meter: under 400 ms BS.1770 knows no loudness at all."""
BIN = RATE // 1000
"""Samples in one bin of the true-peak curve: 1 ms."""
_OVERSAMPLING = 4
_BLOCK_BINS = 10_000
_MARGIN_BINS = 4
_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class Loudness:
    """What a meter reads."""

    lufs: Lufs
    peak_dbtp: Dbtp


def measure(sound: Sound) -> Loudness:
    """Both readings of a mono sound at 48 kHz."""
    return Loudness(loudness(sound), peak(true_peaks(sound)))


def loudness(sound: Sound) -> Lufs:
    """Integrated loudness of a mono sound [n] at 48 kHz; -70 stands for silence."""
    if len(sound) < SHORTEST:
        sound = np.tile(sound, -(-SHORTEST // max(1, len(sound))))
    _, lufs = through(sound, [])
    return lufs


def true_peaks(sound: Sound) -> Sound:
    """The highest level between the samples of each millisecond [ceil(n / 48)], linear."""
    bins = -(-len(sound) // BIN)
    padded = np.zeros((bins + 2 * _MARGIN_BINS) * BIN, np.float32)
    padded[_MARGIN_BINS * BIN :][: len(sound)] = sound
    curves = []
    for start in range(0, bins, _BLOCK_BINS):
        count = min(_BLOCK_BINS, bins - start)
        block = padded[start * BIN : (start + count + 2 * _MARGIN_BINS) * BIN]
        dense = soxr.resample(block, RATE, RATE * _OVERSAMPLING).reshape(-1, BIN * _OVERSAMPLING)
        curves.append(np.maximum(dense.max(1), -dense.min(1))[_MARGIN_BINS : _MARGIN_BINS + count])
    return np.concatenate(curves) if curves else np.zeros(0, np.float32)


def peak(curve: Sound) -> Dbtp:
    """The true peak of a `true_peaks` curve."""
    return Dbtp(float(20 * np.log10(max(_FLOOR, curve.max(initial=0)))))


def through(sound: Sound, filters: list[tuple[str, str]]) -> tuple[Sound, Lufs]:
    """The sound after ffmpeg filters that keep its length, and its loudness then."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono", time_base=Fraction(1, RATE))
    nodes = [graph.add(*each) for each in (*filters, ("ebur128", "metadata=1:framelog=quiet"))]
    graph.link_nodes(source, *nodes, graph.add("abuffersink")).configure()
    out, filled, lufs = np.empty(len(sound), np.float32), 0, -70.0
    for frame in _pulled(graph, sound):
        lufs = float(frame.metadata.get("lavfi.r128.I", lufs))
        if filters:
            out[filled : filled + frame.samples] = frame.to_ndarray()[0]
        filled += frame.samples
    return (out if filters else sound), Lufs(lufs)


def _pulled(graph: Any, sound: Sound) -> Iterator[av.AudioFrame]:
    for frame in chain(frames(sound, RATE, "flt"), [None]):
        graph.push(frame)
        while True:
            try:
                yield graph.pull()
            except (av.BlockingIOError, av.EOFError):
                break
