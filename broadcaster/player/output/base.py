"""What the player asks of a device."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Session:
    """An occurrence for which the device is to be open; `starts` is its start in monotonic seconds, fixed once."""

    occurrence_uuid: UUID
    starts_at: datetime
    starts: float


class Output(Protocol):
    """A device that pulls a `Feed` while it is open, and costs nothing while it is not."""

    underruns: int
    """How often it ran dry since the start of the player."""
    trouble: str
    """Why it is not there, for people; empty if it is, as far as is known."""

    def keep_open(self, sessions: Collection[Session]) -> None:
        """Be open for exactly these; with none, close. Cheap when nothing changes.

        Raises:
            OutputFailed: the device cannot be opened; ask again later.
        """
        ...

    def hurry(self) -> None:
        """Let go of what was taken ahead and has not sounded, where the device can: what was placed now sounds now."""
        ...

    def failed(self) -> bool:
        """Tell, once, that the device went away while it was open."""
        ...
