"""What stands between a player and its server, told apart: each kind needs another hand to mend it.

A server that is down mends itself; a captive portal needs a login, a certificate its owner, a proxy its address. Knows
HTTP and TLS errors; decides nothing.
"""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from broadcaster.player.errors import ServerAway, Trouble
from broadcaster.player.network.lines import Answer, Broken

NOT_YET_VALID, EXPIRED = 9, 10
"""OpenSSL's `X509_V_ERR_*`."""
HOSTNAME = frozenset({62, 64})
GATEWAY = frozenset({502, 503, 504})
MOVED = frozenset({301, 302, 303, 307, 308})
SUCCESS = range(200, 300)
NETWORK_LOGIN = 511
PROXY_LOGIN = 407


def of_error(error: Broken) -> ServerAway:
    """Name what kept a call from being answered."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(cause)
        if isinstance(cause, ssl.SSLError):
            return ServerAway(
                f"No secure connection to the server ({cause.reason or cause}): does its address begin with the right "
                "http or https?",
                Trouble.TLS,
            )
        if isinstance(cause, socket.gaierror):
            return ServerAway(
                "No network: the server's name is not found. Is the modem on, is there credit?", Trouble.NO_NETWORK
            )
    if error.proxy:
        return ServerAway(f"The proxy does not let us through ({error}): see HTTPS_PROXY and NO_PROXY", Trouble.PROXY)
    if "unreachable" in str(error).lower():
        return ServerAway(f"No network ({error}): is the modem on, is the cable in?", Trouble.NO_NETWORK)
    return ServerAway(f"The server does not answer ({error or type(error).__name__})")


def of_answer(answer: Answer) -> ServerAway | None:
    """Name what answered in the server's place, None when it was the server itself."""
    if answer.status == PROXY_LOGIN:
        return ServerAway("The proxy wants a login: put it into HTTPS_PROXY", Trouble.PROXY)
    if answer.status in GATEWAY:
        return ServerAway(f"The server is down behind its front ({answer.status})")
    location = answer.headers.get("Location", "") if answer.status in MOVED else ""
    there = urlsplit(location)
    if location and there.hostname in (None, answer.host):
        return ServerAway(f"The server sends us on to {location}: pair with that address", Trouble.WRONG_SERVER)
    if location or answer.status == NETWORK_LOGIN or _is_page(answer):
        return ServerAway(
            f"The network shows a login page{f' of {there.hostname}' if there.hostname else ''} instead of the server: "
            "log in with a phone in the same network, or ask whose network it is",
            Trouble.PORTAL,
        )
    return None


def nonsense() -> ServerAway:
    """Name an answer that is no answer to our question."""
    return ServerAway("Something else answered in the server's place: is its address right?", Trouble.WRONG_SERVER)


def _is_page(answer: Answer) -> bool:
    return answer.status in SUCCESS and answer.headers.get("Content-Type", "").startswith("text/html")


def _untrusted(error: ssl.SSLCertVerificationError) -> ServerAway:
    if error.verify_code == NOT_YET_VALID:
        return ServerAway(
            "The server's certificate is not valid yet by our clock: the clock is wrong, or the certificate new",
            Trouble.CLOCK,
        )
    if error.verify_code == EXPIRED:
        return ServerAway("The server's certificate has expired: its owner must renew it", Trouble.TLS)
    if error.verify_code in HOSTNAME:
        return ServerAway("The certificate is another server's: is the address right?", Trouble.TLS)
    return ServerAway(
        f"The server's certificate is not from anybody we trust ({error.verify_message}): a login page of the network, "
        "or SSL_CERT_FILE must name the commune's own authority",
        Trouble.TLS,
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
