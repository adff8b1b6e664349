"""How a command in another process speaks to the running player: a line of JSON each way over the loopback.

Where it listens and the secret to be let in lie in `control.json`, which only the player's user can read. Its thread
sleeps until somebody knocks.
"""

import json
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from hmac import compare_digest
from pathlib import Path

from broadcaster.player.errors import PlayerError
from broadcaster.player.files import note

log = logging.getLogger(__name__)
FILE = "control.json"
LONGEST_LINE = 4096
TIMEOUT_S = 5.0

Answer = Callable[[Mapping[str, str]], str]


class Control:
    """The running player's ear. `answer` gets a request's fields and returns a sentence, or raises PlayerError."""

    def __init__(self, data: Path, answer: Answer) -> None:
        """Listen on a free port of the loopback and write down where."""
        self._answer = answer
        self._secret = secrets.token_urlsafe(24)
        self._socket = socket.create_server(("127.0.0.1", 0))
        where = {"port": self._socket.getsockname()[1], "secret": self._secret}
        note(data / FILE, json.dumps(where).encode())
        threading.Thread(target=self._run, name="control", daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        # On Linux closing alone does not wake the thread in `accept`; elsewhere shutting down a listener is an error.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            try:
                with connection:
                    self._serve(connection)
            except (OSError, ValueError) as error:
                log.warning("control_failed", extra={"why": str(error)})

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(TIMEOUT_S)
        asked = json.loads(connection.makefile("rb").readline(LONGEST_LINE))
        if not isinstance(asked, dict) or not compare_digest(str(asked.get("secret")), self._secret):
            return
        try:
            said = {"said": self._answer({str(name): str(value) for name, value in asked.items()})}
        except PlayerError as error:
            said = {"error": str(error)}
        connection.sendall(json.dumps(said).encode() + b"\n")


def ask(data: Path, **request: str) -> str:
    """Ask the player that runs over the folder and return its sentence.

    Raises:
        PlayerError: none runs there, or it refuses; the message is its own.
    """
    try:
        where = json.loads((data / FILE).read_bytes())
        with socket.create_connection(("127.0.0.1", where["port"]), TIMEOUT_S) as connection:
            connection.sendall(json.dumps(request | {"secret": where["secret"]}).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline(LONGEST_LINE))
    except (OSError, ValueError, LookupError) as error:
        raise PlayerError(f"No player runs over {data}: start it with `broadcaster-player run` ({error})") from error
    if "error" in answer:
        raise PlayerError(str(answer["error"]))
    return str(answer["said"])
