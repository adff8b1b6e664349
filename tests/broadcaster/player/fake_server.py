"""A server that speaks the players' protocol over real HTTP with real signatures, and misbehaves on demand."""

import base64
import hashlib
import json
import socket
import ssl
import sys
import threading
from collections import Counter
from contextlib import suppress
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
    Alert,
    AlertAudience,
    AlertsAnswer,
    AlertScope,
    Cue,
    Manifest,
    ObjectRef,
    OccurrenceRef,
    PairAnswer,
    Playlist,
    PublicKey,
    SignedAlert,
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
    lose_receipts: int = 0
    no_events: int | None = None
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
        self.village_uuid = uuid4()
        self.alerts: dict[UUID, SignedAlert] = {}
        self.receipts: list[dict] = []
        self.streams: list = []
        self.event_number = 0
        self.withheld: set[str] = set()
        self.slow: set[str] = set()
        self.last_event_ids: list[str | None] = []
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
        self.hang_up()
        self._http.shutdown()
        self._http.server_close()

    def now(self):
        return datetime.now(UTC) + self.offset

    def signed(self, body: bytes) -> dict[str, str]:
        signature = base64.b64encode(self.key.sign(body).signature).decode()
        return {SIGNATURE_HEADER: signature, KEY_ID_HEADER: self.key_id}

    def pair_answer(self):
        return PairAnswer(
            token=TOKEN,
            player=self.player,
            village=self.village,
            village_name="Ún Tà",
            village_uuid=self.village_uuid,
            keys=(self.public_key,),
        )

    def add(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.objects[sha256] = data
        return sha256

    def ref(self, sha256: str) -> ObjectRef:
        return ObjectRef(sha256=sha256, size_bytes=len(self.objects[sha256]), mime="application/octet-stream")

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
            "village_uuid": self.village_uuid,
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
        self.push("manifest", "{}")

    def raise_alert(self, media=(), fallback=(), *, push=True, **more) -> Alert:
        """Sign a version of an alert, serve it, and push it to who listens."""
        now = self.now()
        facts = {
            "alert_uuid": uuid4(),
            "version": 1,
            "server_epoch": 1,
            "scope": AlertScope.ACTUAL,
            "title": "Lũ quét",
            "issued_at": now,
            "starts_at": now,
            "expires_at": now + timedelta(minutes=10),
            "max_sounding_ms": 600_000,
            "pause_ms": 300,
            "audiences": [
                AlertAudience(
                    villages=more.pop("villages", (self.village_uuid,)), media=tuple(media), fallback=tuple(fallback)
                )
            ],
            "objects": [
                ObjectRef(sha256=sha256, size_bytes=len(self.objects.get(sha256, b"")), mime="audio/flac")
                for sha256 in (*media, *fallback)
            ],
        }
        alert = Alert(**facts | more)
        self.post_alert(self.sign_alert(alert), alert.alert_uuid, push=push)
        return alert

    def sign_alert(self, alert: Alert) -> SignedAlert:
        document = alert.model_dump_json()
        headers = self.signed(document.encode())
        return SignedAlert(document=document, signature=headers[SIGNATURE_HEADER], key_id=headers[KEY_ID_HEADER])

    def cancel(self, alert: Alert, **more) -> Alert:
        """The next version of it, cancelled."""
        cancelled = alert.model_copy(update={"version": alert.version + 1, "cancelled": True} | more)
        self.post_alert(self.sign_alert(cancelled), alert.alert_uuid)
        return cancelled

    def post_alert(self, signed: SignedAlert, alert_uuid: UUID, *, push=True):
        with self.news:
            self.alerts[alert_uuid] = signed
        if push:
            self.push("alert", signed.model_dump_json())

    def push(self, name: str, data: str):
        with self.news:
            self.event_number += 1
            for stream in list(self.streams):
                try:
                    stream.wfile.write(f"id: {self.event_number}\nevent: {name}\ndata: {data}\n\n".encode())
                    stream.wfile.flush()
                except OSError:
                    self.streams.remove(stream)

    def hang_up(self):
        """End all streams."""
        with self.news:
            for stream in self.streams:
                with suppress(OSError):
                    stream.connection.shutdown(socket.SHUT_RDWR)
            self.streams.clear()
            self.news.notify_all()

    def stages(self, alert: Alert, version=None):
        """What was said of an alert, in order."""
        wanted = (str(alert.alert_uuid), version or alert.version)
        return [each["stage"] for each in self.receipts if (each["alert_uuid"], each["version"]) == wanted]

    def repeats_of(self, alert: Alert):
        """The rows of an alert in the order of their numbers."""
        rows = [row for row in self.rows.values() if row["occurrence_uuid"] == str(alert.alert_uuid)]
        return sorted(rows, key=lambda row: (row["alert_version"], int(row["cue_key"].rpartition("/")[2])))

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
                if path == "/events":
                    fake.stream(self)
                    return
                if path.removeprefix("/objects/") in fake.slow:
                    fake.trickle(self, path.removeprefix("/objects/"))
                    return
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
        if path == "/alerts":
            return self._alerts(http)
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

    def stream(self, http):
        """Keep the connection until it is hung up."""
        with self.news:
            self.asked["events"] += 1
            if self.faults.no_events:
                http.reply(self.faults.no_events)
                return
            http.send_response(200)
            http.send_header("Content-Type", "text/event-stream")
            http.send_header("Connection", "close")
            http.end_headers()
            http.wfile.write(b": connected\n\n")
            self.last_event_ids.append(http.headers["Last-Event-ID"])
            for signed in self.alerts.values():
                http.wfile.write(f"event: alert\ndata: {signed.model_dump_json()}\n\n".encode())
            http.wfile.flush()
            self.streams.append(http)
            self.news.notify_all()
            self.news.wait_for(lambda: http not in self.streams)
        http.close_connection = True

    def trickle(self, http, sha256):
        """Send an object piece by piece for as long as it is among the slow ones."""
        data = self.objects[sha256]
        with self.news:
            self.fetched.append(sha256)
            begin, headers = self._from(http, data)
            self.news.notify_all()
            http.send_response(206 if begin else 200)
            for name, value in (headers | {"Content-Length": str(len(data) - begin)}).items():
                http.send_header(name, value)
            http.end_headers()
            with suppress(OSError):
                for start in range(begin, len(data), 65_536):
                    http.wfile.write(data[start : start + 65_536])
                    http.wfile.flush()
                    self.news.wait_for(lambda: sha256 not in self.slow, 0.05)

    def _alerts(self, http):
        body = AlertsAnswer(alerts=tuple(self.alerts.values())).model_dump_json().encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if http.headers["If-None-Match"] == etag:
            self.asked["alerts unchanged"] += 1
            return http.reply(304, headers={"ETag": etag})
        return http.reply(200, body, {"ETag": etag})

    def _report(self, http, path, body):
        if path == "/alerts/receipts":
            if self.faults.lose_receipts:
                self.faults.lose_receipts -= 1
                http.close_connection = True
                return None
            self.receipts += [each for each in body["receipts"] if each not in self.receipts]
            return http.reply(204)
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
        if data is None or sha256 in self.withheld:
            return http.reply(404)
        self.fetched.append(sha256)
        if self.faults.wrong_object_bytes:
            data = bytes([data[0] ^ 1]) + data[1:]
        start, headers = self._from(http, data)
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

    def _from(self, http, data):
        asked = http.headers["Range"]
        if not asked:
            return 0, {}
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        return start, {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}

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
