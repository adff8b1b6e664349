"""Sounds joined into one file: each at its time, the silences between them, nothing lost."""

import io
from pathlib import Path

import numpy as np
import pytest

from audio_out.codecs import RATE, Codec, Pcm, decode, encode
from audio_out.errors import NotAudio
from audio_out.joining import LONGEST_SILENCE, Piece, join
from content.kernel.units import DurationMs

TOLERANCE_MS = 30
"""A frame of Opus is 20 ms."""


def tone(folder: Path, seconds: float, codec: Codec = Codec.OPUS) -> Path:
    """A file of a tone."""
    at = np.arange(int(RATE * seconds)) / RATE
    file = folder / f"{seconds}.{codec}"
    file.write_bytes(encode(Pcm((8000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16), RATE), codec))
    return file


def joined(*pieces: Piece) -> Pcm:
    into = io.BytesIO()
    join(pieces, into)
    return decode(into.getvalue())


def loud_spans(sound: Pcm) -> list[tuple[int, int]]:
    """From when until when something is to be heard, in ms."""
    blocks = sound.samples[: len(sound.samples) // 480 * 480].reshape(-1, 480)
    loud = np.flatnonzero(np.diff(np.concatenate([[0], np.abs(blocks).max(axis=1) > 1000, [0]])))
    return [(int(begin) * 10, int(end) * 10) for begin, end in loud.reshape(-1, 2)]


@pytest.mark.parametrize("codec", [Codec.OPUS, Codec.MP3, Codec.WAV])
def test_each_sound_stands_at_its_time(tmp_path: Path, codec: Codec) -> None:
    """Whatever the pieces were encoded with, they begin when they are planned to, with silence between them."""
    sound = joined(Piece(tone(tmp_path, 1.0, codec), DurationMs(500)), Piece(tone(tmp_path, 2.0), DurationMs(3000)))
    (first, first_end), (second, second_end) = loud_spans(sound)
    assert first == pytest.approx(500, abs=2 * TOLERANCE_MS)
    assert first_end == pytest.approx(1500, abs=3 * TOLERANCE_MS)
    assert second == pytest.approx(3000, abs=TOLERANCE_MS)
    assert second_end == pytest.approx(5000, abs=TOLERANCE_MS)


def test_what_runs_late_is_not_cut(tmp_path: Path) -> None:
    """A piece that should begin before the one in front has ended begins after it."""
    file = tone(tmp_path, 2.0)
    sound = joined(Piece(file, DurationMs(0)), Piece(file, DurationMs(1000)))
    assert sound.duration_ms == pytest.approx(4000, abs=2 * TOLERANCE_MS)


def test_a_long_silence_is_shortened(tmp_path: Path) -> None:
    """Nobody waits for minutes in a preview."""
    sound = joined(Piece(tone(tmp_path, 1.0), DurationMs(0)), Piece(tone(tmp_path, 1.5), DurationMs(600_000)))
    assert sound.duration_ms == pytest.approx(2500 + LONGEST_SILENCE, abs=2 * TOLERANCE_MS)


@pytest.mark.parametrize("data", [b"no sound at all", b"OggS" + bytes(24) + b"OpusHead\x01\x01" + bytes(40)])
def test_what_is_no_sound_is_said(tmp_path: Path, data: bytes) -> None:
    """A damaged piece does not become silence unnoticed."""
    file = tmp_path / "broken"
    file.write_bytes(data)
    with pytest.raises(NotAudio):
        joined(Piece(file, DurationMs(0)))
