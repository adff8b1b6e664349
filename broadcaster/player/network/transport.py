"""What lies between us and a server: proxies of the environment, certificates judged by the player's own clock."""

import os
import ssl
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

NO_CHECK_TIME = 0x200000
"""OpenSSL's `X509_V_FLAG_NO_CHECK_TIME`."""
WRONG_BY = timedelta(hours=1)


class ClockedContext(ssl.SSLContext):
    """Checks certificates as always; when they are valid it asks the player's clock, not a machine's of 1970."""

    believed: Callable[[], datetime | None]
    wall: Callable[[], datetime]

    def wrap_socket(self, *args: object, **options: object) -> ssl.SSLSocket:
        """Shake hands; a certificate that is out of date by the player's clock ends it before anything is said."""
        now = self.believed()
        astray = now is not None and abs(now - self.wall()) > WRONG_BY
        flags = int(self.verify_flags) & ~NO_CHECK_TIME
        self.verify_flags = ssl.VerifyFlags(flags | (NO_CHECK_TIME if astray else 0))
        sock = super().wrap_socket(*args, **options)  # type: ignore[arg-type]
        if astray and now is not None:
            _check_dates(sock, now.timestamp())
        return sock


def _check_dates(sock: ssl.SSLSocket, now: float) -> None:
    facts = sock.getpeercert() or {}
    begins, ends = (ssl.cert_time_to_seconds(str(facts[name])) for name in ("notBefore", "notAfter"))
    if begins <= now <= ends:
        return
    sock.close()
    error = ssl.SSLCertVerificationError("the certificate is out of date by the player's clock")
    error.verify_code, error.verify_message = (9, "not yet valid") if now < begins else (10, "expired")
    raise error


def context(believed: Callable[[], datetime | None], wall: Callable[[], datetime]) -> ssl.SSLContext:
    """Make a context with the system's authorities, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`.

    Args:
        believed: the player's time, None while it is not believed.
        wall: the operating system's time.
    """
    made = ClockedContext(ssl.PROTOCOL_TLS_CLIENT)
    made.believed, made.wall = believed, wall
    _know_authorities(made)
    return made


def _know_authorities(made: ssl.SSLContext) -> None:
    """Know the system's authorities: from a folder that OpenSSL can look them up in, as they cost 2.5 MB to hold."""
    folder = Path(ssl.get_default_verify_paths().capath or "/nowhere")
    if "SSL_CERT_FILE" not in os.environ and folder.is_dir() and any(folder.glob("????????.0")):
        made.load_verify_locations(capath=folder)
    else:
        made.load_default_certs()


def unchecked() -> ssl.SSLContext:
    """Make a context for what is signed by itself: the time, which a machine of 1970 must be able to ask."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for this server; never one for this machine itself."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_loopback(host) or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    proxies = urllib.request.getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    return found if not found or "://" in found else f"http://{found}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
