"""Radio stations on the loopback: real MP3, Ogg, AAC and HLS in real time, which fall silent, die and lie on demand."""

import contextlib
import io
import threading
import time
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import av
import numpy as np

RATE_HZ = 48_000
LENGTH_S = 8
STEP_S = 0.2
BURST_S = 4
SEGMENT_S = 2
KINDS = {
    "mp3": ("mp3", "mp3", "audio/mpeg"),
    "ogg": ("ogg", "libopus", "audio/ogg"),
    "aac": ("adts", "aac", "audio/aac"),
    "ts": ("mpegts", "aac", "video/mp2t"),
}


@cache
def encoded(kind, hz, seconds=LENGTH_S):
    """A tone (0: silence) as a file of the kind; the tone fits whole into it, so that it can be repeated."""
    container, codec, _ = KINDS[kind]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        stream = out.add_stream(codec, rate=RATE_HZ)
        stream.bit_rate = 64_000
        stream.layout = "mono"
        tone = (np.sin(2 * np.pi * hz * np.arange(seconds * RATE_HZ) / RATE_HZ) * 10_000).astype(np.int16)
        for first in range(0, len(tone), RATE_HZ // 50):
            block = np.ascontiguousarray(tone[None, first : first + RATE_HZ // 50])
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.rate, frame.pts = RATE_HZ, first
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return buffer.getvalue()


class Station:
    """One station; its fields may be changed while it is on air."""

    def __init__(self, kind="mp3", hz=440):
        self.kind = kind
        self.hz = hz
        self.garbage = False
        self.away = False
        self.hung = False
        self.lists = {}
        self.asked = []
        self.headers = []
        self._began = time.monotonic()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Listener, self))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._http.server_port}/live"

    def close(self):
        self.away = True
        self._http.shutdown()
        self._http.server_close()

    def segments(self):
        first = int((time.monotonic() - self._began) / SEGMENT_S)
        lines = "".join(f"#EXTINF:{SEGMENT_S}.0,\n{number}.ts\n" for number in range(first, first + 4))
        head = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{SEGMENT_S}\n#EXT-X-MEDIA-SEQUENCE:{first}\n"
        return (head + lines).encode()


class Listener(BaseHTTPRequestHandler):
    """One connection to a station."""

    def __init__(self, station, *args):
        self.station = station
        super().__init__(*args)

    def do_GET(self):
        self.station.asked.append(self.path)
        self.station.headers.append(self.headers)
        if self.station.away:
            return
        with contextlib.suppress(OSError):
            self._answer()

    def log_message(self, *args):
        pass

    def _answer(self):
        if self.path in self.station.lists:
            self._begin(*self.station.lists[self.path])
        elif self.path.endswith(".m3u8"):
            self._begin(200, "application/vnd.apple.mpegurl", self.station.segments())
        elif self.path.endswith(".ts"):
            self._begin(200, KINDS["ts"][2], encoded("ts", self.station.hz, SEGMENT_S))
        else:
            self._begin(200, KINDS[self.station.kind][2])
            self._go_on()

    def _begin(self, status, said, body=b""):
        self.send_response(status)
        self.send_header("Location" if status >= 300 else "Content-Type", said)
        self.end_headers()
        self.wfile.write(body)

    def _go_on(self):
        began, steps, in_a_round = time.monotonic(), 0, round(LENGTH_S / STEP_S)
        while not self.station.away:
            data = encoded(self.station.kind, self.station.hz)
            first, after = (len(data) * (steps % in_a_round + n) // in_a_round for n in (0, 1))
            piece = data[first:after]
            if not self.station.hung:
                self.wfile.write(bytes(len(piece)) if self.station.garbage else piece)
            steps += 1
            time.sleep(max(0.0, began + steps * STEP_S - BURST_S - time.monotonic()))


def pitch_hz(samples):
    """The strongest frequency of some samples, 0 for silence."""
    samples = np.asarray(samples, np.float64)
    if not len(samples) or np.abs(samples).max() < 1e-4 * (32768 if np.abs(samples).max() > 1 else 1):
        return 0
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return int(np.argmax(spectrum)) * RATE_HZ / len(samples)
