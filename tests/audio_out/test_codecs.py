"""Files in and out."""

import numpy as np
import pytest

from audio_out.codecs import RATE, Codec, Pcm, decode, encode, encode_into, matches_flac, tags_of
from audio_out.errors import NotAudio, RecordingTooLong
from content.kernel.units import DurationMs, Hz
from tests.audio_out.meters import decoded

TIME_S = np.arange(3 * RATE + 123) / RATE
TONE = Pcm((9000 * np.sin(2 * np.pi * 440 * TIME_S)).astype(np.int16), RATE)


@pytest.mark.parametrize("codec", Codec)
def test_what_is_encoded_keeps_its_length_and_sound(codec):
    """Each codec gives back every sample's place: no delay at the start, nothing more at the end."""
    heard = decode(encode(TONE, codec))
    assert len(heard.samples) == len(TONE.samples)
    assert np.corrcoef(heard.samples[4800:-4800], TONE.samples[4800:-4800])[0, 1] > 0.99


@pytest.mark.parametrize("codec", Codec)
def test_another_library_hears_the_same_length(codec):
    """Players decode with another library than ours, and must not hear more or less."""
    samples, rate = decoded(encode(TONE, codec))
    assert rate == RATE
    assert abs(len(samples) - len(TONE.samples)) <= 1200


@pytest.mark.parametrize("codec", Codec)
def test_the_same_sound_gives_the_same_bytes(codec):
    """Encoding is bit-exact, title included."""
    tags = {"title": "Lịch cắt điện"}
    assert encode(TONE, codec, tags) == encode(TONE, codec, tags)
    assert tags_of(encode(TONE, codec, tags))["title"] == "Lịch cắt điện"


def test_an_engines_rate_survives_flac():
    """Speech is cached at the rate it was spoken at, and its checksum tells a damaged copy."""
    speech = Pcm(TONE.samples, Hz(22_050))
    data = encode(speech, Codec.FLAC)
    heard = decode(data, rate=None)
    assert heard.rate == 22_050
    assert matches_flac(data, heard)
    assert not matches_flac(data, Pcm(heard.samples[:-1], heard.rate))


def test_a_damaged_file_gives_what_is_left():
    """One damaged stretch costs that stretch, not all that follows."""
    data = bytearray(encode(TONE, Codec.MP3))
    data[len(data) // 2 : len(data) // 2 + 300] = bytes(300)
    assert len(decode(bytes(data)).samples) > 0.8 * len(TONE.samples)


@pytest.mark.parametrize("data", [b"", b"<html>log in</html>" * 100, bytes(5000)])
def test_what_is_no_sound_is_named(data):
    """A page, zeros or nothing is not audio."""
    with pytest.raises(NotAudio):
        decode(data)


def test_a_list_of_files_is_not_followed(tmp_path):
    """A recording that is really a list must not make the server read its own files."""
    (tmp_path / "secret.wav").write_bytes(encode(TONE, Codec.WAV))
    listing = tmp_path / "take.mp3"
    listing.write_text(f"ffconcat version 1.0\nfile {tmp_path / 'secret.wav'}\n")
    with pytest.raises(NotAudio):
        decode(listing)


def test_a_sound_that_is_too_long_is_refused():
    """The limit holds for what the header says and for what is decoded."""
    for codec in Codec:
        with pytest.raises(RecordingTooLong):
            decode(encode(TONE, codec), longest=DurationMs(2000))


def test_streamed_and_seekable_files_are_the_same():
    """What is heard while it is written is the file that `encode` makes."""

    class Pipe:
        data = b""

        def write(self, data: bytes) -> int:
            self.data += data
            return len(data)

    pipe = Pipe()
    encode_into(pipe, TONE, Codec.OPUS)
    assert pipe.data == encode(TONE, Codec.OPUS)
