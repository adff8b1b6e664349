"""What stands between the device and the horns: switched on before the first sound, off after the last."""

from typing import Protocol


class Amplifier(Protocol):
    """A switch. The player waits `warm_up_ms` after `on` before the first sound. Both may be called again and again.

    `trouble`: why it cannot be switched, for people; empty if it can.
    """

    trouble: str

    def on(self) -> None:
        """Switch it on; quick."""
        ...

    def off(self) -> None:
        """Switch it off; quick."""
        ...


class NoAmplifier:
    """One that is always on, or that nobody switches."""

    trouble = ""

    def on(self) -> None:
        """Do nothing."""

    def off(self) -> None:
        """Do nothing."""
