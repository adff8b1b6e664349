"""A village's server for one player under test: real HTTP, real signatures.

It answers by the protocol; a check's `twist` sees each answer before it leaves and may spoil it.
"""

import base64
import hashlib
import io
import json
import threading
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import numpy as np
from nacl.signing import SigningKey
from pydantic import ValidationError

from broadcaster.player.clock import SystemSources
from broadcaster.protocol import (
    API,
    EVENT_ALERT,
    EVENT_MANIFEST,
    KEY_ID_HEADER,
    SIGNATURE_HEADER,
    Alert,
    AlertReceipt,
    AlertsAnswer,
    AsRunRow,
    Cue,
    Heartbeat,
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
RATE_HZ = 48_000
KEEP_ALIVE_S = 5.0


@dataclass(frozen=True)
class Asked:
    """One request as it came; `at` in monotonic seconds, `path` without the API's prefix."""

    at: float
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer; with `cut_after` the connection breaks off after so many bytes of the body, at 0 before any answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None


Twist = Callable[[Asked, Reply], Reply]
SILENCE = Reply(0, cut_after=0)


class Key:
    """A signing key and the name it goes by."""

    def __init__(self, key_id: str = "k1") -> None:
        self.key_id = key_id
        self._key = SigningKey.generate()

    @property
    def public(self) -> PublicKey:
        """What a player is given of it."""
        return PublicKey(key_id=self.key_id, key=base64.b64encode(bytes(self._key.verify_key)).decode())

    def signature(self, body: bytes) -> str:
        """Sign, in base64."""
        return base64.b64encode(self._key.sign(body).signature).decode()

    def headers(self, body: bytes) -> dict[str, str]:
        """Sign a body that is served."""
        return {SIGNATURE_HEADER: self.signature(body), KEY_ID_HEADER: self.key_id}


class Village:
    """The server, what it publishes, and all that the player asked and said."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen at once; port 0: a free one. `host` is how the player reaches this machine."""
        self.sources = SystemSources()
        self.key = Key()
        self.keys: tuple[PublicKey, ...] = (self.key.public,)
        self.player = uuid4()
        self.uuid = uuid4()
        self.token = uuid4().hex
        self.paired = False
        self.ahead_of_the_machine = timedelta()
        self.twist: Twist = lambda _, reply: reply
        self.asked: list[Asked] = []
        self.rows: dict[UUID, AsRunRow] = {}
        self.row_posts: list[list[UUID]] = []
        self.heartbeats: list[Heartbeat] = []
        self.receipts: list[AlertReceipt] = []
        self.malformed: list[str] = []
        self.quarantine: set[str] = set()
        self.epoch = 1
        self.manifest_id = 0
        self.news = threading.Condition()
        self._manifest = Reply(404, b'{"error": "No plan yet"}')
        self._objects: dict[str, bytes] = {}
        self._alerts: dict[UUID, SignedAlert] = {}
        self._events: list[tuple[str, str]] = []
        self._former: set[UUID] = set()
        self._planned: set[UUID] = set()
        self._loudness = 2000
        self._closed = False
        self._host = host
        self._http = _Http((host, port), self._handler())
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self._host}:{self._http.server_port}"

    def close(self) -> None:
        """Answer nothing any more."""
        with self.news:
            self._closed = True
            self.news.notify_all()
        self._http.shutdown()
        self._http.server_close()

    def begin_anew(self) -> None:
        """Forget what was planned, asked and said; who is paired, the keys, the clock and the numbers stay."""
        for signed in list(self._alerts.values()):
            alert = Alert.model_validate_json(signed.document)
            if not alert.cancelled:
                self.call(alert.model_copy(update={"version": alert.version + 1, "cancelled": True}))
        with self.news:
            self.twist = lambda _, reply: reply
            self._former |= self._planned
            self.quarantine.clear()
            self._loudness += 1
            noted: tuple[list[Any] | dict[UUID, AsRunRow], ...]
            noted = (self.asked, self.rows, self.row_posts, self.heartbeats, self.receipts, self.malformed)
            for notes in noted:
                notes.clear()

    def now(self) -> datetime:
        """The village's time, which may differ from this machine's."""
        return self.sources.wall() + self.ahead_of_the_machine

    def tone(self, seconds: float, hz: int = 440) -> str:
        """Make an object: a soft tone as a WAV file (48 kHz mono 16 bit), unlike any before `begin_anew`."""
        samples = np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ) * self._loudness
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE_HZ)
            out.writeframes(samples.astype("<i2").tobytes())
        return self.add(file.getvalue())

    def add(self, data: bytes) -> str:
        """Hold an object."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._objects[sha256] = data
        return sha256

    def occurrence(self, starts_at: datetime, *cues: Cue, **more: Any) -> OccurrenceRef:
        """Plan an opening of a minute, or as long as these cues take."""
        last_ms = max(cue.offset_ms + cue.duration_ms for cue in cues)
        facts = {
            "occurrence_uuid": self._new_uuid(),
            "starts_at": starts_at,
            "ends_at": starts_at + max(timedelta(minutes=1), timedelta(milliseconds=last_ms)),
            "playlist": self.add(Playlist(cues=cues).model_dump_json().encode()),
        }
        return OccurrenceRef.model_validate(facts | more)

    def manifest(self, *occurrences: OccurrenceRef, also: tuple[str, ...] = (), **more: Any) -> Manifest:
        """Make the next manifest: these occurrences, what they need, and objects besides."""
        self.manifest_id += 1
        needed = [occurrence.playlist for occurrence in occurrences] + [*also]
        for occurrence in occurrences:
            cues = Playlist.model_validate_json(self._objects[occurrence.playlist]).cues
            needed += [sha256 for cue in cues for sha256 in cue.media]
        facts = {
            "server_epoch": self.epoch,
            "manifest_id": self.manifest_id,
            "player": self.player,
            "village": "conformance",
            "village_name": "Conformance",
            "village_uuid": self.uuid,
            "issued_at": self.now(),
            "valid_until": self.now() + timedelta(days=14),
            "time_zone": "Asia/Ho_Chi_Minh",
            "settings": {"poll_seconds": 1, "volume_percent": 40},
            "keys": self.keys,
            "occurrences": occurrences,
            "objects": tuple(self.ref(sha256) for sha256 in dict.fromkeys(needed)),
        }
        return Manifest.model_validate(facts | more)

    def ref(self, sha256: str, *, first: bool = False) -> ObjectRef:
        """Tell of an object, also of one that nobody has."""
        size = len(self._objects.get(sha256, b"?"))
        return ObjectRef(sha256=sha256, size_bytes=size, mime="application/octet-stream", fetch_first=first)

    def publish(self, *occurrences: OccurrenceRef, **more: Any) -> Manifest:
        """Put the next manifest into force and hint at it."""
        manifest = self.manifest(*occurrences, **more)
        body = manifest.model_dump_json().encode()
        self.serve(body, self.key.headers(body))
        return manifest

    def serve(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Serve these bytes as the manifest, whatever they are."""
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        self._manifest = Reply(200, body, {**headers, "ETag": etag, "Content-Type": "application/json"})
        self.hint()

    def hint(self) -> None:
        """Say "look now" to whoever listens."""
        self._tell(EVENT_MANIFEST, json.dumps({"manifest_id": self.manifest_id}))

    def alert(self, media: tuple[str, ...], **more: Any) -> Alert:
        """Write an alert for this village that may sound for two minutes."""
        now = self.now()
        fallback = more.pop("fallback", ())
        facts = {
            "alert_uuid": self._new_uuid(),
            "version": 1,
            "server_epoch": self.epoch,
            "scope": "actual",
            "title": "Conformance",
            "issued_at": now,
            "starts_at": now,
            "expires_at": now + timedelta(minutes=2),
            "max_sounding_ms": 60_000,
            "audiences": [{"villages": [self.uuid], "media": media, "fallback": fallback}],
            "objects": [self.ref(sha256, first=True) for sha256 in dict.fromkeys((*media, *fallback))],
        }
        return Alert.model_validate(facts | more)

    def call(self, alert: Alert, key: Key | None = None) -> None:
        """Send an alert out by all ways."""
        key = key or self.key
        document = alert.model_dump_json()
        signed = SignedAlert(document=document, signature=key.signature(document.encode()), key_id=key.key_id)
        self._alerts[alert.alert_uuid] = signed
        self._tell(EVENT_ALERT, signed.model_dump_json())

    def asks(self, path: str) -> list[Asked]:
        """All requests of a path, or of what lies below it."""
        return [asked for asked in list(self.asked) if asked.path == path or asked.path.startswith(path + "/")]

    def row(self, key: str) -> AsRunRow | None:
        """The newest row of a cue."""
        return next((row for row in reversed(list(self.rows.values())) if row.cue_key == key), None)

    def _new_uuid(self) -> UUID:
        new = uuid4()
        self._planned.add(new)
        return new

    def _tell(self, name: str, data: str) -> None:
        with self.news:
            self._events.append((name, data))
            self.news.notify_all()

    def _handler(self) -> type["_Connection"]:
        return type("Connection", (_Connection,), {"village": self})

    def take(self, asked: Asked) -> Reply:
        """Note a request and answer it."""
        with self.news:
            self.asked.append(asked)
            try:
                reply = self.twist(asked, self._answer(asked))
                self.paired |= asked.path == "/pair" and reply.status == HTTPStatus.OK
                return reply
            finally:
                self.news.notify_all()

    def _answer(self, asked: Asked) -> Reply:
        if asked.path in ("/pair", "/time"):
            return self._pair(asked) if asked.path == "/pair" else self._time(asked)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(401, b'{"error": "Unknown token"}')
        if asked.path.startswith("/objects/"):
            return self._object(asked)
        match asked.path:
            case "/manifest":
                unchanged = asked.headers.get("if-none-match") == self._manifest.headers.get("ETag", "")
                return replace(self._manifest, status=304, body=b"") if unchanged else self._manifest
            case "/alerts":
                body = AlertsAnswer(alerts=tuple(self._alerts.values())).model_dump_json().encode()
                return Reply(200, body, {"ETag": f'"{len(self._events)}"'})
        return self._report(asked)

    def _time(self, asked: Asked) -> Reply:
        return self.time_reply(asked.query.get("nonce", ""), self.now(), self.key)

    def time_reply(self, nonce: str, now: datetime, key: Key) -> Reply:
        """Sign a time."""
        body = TimeAnswer(nonce=nonce, now=now).model_dump_json().encode()
        return Reply(200, body, key.headers(body))

    def _pair(self, asked: Asked) -> Reply:
        if asked.body.get("code") != CODE:
            return Reply(404, b'{"error": "This pairing code is not known"}')
        answer = PairAnswer(
            token=self.token,
            player=self.player,
            village="conformance",
            village_name="Conformance",
            village_uuid=self.uuid,
            keys=(self.key.public,),
        )
        return Reply(200, answer.model_dump_json().encode())

    def whole(self, sha256: str) -> Reply:
        """Answer with an object as a server does that knows no ranges."""
        return Reply(200, self._objects[sha256])

    def _object(self, asked: Asked) -> Reply:
        data = self._objects.get(asked.path.rpartition("/")[2])
        if data is None:
            return Reply(404, b'{"error": "No such object"}')
        wanted = asked.headers.get("range", "")
        if not wanted.startswith("bytes="):
            return Reply(200, data)
        start = int(wanted.removeprefix("bytes=").partition("-")[0] or 0)
        return Reply(206, data[start:], {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"})

    def _report(self, asked: Asked) -> Reply:
        try:
            match asked.path:
                case "/heartbeat":
                    self.heartbeats.append(Heartbeat.model_validate(asked.body))
                case "/alerts/receipts":
                    self.receipts += [AlertReceipt.model_validate(one) for one in asked.body["receipts"]]
                case "/as-run":
                    return self._as_run(asked.body["rows"])
                case _:
                    return Reply(404, b'{"error": "No such path"}')
        except (ValidationError, KeyError) as error:
            self.malformed.append(f"{asked.path}: {error}")
            return Reply(422, b'{"error": "Unreadable"}')
        return Reply(204)

    def _as_run(self, bodies: list[Mapping[str, Any]]) -> Reply:
        rows = [AsRunRow.model_validate(body) for body in bodies]
        fresh = {row.row_uuid for row in rows if row.occurrence_uuid not in self._former}
        if fresh:
            self.row_posts.append([row.row_uuid for row in rows if row.row_uuid in fresh])
        answers = []
        for row in rows:
            verdict = "quarantined" if row.cue_key in self.quarantine else "accepted"
            if row.row_uuid in self.rows:
                verdict = "duplicate"
            if row.row_uuid in fresh:
                self.rows.setdefault(row.row_uuid, row)
            answers.append({"row_uuid": str(row.row_uuid), "verdict": verdict, "reason": ""})
        return Reply(200, json.dumps({"rows": answers}).encode())

    def next_event(self, after: int) -> tuple[str, str] | None:
        """Wait a while for the event with this number; None when none came."""
        with self.news:
            self.news.wait_for(lambda: self._closed or len(self._events) > after, KEEP_ALIVE_S)
            return self._events[after] if len(self._events) > after else None

    @property
    def open(self) -> bool:
        """Whether it still answers."""
        return not self._closed

    @property
    def last_event(self) -> int:
        """How many events there were."""
        return len(self._events)


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a player that is killed breaks its connections off anywhere."""


class _Connection(BaseHTTPRequestHandler):
    """One connection of the player."""

    village: Village
    protocol_version = "HTTP/1.1"
    # Headers and body in one packet: else Nagle's algorithm makes each answer 40 ms late.
    wbufsize = -1

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = parts.path.removeprefix(API)
        try:
            facts = json.loads(body or b"{}")
        except ValueError:
            facts = {}
        asked = Asked(self.village.sources.monotonic(), path, dict(parse_qsl(parts.query)), headers, facts)
        after = self.village.last_event
        reply = self.village.take(asked)
        if path == "/events" and reply.cut_after is None and reply.status != 401:
            self._stream(after)
        else:
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        if reply.cut_after == 0:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: reply.cut_after])
        self.close_connection = self.close_connection or reply.cut_after is not None

    def _stream(self, after: int) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": here\n\n")
        self.wfile.flush()
        while self.village.open:
            event = self.village.next_event(after)
            if event is None:
                self.wfile.write(b": still here\n\n")
            else:
                after += 1
                self.wfile.write(f"id: {after}\nevent: {event[0]}\ndata: {event[1]}\n\n".encode())
            self.wfile.flush()


def in_utc(at: datetime) -> str:
    """Write an instant for a person."""
    return f"{at.astimezone(UTC):%H:%M:%S}"
