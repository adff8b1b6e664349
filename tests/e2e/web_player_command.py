"""The web player in headless Chromium as a command, so that the conformance suite can start and kill it.

`python -m tests.e2e.web_player_command pair|run --server URL --code CODE --data DIR`. The page is served by the product's
own routes at an address of its own that lasts (a browser keeps what it stores by address); calls of the API are passed
on to the server byte by byte, lost and broken answers included. DIR holds the browser's profile.
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


class Front(BaseHTTPRequestHandler):
    """Serves the page; passes calls of the API on."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server_at: str
    pages: TestClient
    one_at_a_time = threading.Lock()

    def do_GET(self) -> None:
        """Answer a page, or pass on."""
        if self.path.startswith(API):
            self._pass_on()
            return
        with self.one_at_a_time:
            answer = self.pages.get(self.path, headers={"accept-language": "en", "accept-encoding": "identity"})
        self._say(answer.status_code, dict(answer.headers) | {"content-length": str(len(answer.content))})
        self.wfile.write(answer.content)

    do_POST = do_GET

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
        except (OSError, http.client.HTTPException):
            return  # what was lost on the other side is lost on this one
        finally:
            wire.close()


class Quiet(ThreadingHTTPServer):
    """A browser that is killed breaks its connections off anywhere."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


def serve(server: str, data: Path) -> str:
    """Serve page and API at the address that belongs to `data`; return it."""
    kept = data / "port"
    if not kept.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            kept.write_text(str(probe.getsockname()[1]))
    environment()
    front = type("front", (Front,), {"server_at": urlsplit(server).netloc, "pages": TestClient(page_app())})
    http_server = Quiet(("127.0.0.1", int(kept.read_text())), front)
    threading.Thread(target=http_server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{http_server.server_port}/player"


def pair(url: str, code: str, data: Path) -> None:
    """Type the code as a person does, and wait for the player's page."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only where a person's hands are wanted)

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(data / "profile"), executable_path=chromium(), args=[*FLAGS[1:]]
        )
        page = context.new_page()
        page.goto(url)
        page.fill("#code", code)
        for _ in range(3):
            page.click("#pair")
            page.wait_for_function("!document.querySelector('#pair')?.disabled || !document.querySelector('#pairing')")
            page.wait_for_timeout(300)
            if page.locator("#village").inner_text():
                break
        context.close()


def chromium() -> str:
    """The browser of this machine."""
    return next(path for name in CHROMIUM if (path := shutil.which(name)))


def run(url: str, data: Path) -> None:
    """Open the page until told to stop; the browser dies with this process, whatever kills it."""
    die_with_us = ctypes.CDLL(None).prctl
    browser = subprocess.Popen(
        [chromium(), *FLAGS, f"--user-data-dir={data / 'profile'}", "--remote-debugging-port=0", url],
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: die_with_us(PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509
    )
    signal.signal(signal.SIGTERM, lambda *_: browser.terminate())
    browser.wait()


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("pair", "run"))
    for name in ("--server", "--code", "--data"):
        parser.add_argument(name, default="")
    asked = parser.parse_args()
    data = Path(asked.data)
    url = serve(asked.server, data)
    if asked.what == "pair":
        pair(url, asked.code, data)
    else:
        run(url, data)


if __name__ == "__main__":
    main()
