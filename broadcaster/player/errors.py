"""Everything the player raises on purpose; each is a sentence for the person at the keyboard or in the log.

PlayerError
├── ServerAway       no answer, or somebody else's; `trouble` says what is in the way: try again later
├── Refused          the server said no; `status` is its HTTP status
├── NotTrusted       a signature, a hash or an address that is not what was promised
├── Stale            a manifest that is not newer than the one we hold
├── ClockRefused     a phone's time that cannot be, or is not needed
├── DiskFull         no room for an object, or the disk refuses to write
└── OutputFailed     the loudspeaker's device is missing or went away
"""

from enum import StrEnum


class PlayerError(Exception):
    """Root: the message tells what happened and what to do about it."""


class Trouble(StrEnum):
    """What stands between a player and its server."""

    SERVER_DOWN = "server_down"
    NO_NETWORK = "no_network"
    PORTAL = "portal"
    TLS = "tls"
    CLOCK = "clock"
    PROXY = "proxy"
    WRONG_SERVER = "wrong_server"
    REFUSED = "refused"


class ServerAway(PlayerError):
    """The server did not answer in time, or something else answered in its place."""

    def __init__(self, message: str, trouble: Trouble = Trouble.SERVER_DOWN) -> None:
        """Keep the kind of trouble for those who tell of it."""
        self.trouble = trouble
        super().__init__(message)


class Refused(PlayerError):
    """The server answered with an error status."""

    def __init__(self, status: int, detail: str) -> None:
        """Keep the status for those who act on it."""
        self.status = status
        super().__init__(f"The server answered {status}: {detail}")


class NotTrusted(PlayerError):
    """What came does not carry the proof it should."""


class Stale(PlayerError):
    """A manifest that is not newer by (epoch, id)."""


class ClockRefused(PlayerError):
    """A phone's time is not taken."""


class DiskFull(PlayerError):
    """There is no room."""


class OutputFailed(PlayerError):
    """The device for the sound cannot be opened or has vanished."""
