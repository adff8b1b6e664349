"""The web player in headless Chromium as a command, so that the conformance suite can start and kill it.

`python -m tests.e2e.web_player_command --server URL --code CODE --data DIR`. The page is served by the product's own
routes at an address of its own that lasts (a browser keeps what it stores by address); calls of the API are passed on
to the server byte by byte, lost and broken answers included. DIR holds the browser's profile. The one thing added is
a hand: a script that types the code and presses the button while the page asks for it.
"""

import argparse
import ctypes
import http.client
import shutil
import signal
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.testclient import TestClient

import broadcaster.web
from broadcaster import i18n
from broadcaster.protocol import API
from broadcaster.web import player_page
from broadcaster.web.templating import environment

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
    "--lang=en-US",
)
PASSED_ON = ("authorization", "content-type", "if-none-match", "range", "last-event-id")
HOP_BY_HOP = {"connection", "transfer-encoding", "date", "server"}
PR_SET_PDEATHSIG = 1


def page_app() -> FastAPI:
    """The product's page and files, without a station."""
    app = FastAPI()
    app.state.tongues = {code: i18n.load(code) for code in i18n.LANGUAGES}
    app.mount("/static", StaticFiles(directory=Path(broadcaster.web.__file__).parent / "static"))
    app.include_router(player_page.router)
    return app


HAND = b"""
const form = document.getElementById("pairing");
let pressed = false;
setInterval(() => {
  if (form.hidden || pressed) return;
  pressed = true;
  form.querySelector("#code").value = "CODE";
  form.requestSubmit();
}, 100);
"""


class Front(BaseHTTPRequestHandler):
    """Serves the page; passes calls of the API on."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server_at: str
    code: str
    pace_s: float
    unhurried = threading.Event()
    pages: TestClient
    one_at_a_time = threading.Lock()

    def do_GET(self) -> None:
        """Answer a page, or pass on."""
        if self.path.startswith(API):
            self._pass_on()
            return
        if self.path == "/hand.js":
            hand = HAND.replace(b"CODE", self.code.encode())
            self._say(200, {"content-type": "text/javascript", "content-length": str(len(hand))})
            self.wfile.write(hand)
            return
        with self.one_at_a_time:
            answer = self.pages.get(self.path, headers={"accept-language": "en", "accept-encoding": "identity"})
        body = answer.content.replace(b"</head>", b'<script type="module" src="/hand.js"></script></head>')
        self._say(answer.status_code, dict(answer.headers) | {"content-length": str(len(body))})
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Pass on."""
        self._pass_on()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _say(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.end_headers()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        wire = http.client.HTTPConnection(self.server_at, timeout=200)
        headers = {name: value for name, value in self.headers.items() if name.lower() in PASSED_ON}
        self.close_connection = True
        try:
            wire.request(self.command, self.path, body or None, headers)
            answer = wire.getresponse()
            self._say(answer.status, dict(answer.getheaders()) | {"Connection": "close"})
            self.wfile.flush()
            while piece := answer.read1(65_536):
                self.wfile.write(piece)
                self.wfile.flush()
                self.unhurried.wait(self.pace_s)
        except (OSError, http.client.HTTPException):
            return  # what was lost on the other side is lost on this one
        finally:
            wire.close()


class Quiet(ThreadingHTTPServer):
    """A browser that is killed breaks its connections off anywhere."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


def serve(server: str, code: str, data: Path, pace_s: float) -> str:
    """Serve page and API at the address that belongs to `data`; return it. After each piece the line rests `pace_s`."""
    kept = data / "port"
    if not kept.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            kept.write_text(str(probe.getsockname()[1]))
    environment()
    front = type(
        "front",
        (Front,),
        {"server_at": urlsplit(server).netloc, "code": code, "pace_s": pace_s, "pages": TestClient(page_app())},
    )
    http_server = Quiet(("127.0.0.1", int(kept.read_text())), front)
    threading.Thread(target=http_server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{http_server.server_port}/player"


def chromium() -> str:
    """The browser of this machine."""
    return next(path for name in CHROMIUM if (path := shutil.which(name)))


def run(url: str, data: Path) -> None:
    """Open the page until told to stop; the browser dies with this process, whatever kills it."""
    die_with_us = ctypes.CDLL(None).prctl
    browser = subprocess.Popen(
        [chromium(), *FLAGS, f"--user-data-dir={data / 'profile'}", "--remote-debugging-port=0", url],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: die_with_us(PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509
    )
    signal.signal(signal.SIGTERM, lambda *_: browser.terminate())
    browser.wait()


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--server", "--code", "--data"):
        parser.add_argument(name, required=True)
    parser.add_argument("--pace", type=float, default=0.0, help="seconds that the line rests after each piece")
    asked = parser.parse_args()
    data = Path(asked.data)
    run(serve(asked.server, asked.code, data, asked.pace), data)


if __name__ == "__main__":
    main()
