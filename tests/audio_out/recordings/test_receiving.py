"""Files as people send them, and as others do: what comes of each."""

import io
import logging
import struct
import subprocess
import sys
import zipfile
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio_out.codecs import decode
from audio_out.errors import (
    DecodingDied,
    DecodingTimedOut,
    NotAudio,
    RecordingTooBig,
    RecordingTooLong,
    StoreFull,
    StoreNotWritable,
)
from audio_out.recordings import FindingKind, limits, receive, receiving
from audio_out.store import Store
from tests.audio_out.recordings.makers import RATE, Pipe, encoded

SILENT_HEADER = b"fLaC\x80\x00\x00\x22" + struct.pack(">HH", 4096, 4096) + bytes(6)


@pytest.fixture
def send(tmp_path, store):
    """Send bytes under a name, and get the take."""

    def sent(data: bytes, name: str = "take"):
        path = tmp_path / name
        path.write_bytes(data)
        return receive(path, store)

    return sent


def by_soundfile(sound: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound.astype(np.float32), RATE, format=kind)
    return file.getvalue()


KINDS = {
    "wav": ("audio/wav", lambda sound: encoded(sound, "wav", "pcm_s16le")),
    "wav of 8 bits": ("audio/wav", lambda sound: encoded(sound, "wav", "pcm_u8", rate=16_000)),
    "wav of 24 bits": ("audio/wav", lambda sound: encoded(sound, "wav", "pcm_s24le", rate=96_000)),
    "mp3": ("audio/mpeg", lambda sound: encoded(sound, "mp3", "libmp3lame", rate=44_100)),
    "m4a": ("audio/mp4", lambda sound: encoded(sound, "ipod", "aac", rate=44_100)),
    "aac": ("audio/aac", lambda sound: encoded(sound, "adts", "aac")),
    "ogg": ("audio/ogg", lambda sound: by_soundfile(sound, "OGG")),
    "opus": ("audio/ogg", lambda sound: encoded(sound, "opus", "libopus")),
    "webm": ("audio/webm", lambda sound: encoded(sound, "webm", "libopus")),
    "webm of a browser": (
        "audio/webm",
        lambda sound: encoded(sound, "webm", "libopus", sink=Pipe(), options={"live": "1"}),
    ),
    "mp4 of a browser": (
        "audio/mp4",
        lambda sound: encoded(
            sound,
            "mp4",
            "aac",
            sink=Pipe(),
            options={"movflags": "frag_keyframe+empty_moov", "frag_duration": "1000000"},
        ),
    ),
    "flac": ("audio/flac", lambda sound: encoded(sound, "flac", "flac")),
    "amr": ("audio/amr", lambda sound: encoded(sound, "amr", "amr_nb", rate=8000)),
    "3gp": ("audio/3gpp", lambda sound: encoded(sound, "3gp", "amr_nb", rate=8000)),
    "3gp with aac": ("audio/3gpp", lambda sound: encoded(sound, "3gp", "aac", rate=16_000)),
    "wma": ("audio/x-ms-wma", lambda sound: encoded(sound, "asf", "wmav2", rate=44_100, bits_per_second=64_000)),
    "aiff": ("audio/aiff", lambda sound: encoded(sound, "aiff", "pcm_s16be")),
    "caf": ("audio/x-caf", lambda sound: encoded(sound, "caf", "alac")),
    "film": ("audio/mp4", lambda sound: encoded(sound, "mp4", "aac", picture=True)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_known_by_its_content(send, store, speech, kind):
    """Whatever a device writes is taken whole and without complaint, under a name that lies about it."""
    mime, make = KINDS[kind]
    data = make(speech)
    take = send(data, "bản ghi.mp3" if kind != "mp3" else "bản ghi.wav")
    assert (take.mime, take.findings) == (mime, ())
    assert take.duration_ms == pytest.approx(len(speech) * 1000 / RATE, abs=150)
    assert take.size_bytes == len(data)
    assert store.read(take.sha256) == data
    heard = decode(store.read(take.take_sha256))
    assert heard.rate == RATE
    assert heard.duration_ms == take.duration_ms
    assert np.sqrt(np.mean(np.square(heard.samples / 32768.0))) == pytest.approx(np.sqrt(np.mean(speech**2)), rel=0.15)
    assert 190 <= len(take.waveform) <= 200
    assert max(take.waveform) == pytest.approx(50, abs=12)
    assert min(take.waveform) == pytest.approx(0, abs=2)


def test_the_same_file_gives_the_same_take(send, store, speech):
    """Sent twice it is kept once, as received and as decoded."""
    data = encoded(speech, "ipod", "aac")
    assert send(data, "a") == send(data, "b")
    assert len(list(store)) == 2


@pytest.mark.parametrize(
    "kind", ["webm of a browser", "mp4 of a browser", "opus", "mp3", "aac", "flac", "amr", "wma", "wav"]
)
def test_what_a_broken_network_left_is_taken(send, speech, kind):
    """Of a file that was cut off, the part that came is a take."""
    data = KINDS[kind][1](speech)
    take = send(data[: len(data) * 6 // 10])
    assert 0.4 * len(speech) < take.duration_ms * RATE / 1000 < 0.75 * len(speech)
    assert take.is_airable


@pytest.mark.parametrize("kind", ["flac", "mp4 with its index first"])
def test_what_is_missing_is_told(send, speech, tmp_path, kind):
    """A file that says how long it is, and is shorter, is a take with a warning."""
    make = KINDS[kind][1] if kind in KINDS else partial(indexed_first, tmp_path / "whole")
    data = make(speech)
    take = send(data[: len(data) * 6 // 10])
    (finding,) = take.findings
    assert finding.kind == FindingKind.CUT_OFF
    assert finding.facts["seconds"] == pytest.approx(len(speech) / RATE - take.duration_ms / 1000, abs=0.3)


def indexed_first(path: Path, sound: np.ndarray) -> bytes:
    """An MP4 as it is made for the web; the library goes over it twice, by its name."""
    encoded(sound, "mp4", "aac", options={"movflags": "faststart"}, sink=str(path))
    return path.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_a_take_or_a_refusal(send, speech, kind):
    """Bytes changed anywhere, in the header too: what is left is taken, or it is said that nothing is."""
    random = np.random.default_rng(len(kind))
    data = bytearray(KINDS[kind][1](speech[: 3 * RATE]))
    for reach in (len(data), 400):
        for at in random.integers(reach, size=20):
            data[at] = random.integers(256)
        with suppress(NotAudio, RecordingTooLong, DecodingDied):
            assert send(bytes(data)).duration_ms > 0


def test_chained_streams_are_one_take(send, speech):
    """Ogg streams strung together, and MP3s of different kinds, are heard to the last one."""
    both = np.stack([speech, speech])
    chained = encoded(speech, "opus", "libopus") + encoded(speech, "opus", "libopus")
    joined = encoded(speech, "mp3", "libmp3lame") + encoded(both, "mp3", "libmp3lame", rate=44_100)
    for data in (chained, joined):
        assert send(data).duration_ms == pytest.approx(2 * len(speech) * 1000 / RATE, abs=200)


def empty_wav() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(0), RATE, format="WAV")
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("take.mp3", np.random.default_rng(1).bytes(200_000))
    return file.getvalue()


DISGUISES = {
    "nothing": b"",
    "zeros": bytes(100_000),
    "a sound of no length": empty_wav(),
    "a film without sound": encoded(None, "mp4", "aac", picture=True),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50,
    "a page": b"<html><body>log in</body></html>" * 100,
    "an archive": zipped(),
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="SECRET"/></svg>',
    "a list of files": b"ffconcat version 1.0\nfile 'SECRET'\n",
    "a list of a stream": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://SECRET\n#EXT-X-ENDLIST\n",
    "a stream's description": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>file://SECRET</BaseURL></MPD>',
    "a session": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
    "an executable": b"\x7fELF" + bytes(range(256)) * 50,
}


@pytest.mark.parametrize("name", ["take.mp3", "take.m3u8", "take.svg"])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_what_is_no_recording_opens_nothing(send, store, tmp_path, disguise, name):
    """Lists, pages and archives are refused under any name: no other file and no address is ever opened."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(encoded(np.ones(RATE) / 2, "wav", "pcm_s16le"))
    with pytest.raises(NotAudio):
        send(DISGUISES[disguise].replace(b"SECRET", str(secret).encode()), name)
    assert not list(store)


def test_a_header_that_claims_hours_costs_nothing(send, speech):
    """A kilobyte is a kilobyte, whatever it says: nothing is made of what is not there."""
    with pytest.raises(NotAudio):
        send(SILENT_HEADER + struct.pack(">Q", (48_000 << 44) | (15 << 36) | (48_000 * 36_000)) + bytes(16))
    whole = encoded(speech, "wav", "pcm_s16le")
    at = whole.index(b"data")
    claiming = whole[:at] + b"data" + struct.pack("<I", 0xFFFF0000) + whole[at + 8 : at + 8 + 2 * RATE * 2]
    take = send(claiming)
    assert take.duration_ms == pytest.approx(2000, abs=20)
    assert [finding.kind for finding in take.findings] in ([], [FindingKind.CUT_OFF])


@pytest.mark.parametrize("rate", [1, 3999, 400_000])
def test_a_rate_that_nobody_records_at_is_refused(send, rate):
    """One sample a second would be made into gigabytes."""
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + 8000, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", 8000
    )
    with pytest.raises(NotAudio):
        send(header + bytes(8000))


def test_hours_in_a_small_file_are_too_long(send):
    """Silence packs well: the limit holds for what comes out, not for what comes in."""
    data = encoded(np.zeros(31 * 60 * RATE, np.float32), "flac", "flac")
    assert len(data) < 1 << 20
    with pytest.raises(RecordingTooLong):
        send(data)


def test_a_file_that_is_too_big_is_not_even_read(send, monkeypatch):
    """The size is refused before a child is started."""
    monkeypatch.setattr(limits, "LARGEST_FILE", 3)
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(RecordingTooBig):
        send(b"four")


def test_a_decoder_that_takes_too_long_is_ended(send, store, monkeypatch):
    """Time up is an answer, not a hanging request."""
    monkeypatch.setattr(limits, "SECONDS", 0.000_001)
    with pytest.raises(DecodingTimedOut):
        send(b"abc")
    assert not list(store)


def test_a_decoder_that_dies_is_an_answer(send, monkeypatch):
    """A child that ends without a word, as the kernel ends it, makes the file unreadable."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(DecodingDied):
        send(b"abc")


@pytest.mark.skipif(not receiving.HAS_LIMITS, reason="no limits on this system")
@pytest.mark.parametrize(
    ("limit", "error"), [("file_bytes=10_000", DecodingDied), ("memory_bytes=1", (DecodingDied, NotAudio))]
)
def test_a_decoder_at_its_limits_is_an_answer(send, speech, tmp_path, monkeypatch, limit, error):
    """A child that may write or hold no more says so, and keeps nothing."""
    (tmp_path / "sitecustomize.py").write_text(
        "import dataclasses\nfrom audio_out.recordings import limits\n"
        f"limits.LIMITS = dataclasses.replace(limits.LIMITS, {limit})\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{':'.join(sys.path)}")
    with pytest.raises(error):
        send(encoded(speech, "wav", "pcm_s16le"))


def test_a_full_disk_is_named(send, speech, tmp_path, monkeypatch):
    """Where the take cannot be written, the disk is named and not the recording."""
    monkeypatch.setattr(receiving, "ask_child", lambda *_, **__: {"error": "StoreFull", "facts": {"folder": "/x"}})
    with pytest.raises(StoreFull, match="/x"):
        send(encoded(speech, "wav", "pcm_s16le"))


def test_a_store_that_cannot_be_written_is_named(speech, tmp_path):
    """A good file meets a bad disk: the error is the store's own."""
    (tmp_path / "in the way").write_text("")
    (tmp_path / "take").write_bytes(encoded(speech, "wav", "pcm_s16le"))
    with pytest.raises(StoreNotWritable):
        receive(tmp_path / "take", Store(tmp_path / "in the way" / "objects"))


def test_where_nothing_can_be_limited_the_log_says_so(send, speech, monkeypatch, caplog):
    """On Windows a recording is received and the log tells that memory is not bounded."""
    monkeypatch.setattr(receiving, "HAS_LIMITS", False)
    with caplog.at_level(logging.WARNING):
        assert send(encoded(speech, "wav", "pcm_s16le")).is_airable
    assert [record.message for record in caplog.records] == ["decoding_without_limits"]


def test_the_server_loads_no_decoder():
    """The library that reads foreign files lives in the child process only."""
    script = "import sys, audio_out.recordings; print({'av', 'numpy', 'soxr'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
