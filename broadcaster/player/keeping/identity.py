"""Who this player is and whom it believes: the answer to pairing, kept in `identity.json`, readable by its owner."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from broadcaster.player.errors import PlayerError
from broadcaster.player.files import write_atomically
from broadcaster.protocol import PairAnswer, PublicKey

FILE = "identity.json"


class Identity(PairAnswer):
    """What pairing gave, and the address of the server that gave it."""

    server: str

    def trusting(self, keys: Iterable[PublicKey]) -> "Identity":
        """Return the same player with other trusted keys."""
        return self.model_copy(update={"keys": tuple(keys)})

    def save(self, data: Path) -> None:
        """Write it in one step, mode 0600."""
        write_atomically(data / FILE, self.model_dump_json(indent=1).encode())


def load_identity(data: Path) -> Identity:
    """Read who this player is.

    Raises:
        PlayerError: not paired yet, or the file is damaged.
    """
    path = data / FILE
    try:
        return Identity.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise PlayerError(f"Not paired yet: run `broadcaster-player pair` with --data {data} first") from error
    except (OSError, ValidationError) as error:
        raise PlayerError(f"Cannot read {path}: make it readable, or pair this player again ({error})") from error
