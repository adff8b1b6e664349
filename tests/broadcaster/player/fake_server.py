"""A server that speaks the players' protocol over real HTTP with real signatures, and misbehaves on demand."""

import base64
import hashlib
import json
import ssl
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from nacl.signing import SigningKey

from broadcaster.protocol import (
    API,
    KEY_ID_HEADER,
    SIGNATURE_HEADER,
    Cue,
    Manifest,
    ObjectRef,
    OccurrenceRef,
    PairAnswer,
    Playlist,
    PublicKey,
    TimeAnswer,
)

CODE = "ABCD2345"
TOKEN = "a-player's-token"


@dataclass
class Faults:
    """What goes wrong, until it is set back."""

    away: bool = False
    unauthorised: bool = False
    break_objects_after: int | None = None
    wrong_object_bytes: bool = False
    lose_as_run_answers: int = 0
    lose_pair_answers: int = 0
    replay_time: bool = False
    portal: str | None = None
    status: int | None = None
    unreadable_rows: set[str] = field(default_factory=set)


class Listening(ThreadingHTTPServer):
    """Says nothing of clients that hang up in mid-handshake."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class FakeServer:
    """One village's server on a free port of the loopback."""

    def __init__(self, certificate: Path | None = None):
        """With a certificate (and its key, PEM) it speaks TLS."""
        self.key = SigningKey.generate()
        self.key_id = "k1"
        self.player = uuid4()
        self.village = "un-ta"
        self.offset = timedelta()
        self.objects: dict[str, bytes] = {}
        self.faults = Faults()
        self.manifest: tuple[bytes, dict[str, str]] | None = None
        self.rows: dict[str, dict] = {}
        self.row_posts: list[list[str]] = []
        self.heartbeats: list[dict] = []
        self.ranges: list[str] = []
        self.fetched: list[str] = []
        self.asked: Counter[str] = Counter()
        self.pair_nonces: dict[str, str] = {}
        self.news = threading.Condition()
        self._http = Listening(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self):
        return f"{self._scheme}://127.0.0.1:{self._http.server_port}"

    @property
    def public_key(self):
        return PublicKey(key_id=self.key_id, key=base64.b64encode(bytes(self.key.verify_key)).decode())

    def close(self):
        self._http.shutdown()
        self._http.server_close()

    def now(self):
        return datetime.now(UTC) + self.offset

    def signed(self, body: bytes) -> dict[str, str]:
        signature = base64.b64encode(self.key.sign(body).signature).decode()
        return {SIGNATURE_HEADER: signature, KEY_ID_HEADER: self.key_id}

    def pair_answer(self):
        return PairAnswer(
            token=TOKEN, player=self.player, village=self.village, village_name="Ún Tà", keys=(self.public_key,)
        )

    def add(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.objects[sha256] = data
        return sha256

    def occurrence(self, starts_at: datetime, cues: list[Cue], minutes: float = 5, **more) -> OccurrenceRef:
        return OccurrenceRef(
            occurrence_uuid=more.pop("uuid", None) or uuid4(),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            playlist=self.add(Playlist(cues=tuple(cues)).model_dump_json().encode()),
            **more,
        )

    def make_manifest(self, occurrences=(), *, epoch=1, number=1, **more) -> Manifest:
        needed = [occurrence.playlist for occurrence in occurrences]
        for occurrence in occurrences:
            cues = Playlist.model_validate_json(self.objects[occurrence.playlist]).cues
            needed += [sha256 for cue in cues for sha256 in cue.media]
        needed += [sha256 for phrase in more.get("phrases", ()) for sha256 in phrase.media]
        first = more.pop("fetch_first", ())
        facts = {
            "server_epoch": epoch,
            "manifest_id": number,
            "player": self.player,
            "village": self.village,
            "village_name": "Ún Tà",
            "issued_at": self.now(),
            "valid_until": self.now() + timedelta(days=14),
            "time_zone": "Asia/Ho_Chi_Minh",
            "settings": {"poll_seconds": 1},
            "keys": (self.public_key,),
            "occurrences": tuple(occurrences),
            "objects": tuple(
                ObjectRef(
                    sha256=sha256,
                    size_bytes=len(self.objects[sha256]),
                    mime="application/octet-stream",
                    fetch_first=sha256 in first,
                )
                for sha256 in dict.fromkeys(needed)
            ),
        }
        return Manifest(**facts | more)

    def publish(self, occurrences=(), **more) -> bytes:
        body = self.make_manifest(occurrences, **more).model_dump_json().encode()
        self.serve(body, self.signed(body))
        return body

    def serve(self, body: bytes, headers: dict[str, str]):
        self.manifest = (body, headers | {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"'})

    def wait_for(self, condition, seconds=30.0):
        """Wait until something that a request brings has become true."""
        with self.news:
            assert self.news.wait_for(condition, seconds), "the player did not do it"

    def outcomes(self):
        return {row["cue_key"]: (row["outcome"], row["reason"]) for row in self.rows.values()}

    def _handler(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body in one packet: else Nagle's algorithm makes each answer 40 ms late.
            wbufsize = -1

            def do_GET(self):
                self._serve()

            def do_POST(self):
                self._serve()

            def log_message(self, *args):
                pass

            def _serve(self):
                if fake.faults.away:
                    self.close_connection = True
                    return
                parts = urlsplit(self.path)
                path = parts.path.removeprefix(API)
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
                with fake.news:
                    fake.asked[path.split("/")[1]] += 1
                    try:
                        fake.answer(self, path, parse_qs(parts.query), body)
                    finally:
                        fake.news.notify_all()

            def reply(self, status, body=b"", headers=None):
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler

    def answer(self, http, path, query, body):  # noqa: PLR0911 - one line a call
        if self._in_the_way(http):
            return None
        if path == "/pair":
            return self._pair(http, body)
        if path == "/time":
            nonce = "0" * 32 if self.faults.replay_time else query["nonce"][0]
            answer = TimeAnswer(nonce=nonce, now=self.now()).model_dump_json().encode()
            return http.reply(200, answer, self.signed(answer))
        if http.headers["Authorization"] != f"Bearer {TOKEN}" or self.faults.unauthorised:
            return http.reply(401, b'{"error": "Unknown token"}')
        if path == "/manifest":
            return self._manifest(http)
        if path.startswith("/objects/"):
            return self._object(http, path.removeprefix("/objects/"))
        return self._report(http, path, body)

    def _in_the_way(self, http):
        """What a network answers in the server's place."""
        if self.faults.portal == "page":
            http.reply(200, b"<html>Please log in", {"Content-Type": "text/html; charset=utf-8"})
        elif self.faults.portal:
            http.reply(302, headers={"Location": self.faults.portal})
        elif self.faults.status:
            http.reply(self.faults.status)
        return self.faults.portal or self.faults.status

    def _report(self, http, path, body):
        if path == "/as-run":
            return self._as_run(http, body["rows"])
        self.heartbeats.append(body)
        return http.reply(204)

    def _pair(self, http, body):
        if body["code"] != CODE:
            return http.reply(404, b'{"error": "This pairing code is not known"}')
        if self.pair_nonces.setdefault(body["code"], body["nonce"]) != body["nonce"]:
            return http.reply(409, b'{"error": "This pairing code is used"}')
        if self.faults.lose_pair_answers:
            self.faults.lose_pair_answers -= 1
            http.close_connection = True
            return None
        return http.reply(200, self.pair_answer().model_dump_json().encode())

    def _manifest(self, http):
        if self.manifest is None:
            return http.reply(404)
        body, headers = self.manifest
        if http.headers["If-None-Match"] == headers["ETag"]:
            self.asked["unchanged"] += 1
            return http.reply(304, headers=headers)
        return http.reply(200, body, headers)

    def _object(self, http, sha256):
        data = self.objects.get(sha256)
        if data is None:
            return http.reply(404)
        self.fetched.append(sha256)
        if self.faults.wrong_object_bytes:
            data = bytes([data[0] ^ 1]) + data[1:]
        start, headers = 0, {}
        if asked := http.headers["Range"]:
            self.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        if (limit := self.faults.break_objects_after) is None or len(data) - start <= limit:
            return http.reply(206 if start else 200, data[start:], headers)
        http.send_response(206 if start else 200)
        http.send_header("Content-Length", str(len(data) - start))
        for name, value in headers.items():
            http.send_header(name, value)
        http.end_headers()
        http.wfile.write(data[start : start + limit])
        http.close_connection = True
        return None

    def _as_run(self, http, rows):
        self.row_posts.append([row["row_uuid"] for row in rows])
        if self.faults.unreadable_rows & {row["cue_key"] for row in rows}:
            return http.reply(422, b'{"error": "unreadable"}')
        answers = []
        for row in rows:
            verdict = "duplicate" if row["row_uuid"] in self.rows else "accepted"
            self.rows.setdefault(row["row_uuid"], row)
            answers.append({"row_uuid": row["row_uuid"], "verdict": verdict})
        if self.faults.lose_as_run_answers:
            self.faults.lose_as_run_answers -= 1
            http.close_connection = True
            return None
        return http.reply(200, json.dumps({"rows": answers}).encode())


def cue(key: str, sha256: str | None, *, offset_ms=0, duration_ms=2000, latest_start_ms=None, **more) -> Cue:
    """A cue of one object (or of one that nobody has)."""
    return Cue(
        key=key,
        offset_ms=offset_ms,
        duration_ms=duration_ms,
        latest_start_ms=offset_ms + 60_000 if latest_start_ms is None else latest_start_ms,
        media=(sha256 or "0" * 64,),
        **more,
    )


def occurrence_uuid(number: int) -> UUID:
    """The same uuid in each run."""
    return UUID(int=number)
