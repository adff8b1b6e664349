"""The local page over HTTP: parses what a browser asks, asks the door, and hands on. Binds where it is told to."""

import json
import logging
import sys
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, urlsplit

from broadcaster.player.agent import Agent
from broadcaster.player.clock import SystemSources
from broadcaster.player.errors import PlayerError
from broadcaster.player.files import note
from broadcaster.player.keeping.identity import FILE as IDENTITY
from broadcaster.player.local import words
from broadcaster.player.local.door import Door, Session, is_here, is_our_name, is_own_press, read_pin
from broadcaster.player.local.handing import hand_in
from broadcaster.player.local.pages import Writer
from broadcaster.player.local.presses import PRESSES
from broadcaster.player.local.upload import Form, Unreadable
from broadcaster.player.local.view import look, look_at_box
from broadcaster.player.local.words import Language, Sentence
from broadcaster.player.network.pairing import CODE_LENGTH, code_of, pair
from broadcaster.player.settings import Address

log = logging.getLogger(__name__)
FILE = "page.json"
ASIDE = "pairing"
MOST_FORM_BYTES = 16_384
TIMEOUT_S = 20.0
STATIC = {"/style.css": "text/css", "/time.js": "text/javascript"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class House(Protocol):
    """Whose page it is: a player that runs, or a machine that is not paired yet."""

    @property
    def data(self) -> Path:
        """The player's folder."""
        ...

    @property
    def agent(self) -> Agent | None:
        """The player, while it runs."""
        ...

    def renew(self) -> None:
        """Go on as whom the pairing names that lies in the folder `pairing`."""
        ...


class Page:
    """The page, served by threads of its own: a context."""

    def __init__(self, house: House, address: Address) -> None:
        """Listen; where the port is taken, at a free one: nobody's page may keep a village silent."""
        self.house = house
        pin = read_pin(house.data)
        self.door = Door(pin, SystemSources().monotonic)
        self.pairing = threading.Lock()
        self.receiving = threading.Lock()
        try:
            self._http = _Server((address.host, address.port), self)
        except OSError as error:
            log.warning("page_elsewhere", extra={"why": str(error)})
            self._http = _Server(("127.0.0.1", 0), self)
        host, port = str(self._http.server_address[0]), int(self._http.server_address[1])
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        # Browsers keep cookies by host, whatever the port: another player on this machine has its own.
        self.cookie = f"page-{port}"
        note(house.data / FILE, json.dumps({"url": self.url, "pin": pin}).encode())

    def __enter__(self) -> Self:
        """Begin to serve."""
        threading.Thread(target=self._http.serve_forever, args=(0.2,), name="page", daemon=True).start()
        log.info("page_open", extra={"url": self.url})
        return self

    def __exit__(self, *_: object) -> None:
        """Serve nothing any more."""
        self._http.shutdown()
        self._http.server_close()
        (self.house.data / FILE).unlink(missing_ok=True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], page: Page) -> None:
        self.page = page
        super().__init__(address, _Visit)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the library's
        """Log what broke; a phone that walks away is no news."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            log.error("page_broken", extra={"why": repr(error)})


class _Visit(BaseHTTPRequestHandler):
    """One connection of a browser."""

    server: _Server
    timeout = TIMEOUT_S
    server_version = "player"
    sys_version = ""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if not is_our_name(self.headers.get("Host", "")):
            self._answer(HTTPStatus.MISDIRECTED_REQUEST, "text/plain", b"Ask for this page by its address\n")
        elif parts.path in STATIC:
            body = files(__package__).joinpath(parts.path.removeprefix("/")).read_bytes()
            self._answer(HTTPStatus.OK, STATIC[parts.path], body)
        elif parts.path == "/":
            key, session = self._session()
            if (wanted := parse_qs(parts.query).get("lang", [""])[0]) in set(Language):
                session.language = Language(wanted)
            self._write(key, self._home(session))
        elif parts.path == "/journal":
            self._journal()
        else:
            self._go("/")

    def do_POST(self) -> None:
        if not is_our_name(self.headers.get("Host", "")) or not is_own_press(self.headers):
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", b"This press came from another page\n")
            return
        key, session = self._session()
        if self.headers.get_content_type() == "multipart/form-data":
            session.notice = self._bundle(session)
            self._go("/", key)
            return
        form = self._form()
        if form is None or form.get("token") != session.token:
            session.notice = words.STALE.of(session.language)
            self._go("/", key)
            return
        self._press(urlsplit(self.path).path.removeprefix("/"), key, session, form)

    def _press(self, name: str, key: str, session: Session, form: Mapping[str, str]) -> None:
        page, agent = self.server.page, self.server.page.house.agent
        if name == "pin":
            key = self._enter(key, session, form)
        elif not session.inside:
            session.notice = ""
        elif name == "pair":
            if (shown := self._pair(session, form)) is not None:
                self._write(key, shown)
                if (page.house.data / ASIDE / IDENTITY).exists():
                    # Once the answer is out: the process may start over.
                    self.wfile.flush()
                    page.house.renew()
                return
        elif name in PRESSES and agent is not None:
            try:
                session.notice = PRESSES[name](agent, form, session.language)
            except PlayerError as error:
                log.warning("press_refused", extra={"press": name, "why": str(error)})
                session.notice = words.of_error(error).of(session.language)
            log.info("pressed", extra={"press": name, "from": self.client_address[0], "page": page.url})
        self._go("/", key)

    def _journal(self) -> None:
        """Give what the server does not have yet, as it would be written back onto a stick."""
        _, session = self._session()
        agent = self.server.page.house.agent
        if agent is None or not session.inside:
            self._go("/")
            return
        name, body = agent.journal_to_carry()
        self._answer(HTTPStatus.OK, "application/json", body, {"Content-Disposition": f'attachment; filename="{name}"'})

    def _bundle(self, session: Session) -> str:
        """Take a bundle in that comes with the form; return what to say."""
        page, agent = self.server.page, self.server.page.house.agent
        self.close_connection = True
        length = self.headers.get("Content-Length", "")
        if agent is None or not session.inside or not length.isdecimal():
            return words.STALE.of(session.language)
        if not page.receiving.acquire(blocking=False):
            return words.NOT_DONE.of(session.language)
        try:
            form = Form(self.rfile, int(length), self.headers.get("Content-Type", ""))
            told = hand_in(agent, form, int(length), session.token, session.language)
        except Unreadable:
            return words.BUNDLE_BROKEN.of(session.language)
        finally:
            page.receiving.release()
        log.info("pressed", extra={"press": "bundle", "from": self.client_address[0], "page": page.url})
        return told

    def _home(self, session: Session) -> str:
        house = self.server.page.house
        writer, agent = Writer(session), house.agent
        if not session.inside:
            return writer.knock(agent.manifests.identity.village_name if agent else None)
        box = look_at_box(house.data)
        return writer.home(look(agent, box)) if agent else writer.unpaired(box, {})

    def _enter(self, key: str, session: Session, form: Mapping[str, str]) -> str:
        door = self.server.page.door
        if entered := door.enter(form.get("pin", ""), session):
            return entered[0]
        closed = door.closed_s()
        told = words.PIN_CLOSED.of(session.language, minutes=int(closed // 60) + 1) if closed else None
        session.notice = told or words.PIN_WRONG.of(session.language)
        log.warning("pin_wrong", extra={"from": self.client_address[0]})
        return key

    def _pair(self, session: Session, form: Mapping[str, str]) -> str | None:
        """Pair with what was typed; return a page to be shown instead of going home."""
        page = self.server.page
        typed = {name: form.get(name, "").strip() for name in ("server", "code", "name")}
        wrong = _unusable(typed)
        seen: list[str] = []

        def confirm(shown: str) -> bool:
            seen.append(shown)
            return form.get("fingerprint") == shown

        if wrong is None:
            with page.pairing:
                aside = page.house.data / ASIDE
                aside.mkdir(exist_ok=True)
                try:
                    identity = pair(typed["server"], typed["code"], typed["name"][:120], aside, confirm)
                except PlayerError as error:
                    if seen:
                        return Writer(session).compare(seen[0], typed)
                    log.warning("pairing_failed", extra={"why": str(error)})
                    wrong = words.of_error(error)
                else:
                    return Writer(session).paired(identity.village_name)
        session.notice = wrong.of(session.language)
        agent = page.house.agent
        return None if agent else Writer(session).unpaired(look_at_box(page.house.data), typed)

    def _session(self) -> tuple[str, Session]:
        """Find the browser's session, or begin one."""
        page = self.server.page
        try:
            kept = SimpleCookie(self.headers.get("Cookie", "")).get(page.cookie)
        except CookieError:
            kept = None
        key = kept.value if kept else ""
        session = page.door.find(key)
        return (key, session) if session else page.door.open(here=is_here(str(self.client_address[0]), self.headers))

    def _form(self) -> dict[str, str] | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST_FORM_BYTES:
            self.close_connection = True
            return None
        text = self.rfile.read(int(length)).decode(errors="replace")
        return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True, max_num_fields=50).items()}

    def _write(self, key: str, page: str) -> None:
        self._answer(HTTPStatus.OK, "text/html; charset=utf-8", page.encode(), self._cookie(key))

    def _go(self, where: str, key: str | None = None) -> None:
        """After a press a reload must not press again."""
        self._answer(HTTPStatus.SEE_OTHER, "text/plain", b"", {"Location": where} | (self._cookie(key) if key else {}))

    def _cookie(self, key: str) -> dict[str, str]:
        return {"Set-Cookie": f"{self.server.page.cookie}={key}; HttpOnly; SameSite=Strict; Path=/; Max-Age=86400"}

    def _answer(self, status: HTTPStatus, kind: str, body: bytes, more: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, **(more or {}), "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Log nothing of each request: a phone that looks every minute would fill the card."""


def _unusable(typed: Mapping[str, str]) -> Sentence | None:
    if len(code_of(typed["code"])) != CODE_LENGTH:
        return words.CODE_UNREADABLE
    if urlsplit(typed["server"]).scheme not in ("http", "https"):
        return words.ADDRESS_UNREADABLE
    return None
