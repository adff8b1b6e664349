"""How loud a sound is: integrated loudness and true peak. It measures and changes nothing.

Source: ITU-R BS.1770-5, EBU R 128; loudness by ffmpeg's `ebur128`, true peak by four times oversampling.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any, TypeAlias

import av
import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from audio_out.codecs import RATE, frame_of
from content.kernel.units import Dbtp, Lufs

Sound: TypeAlias = NDArray[np.float32]

SHORTEST = int(3.2 * RATE)
"""Samples. A shorter sound is repeated for the meter: under 400 ms BS.1770 knows no loudness at all."""
BIN = RATE // 1000
"""Samples in one bin of a curve: 1 ms."""
SILENT = Lufs(-70.0)
"""What a meter shows when nothing passes its gate."""
_OVERSAMPLING = 4
_BLOCK = RATE
_EBUR128 = ("ebur128", "metadata=1:framelog=quiet")
# In f64 all of them: in float32 a filter that dies away over digital silence sinks into denormals, ten times slower.
K_WEIGHTING = (
    (
        "biquad",
        "b0=1.53512485958697:b1=-2.69169618940638:b2=1.19839281085285:a0=1:a1=-1.69065929318241:a2=0.73248077421585:r=f64",
    ),
    ("biquad", "b0=1:b1=-2:b2=1:a0=1:a1=-1.99004745483398:a2=0.99007225036621:r=f64"),
)


@dataclass(frozen=True, slots=True)
class Loudness:
    """What a meter reads."""

    lufs: Lufs
    peak_dbtp: Dbtp


def measure(pieces: Iterable[Sound]) -> tuple[Loudness, Sound]:
    """Both readings of a mono sound at 48 kHz that comes in pieces, and its `true_peaks` curve."""
    meter, curve = _Filters(_EBUR128), _PeakCurve()
    lufs, whole = SILENT, list[Sound]()
    for block in _of_one_second(pieces):
        if len(whole) * _BLOCK < SHORTEST:
            whole.append(block)
        curve.add(block)
        lufs = _reading(meter.push(block), lufs)
    if meter.taken < SHORTEST and meter.taken:
        short = np.concatenate(whole)
        lufs = _reading(_Filters(_EBUR128).push(np.tile(short, -(-SHORTEST // len(short)))), SILENT)
    peaks = curve.finish()
    return Loudness(lufs, Dbtp(float(20 * np.log10(max(1e-6, peaks.max(initial=0)))))), peaks


def true_peaks(sound: Sound) -> Sound:
    """The highest level between the samples of each millisecond [ceil(n / 48)], linear."""
    curve = _PeakCurve()
    for block in _of_one_second([sound]):
        curve.add(block)
    return curve.finish()


def energies(sound: Sound, *, weighted: bool = True) -> NDArray[np.float64]:
    """Mean square of each whole millisecond [n // 48], weighted as the ear hears, or as it is."""
    if weighted:
        return energies_of(_seconds(sound), *K_WEIGHTING)
    return _squares(sound[: len(sound) // BIN * BIN])


def energies_of(pieces: Iterable[Sound], *filters: tuple[str, str]) -> NDArray[np.float64]:
    """The same for a mono sound at 48 kHz that comes in pieces, after ffmpeg filters that keep its length."""
    graph, rest, curves = _Filters(*filters), np.zeros(0, np.float32), [np.zeros(0)]
    for frame in chain.from_iterable(map(graph.push, chain(_of_one_second(pieces), [None]))):
        heard = np.concatenate([rest, frame.to_ndarray()[0]])
        whole = len(heard) // BIN * BIN
        curves.append(_squares(heard[:whole]))
        rest = heard[whole:]
    return np.concatenate(curves)


def gated(curve: NDArray[np.float64]) -> Lufs:
    """Integrated loudness of an `energies` curve: what a meter would read, without hearing the sound again."""
    if not len(curve):
        return SILENT
    if len(curve) * BIN < SHORTEST:
        curve = np.tile(curve, -(-SHORTEST // (len(curve) * BIN)))
    tenths = curve[: len(curve) // 100 * 100].reshape(-1, 100).mean(1)
    blocks = sliding_window_view(tenths, 4).mean(1)
    loud = blocks[blocks > _energy(SILENT)]
    if not len(loud):
        return SILENT
    return _lufs(loud[loud > loud.mean() / 10].mean())


def filtered(sound: Sound, *filters: tuple[str, str]) -> Sound:
    """The sound after ffmpeg filters that keep its length."""
    graph, out, filled = _Filters(*filters), np.empty(len(sound), np.float32), 0
    for frame in chain.from_iterable(map(graph.push, chain(_seconds(sound), [None]))):
        out[filled : filled + frame.samples] = frame.to_ndarray()[0]
        filled += frame.samples
    return out


class _Filters:
    """A chain of ffmpeg filters for mono float32 at 48 kHz."""

    def __init__(self, *filters: tuple[str, str]) -> None:
        self.taken = 0
        self._graph: Any = av.filter.Graph()
        source = self._graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono", time_base=Fraction(1, RATE))
        nodes = [self._graph.add(name, options) for name, options in filters]
        self._graph.link_nodes(source, *nodes, self._graph.add("abuffersink")).configure()

    def push(self, block: Sound | None) -> Iterator[av.AudioFrame]:
        """What comes out when this goes in; None ends it. To be read to its end."""
        self._graph.push(None if block is None else frame_of(block, RATE, "flt", self.taken))
        self.taken += 0 if block is None else len(block)
        while True:
            try:
                yield self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return


class _PeakCurve:
    """`true_peaks` of a sound that comes in blocks."""

    def __init__(self) -> None:
        self._resampler = soxr.ResampleStream(RATE, RATE * _OVERSAMPLING, 1, dtype="float32")
        self._rest = np.zeros(0, np.float32)
        self._curves: list[Sound] = []

    def add(self, block: Sound, *, last: bool = False) -> None:
        dense = np.concatenate([self._rest, self._resampler.resample_chunk(block, last=last)])
        size = BIN * _OVERSAMPLING
        if last:
            dense = np.pad(dense, (0, -len(dense) % size))
        bins = dense[: len(dense) // size * size].reshape(-1, size)
        self._rest = dense[bins.size :]
        self._curves.append(np.abs(bins).max(1))

    def finish(self) -> Sound:
        self.add(np.zeros(0, np.float32), last=True)
        return np.concatenate(self._curves)


def _of_one_second(pieces: Iterable[Sound]) -> Iterator[Sound]:
    """The same sound in blocks of one second, the last one shorter: 20 ms cost more in calls than in sums."""
    waiting, length = list[Sound](), 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= _BLOCK:
            joined = np.concatenate(waiting)
            whole = length // _BLOCK * _BLOCK
            yield from (joined[start : start + _BLOCK] for start in range(0, whole, _BLOCK))
            waiting, length = [joined[whole:]], length - whole
    if length:
        yield np.concatenate(waiting)


def _seconds(sound: Sound) -> Iterator[Sound]:
    return (sound[start : start + _BLOCK] for start in range(0, len(sound), _BLOCK))


def _squares(sound: Sound) -> NDArray[np.float64]:
    bins = sound.reshape(-1, BIN)
    squares: NDArray[np.float64] = np.einsum("ij,ij->i", bins, bins).astype(np.float64) / BIN
    return squares


def _reading(heard: Iterable[av.AudioFrame], before: Lufs) -> Lufs:
    for frame in heard:
        before = Lufs(float(frame.metadata.get("lavfi.r128.I", before)))
    return before


def _lufs(energy: float) -> Lufs:
    return Lufs(-0.691 + 10 * float(np.log10(energy)))


def _energy(lufs: Lufs) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
