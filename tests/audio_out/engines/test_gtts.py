"""The real gTTS library against a stand-in for Google on the loopback, with every fault seen in the field."""

import base64
import json
import re
import socket
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gtts.tts
import numpy as np
import pytest

from audio_out.codecs import RATE, Codec, Pcm, encode
from audio_out.engines.gtts import Gtts
from audio_out.errors import (
    EngineMissing,
    EngineRefused,
    EngineResting,
    EngineTimedOut,
    EngineUnreachable,
    SpeechRejected,
)
from audio_out.voices import Pace, Voice, by_id

GOOGLE = by_id("gtts:vi")
SENTENCE = "Mời bà con đi họp thôn lúc bảy giờ tối."
LONG = (
    "Từ sáu giờ đến mười sáu giờ ba mươi phút ngày hai mươi tám tháng mười một, tạm ngừng cung cấp điện "
    "tại thôn Ún Tà, đề nghị bà con chủ động bơm nước"
)


def spoken(text: str) -> bytes:
    """An MP3 with a Xing header, as long as the text should last: a tone that swells with each syllable."""
    time_s = np.arange(round(0.25 * len(text.split()) * RATE)) / RATE
    tone = np.sin(2 * np.pi * 220 * time_s) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time_s))
    return encode(Pcm((8000 * tone).astype(np.int16), RATE), Codec.MP3)


def answer(audio: bytes) -> tuple[int, bytes]:
    inner = json.dumps(json.dumps([base64.b64encode(audio).decode()], separators=(",", ":")))
    return 200, f')]}}\'\n\n[["wrb.fr","jQ1olc",{inner},null]]\n'.encode()


class Google(ThreadingHTTPServer):
    """Answers each call with the next of `faults`, or else as Google does."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults: list[object] = []
        self.asked: list[str] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    server: Google

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        order = json.loads(urllib.parse.unquote(re.search(r"f\.req=(.*)&", body).group(1)))
        text = json.loads(order[0][0][1])[0]
        self.server.asked.append(text)
        fault = self.server.faults.pop(0) if self.server.faults else None
        if fault == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if fault == "drip":
            self.server.released.wait(30)
            return
        status, page = answer(spoken(text)) if fault is None else fault
        self.send_response(status)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def google(monkeypatch):
    """The library's own URL function points at the stand-in; nothing else of it is touched."""
    server = Google()
    monkeypatch.setattr(gtts.tts, "_translate_url", lambda path, **_: server.url + path)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


class Hands:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def engine(hands) -> Gtts:
    return Gtts(monotonic=hands.monotonic, sleep=hands.sleep, jitter=lambda: 0.5)


def test_a_sentence_is_spoken(engine, google):
    """What Google sends is decoded at its rate, whole."""
    speech = engine.speak(SENTENCE, GOOGLE, Pace.CALM)
    assert speech.rate == 24_000
    assert speech.duration_ms == pytest.approx(2500, abs=60)
    assert google.asked == [SENTENCE]


def test_all_pieces_are_heard(engine, google):
    """A long sentence is asked for in our pieces, and no piece after the first is lost behind a Xing header."""
    speech = engine.speak(LONG, GOOGLE, Pace.CALM)
    assert len(google.asked) > 1
    assert " ".join(google.asked) == LONG
    assert all(len(piece) < 100 for piece in google.asked)
    assert speech.duration_ms == pytest.approx(250 * len(LONG.split()), abs=100)


def test_calls_keep_a_distance(engine, google, hands):
    """Between two calls there is a pause: Google counts them."""
    engine.speak(LONG, GOOGLE, Pace.CALM)
    assert hands.slept == pytest.approx([0.7] * (len(google.asked) - 1))


PORTAL = (200, b"<html><body>Welcome! Please log in.</body></html>" * 50)
NO_AUDIO = (200, b')]}\'\n\n[["wrb.fr","jQ1olc",null,null]]\n')
CUT_OFF = answer(spoken("Mời"))
SILENT = answer(encode(Pcm(np.zeros(3 * RATE, np.int16), RATE), Codec.MP3))
NOT_SOUND = answer(b"this is not sound" * 100)
FAULTS = [
    pytest.param(PORTAL, EngineRefused, id="a captive portal's page"),
    pytest.param(NO_AUDIO, EngineRefused, id="an answer without audio"),
    pytest.param((429, b""), EngineRefused, id="too many calls"),
    pytest.param((403, b""), EngineRefused, id="forbidden"),
    pytest.param((500, b""), EngineRefused, id="out of order"),
    pytest.param("hang up", EngineUnreachable, id="a line that breaks"),
    pytest.param(CUT_OFF, SpeechRejected, id="speech cut off"),
    pytest.param(SILENT, SpeechRejected, id="silence"),
    pytest.param(NOT_SOUND, SpeechRejected, id="bytes that are no sound"),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
def test_a_fault_that_stays_is_named(engine, google, hands, fault, error):
    """Three tries with longer and longer waits, then an error of its own kind; never silence."""
    google.faults = [fault] * 3
    with pytest.raises(error):
        engine.speak(SENTENCE, GOOGLE, Pace.CALM)
    assert len(google.asked) == 3
    assert hands.slept == pytest.approx([1.5, 3.0])


@pytest.mark.parametrize(("fault", "error"), FAULTS)
def test_a_fault_that_passes_is_not_noticed(engine, google, fault, error):
    """One bad answer costs one more call."""
    google.faults = [fault]
    assert engine.speak(SENTENCE, GOOGLE, Pace.CALM).duration_ms > 2000
    assert len(google.asked) == 2


def test_no_network_is_named(engine, monkeypatch):
    """A port that nobody listens on is as good as no network."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setattr(gtts.tts, "_translate_url", lambda path, **_: f"http://127.0.0.1:{port}/{path}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(EngineUnreachable):
        engine.speak(SENTENCE, GOOGLE, Pace.CALM)


def test_after_three_failures_it_rests(engine, google, hands):
    """Nobody waits for a dead network twice in ten minutes; then it is tried again."""
    google.faults = [(429, b"")] * 3
    with pytest.raises(EngineRefused):
        engine.speak(SENTENCE, GOOGLE, Pace.CALM)
    with pytest.raises(EngineResting):
        engine.speak(SENTENCE, GOOGLE, Pace.CALM)
    assert len(google.asked) == 3
    hands.now += 601
    assert engine.speak(SENTENCE, GOOGLE, Pace.CALM).duration_ms > 2000


def test_an_answer_that_never_ends_is_left(engine, google, hands):
    """An alert's patience is kept although the library knows no end."""
    google.faults = ["drip"] * 3
    with pytest.raises(EngineTimedOut):
        engine.speak(SENTENCE, GOOGLE, Pace.CALM, deadline=0.2)


def test_an_unknown_language_is_named(engine, google):
    """What the library does not speak is not tried thrice."""
    with pytest.raises(EngineMissing):
        engine.speak(SENTENCE, Voice("gtts", "xx", "xx", ""), Pace.CALM)
    assert google.asked == []


def test_marks_alone_are_named(engine, google):
    """Punctuation never reaches the library, which would stop with an AssertionError."""
    with pytest.raises(SpeechRejected):
        engine.speak("...!", GOOGLE, Pace.CALM)
