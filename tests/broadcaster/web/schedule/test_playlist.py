"""One M3U8 file for all players."""

from pathlib import Path

import av
import numpy as np

from audio_out.codecs import RATE, Codec, Pcm, encode
from broadcaster.web.schedule.playlist import Track, m3u8


def track(ending: str = "ogg", duration_ms: int = 1400) -> Track:
    return Track("17:30  Họp\nthôn", duration_ms, f"https://loa.example/a.{ending}", ending)


def test_a_title_stays_in_its_line() -> None:
    """Whatever was typed, the next line is an address."""
    assert b"#EXTINF:1,17:30 H\xe1\xbb\x8dp th\xc3\xb4n\nhttps://loa.example/a.ogg\n" in m3u8("Ún Tà", [track()])


def test_sounds_that_one_decoder_can_take_are_a_stream_too() -> None:
    """The longest sound is announced: ffplay opens nothing else."""
    lines = m3u8("Ún Tà", [track(), track(duration_ms=61_600)]).decode().splitlines()
    assert "#EXT-X-TARGETDURATION:62" in lines
    assert lines[-1] == "#EXT-X-ENDLIST"


def test_other_sounds_are_a_plain_list() -> None:
    """Mixed formats, or WAV with its length in the header, would break in a player of streams."""
    assert b"EXT-X" not in m3u8("Ún Tà", [track(), track("mp3")])
    assert b"EXT-X" not in m3u8("Ún Tà", [track("wav")])


def test_ffmpeg_plays_all_of_it(tmp_path: Path) -> None:
    """What ffplay is made of decodes every second of the list, one sound after another."""
    for name, level in (("a", 4000), ("b", 8000)):
        sound = Pcm(np.full(RATE * 2, level, np.int16), RATE)
        (tmp_path / f"{name}.ogg").write_bytes(encode(sound, Codec.OPUS))
    tracks = [Track(name, 2000, str(tmp_path / f"{name}.ogg"), "ogg") for name in "ab"]
    (tmp_path / "today.m3u8").write_bytes(m3u8("Ún Tà", tracks))
    with av.open(str(tmp_path / "today.m3u8")) as container:
        assert container.format.name == "hls"
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert abs(samples - 4 * RATE) < RATE // 20
