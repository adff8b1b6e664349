"""Making this machine the player of a village: a code is exchanged for an identity, once."""

import ipaddress
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from broadcaster.player import machine
from broadcaster.player.errors import PlayerError, Refused, ServerAway
from broadcaster.player.files import write_atomically
from broadcaster.player.keeping.identity import Identity
from broadcaster.player.keeping.manifests import forget_manifest
from broadcaster.player.keeping.signatures import fingerprint
from broadcaster.player.network.server import Server, new_nonce
from broadcaster.protocol import PAIRING_CODE_ALPHABET, PairAnswer, PairRequest

FILE = "pairing.json"
CODE_LENGTH = 8


def pair(url: str, code: str, name: str, data: Path, confirm: Callable[[str], bool]) -> Identity:
    """Pair this machine and keep who it is now; the journal of an earlier pairing stays.

    Args:
        url: the server's address, `http://...` or `https://...`.
        code: as the admin's screen shows it; case, spaces and hyphens do not matter.
        name: what this machine is called in the list of players.
        data: the player's folder.
        confirm: asked with the key's fingerprint when nothing else proves the server (plain HTTP to another machine).

    Raises:
        PlayerError: with what to do about it.
    """
    code = code_of(code)
    if len(code) != CODE_LENGTH or set(code) - set(PAIRING_CODE_ALPHABET):
        raise PlayerError(f"A pairing code has {CODE_LENGTH} letters and digits, without I, O, 0 and 1: look again")
    answer = _ask(
        url, PairRequest(code=code, nonce=_nonce(data, url, code), name=name, hardware=machine.hardware_name())
    )
    if not _proven(url) and not confirm(" ".join(fingerprint(key) for key in answer.keys)):
        raise PlayerError("Not paired: the fingerprint was not confirmed. Somebody may be between you and the server")
    identity = Identity(server=url, **answer.model_dump())
    forget_manifest(data)
    identity.save(data)
    (data / FILE).unlink(missing_ok=True)
    return identity


def code_of(typed: str) -> str:
    """Return a code as it was meant: case, spaces and hyphens do not matter."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def _ask(url: str, request: PairRequest) -> PairAnswer:
    server = Server(url)
    try:
        return server.pair(request)
    except ServerAway as error:
        raise PlayerError(
            f"No answer from {url}: check the address and the network, then try again ({error})"
        ) from error
    except Refused as error:
        raise PlayerError(
            f"{str(error).rstrip('.')}. Ask an admin for a new code: it lives 15 minutes and pairs one player."
        ) from error
    finally:
        server.close()


def _nonce(data: Path, url: str, code: str) -> str:
    """Return the nonce of an earlier try with this code, whose answer may have been lost; else a new one, kept."""
    try:
        kept = json.loads((data / FILE).read_bytes())
        if kept["url"] == url and kept["code"] == code:
            return str(kept["nonce"])
    except (OSError, ValueError, KeyError):
        pass
    nonce = new_nonce()
    write_atomically(data / FILE, json.dumps({"url": url, "code": code, "nonce": nonce}).encode())
    return nonce


def _proven(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
