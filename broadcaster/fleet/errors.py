"""What can be wrong between server and players.

BroadcastError
├── NotFound    UnknownPairingCode NoSuchPlayer
├── Conflict    UsedPairingCode
├── NotAllowed  UnknownToken
└── Unavailable TooManyTries HeldAfterRestore
"""

from content.kernel.errors import Conflict, NotAllowed, NotFound, Unavailable


class UnknownPairingCode(NotFound):
    """Never given out, or older than 15 minutes."""

    sentence = "This pairing code is unknown or has expired. Make a new one on the page “Villages and loudspeakers”."
    field = "code"


class UsedPairingCode(Conflict):
    """A code pairs one player."""

    sentence = (
        "Another player has already used this pairing code. Make a new one on the page “Villages and loudspeakers”."
    )
    field = "code"


class NoSuchPlayer(NotFound):
    """No player by this uuid."""

    sentence = "There is no such player."


class UnknownToken(NotAllowed):
    """Never given out, or revoked."""

    sentence = "This player is not paired with this server, or was removed. Pair it again."


class TooManyTries(Unavailable):
    """Somebody is guessing."""

    sentence = "Too many wrong codes. Wait {seconds} seconds, then try again."


class HeldAfterRestore(Unavailable):
    """A restored database that nobody has looked at: what was withdrawn since the backup would come back."""

    sentence = "This server was restored from a backup. Nothing is given out until an admin has looked at it."
