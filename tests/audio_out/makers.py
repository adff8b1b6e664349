"""The makers of Piper's voices, as a server on loopback."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.audio_out.tiny_voice import make_voice

CARD = b"# Model card\n\n* Speakers: 1\n\n## Dataset\n\n* License: https://creativecommons.org/licenses/by/4.0/\n"


class Makers(ThreadingHTTPServer):
    """Publishes what it was given, as the makers do; `cuts` names how many bytes each next answer brings."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.index: dict[str, object] = {}
        self.cuts: list[int] = []
        self.ranges = True
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def publish(self, folder, name: str) -> None:
        code, dataset, quality = name.split("-")
        model = make_voice(folder, name)
        config = model.with_name(f"{name}.onnx.json")
        contents = {model.name: model.read_bytes(), config.name: config.read_bytes(), "MODEL_CARD": CARD}
        files = {f"{code[:2]}/{code}/{dataset}/{quality}/{file}": data for file, data in contents.items()}
        self.files |= files
        entries = {
            path: {"size_bytes": len(data), "md5_digest": hashlib.md5(data).hexdigest()} for path, data in files.items()
        }
        self.index[name] = {"key": name, "files": entries}
        self.files["voices.json"] = json.dumps(self.index).encode()


class Handler(BaseHTTPRequestHandler):
    server: Makers

    def do_GET(self) -> None:
        path, span = self.path.strip("/"), self.headers.get("Range", "")
        self.server.asked.append((path.rpartition("/")[2], span))
        data = self.server.files.get(path)
        if data is None:
            self.send_error(404)
            return
        start = int(re.findall(r"\d+", span)[0]) if span and self.server.ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        cut = self.server.cuts.pop(0) if self.server.cuts and path.endswith(".onnx") else len(data)
        self.wfile.write(data[start:][:cut])

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Makers]:
    """The makers at work."""
    server = Makers()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
