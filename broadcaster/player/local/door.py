"""Who may come in and press: the PIN and its tries, sessions, and where a request really comes from. No HTML, no HTTP.

On the machine itself no PIN is asked. A page elsewhere in the browser can neither read nor press: the name under which
we are asked must be an address or this machine's own (a stranger's name may point at us), and every press carries the
session's token and comes from our own page.
"""

import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

from broadcaster.player.files import note
from broadcaster.player.local.words import Language

PIN_FILE = "pin"
PIN_DIGITS = 6
FREE_TRIES = 5
CLOSED_S = (60.0, 3600.0)
MOST_SESSIONS = 200


def read_pin(data: Path) -> str:
    """Return this player's PIN; made at the first time, readable by its owner alone."""
    path = data / PIN_FILE
    try:
        pin = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        pin = ""
    if not re.fullmatch(r"[0-9]{4,12}", pin):
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
        note(path, pin.encode(), durable=True)
    return pin


@dataclass
class Session:
    """One browser. `token` is in each of its forms; `inside`: may see and press."""

    inside: bool
    language: Language = Language.VI
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    notice: str = ""


class Door:
    """Sessions by their cookie, and the count of wrong tries: one for all, since an address costs nothing."""

    def __init__(self, pin: str, monotonic: Callable[[], float]) -> None:
        """Nobody is inside yet."""
        self._pin = pin
        self._monotonic = monotonic
        self._sessions: dict[str, Session] = {}
        self._wrong = 0
        self._closed_until = 0.0

    def find(self, key: str) -> Session | None:
        """Return the session of a cookie."""
        return self._sessions.get(key)

    def open(self, *, here: bool, language: Language = Language.VI) -> tuple[str, Session]:
        """Begin a session; who is `here`, on the machine itself, is inside."""
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        key, session = secrets.token_urlsafe(24), Session(inside=here, language=language)
        self._sessions[key] = session
        return key, session

    def closed_s(self) -> float:
        """Return for how many seconds no PIN is taken."""
        return max(0.0, self._closed_until - self._monotonic())

    def enter(self, pin: str, session: Session) -> tuple[str, Session] | None:
        """Try a PIN; the right one gives a new session that is inside, under a name that nobody could know before."""
        if self.closed_s():
            return None
        if not hmac.compare_digest(pin.strip().encode(), self._pin.encode()):
            self._wrong += 1
            if self._wrong >= FREE_TRIES:
                pause = min(CLOSED_S[0] * 2.0 ** (self._wrong - FREE_TRIES), CLOSED_S[1])
                self._closed_until = self._monotonic() + pause
            return None
        self._wrong = 0
        return self.open(here=True, language=session.language)


def is_here(peer: str, headers: Message) -> bool:
    """Tell whether the browser runs on this machine; what a proxy passes on does not."""
    forwarded = any(name in headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"))
    try:
        return ipaddress.ip_address(peer.partition("%")[0]).is_loopback and not forwarded
    except ValueError:
        return False


def is_our_name(host: str) -> bool:
    """Tell whether a `Host` header names us by an address or by this machine's own name (no DNS rebinding)."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    own = socket.gethostname().lower()
    if name in ("localhost", own, f"{own}.local"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_own_press(headers: Message) -> bool:
    """Tell whether a press comes from our own page, as far as the browser tells (CSRF; the token is asked besides)."""
    if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("Origin")
    return origin is None or origin == f"http://{headers.get('Host', '')}"
