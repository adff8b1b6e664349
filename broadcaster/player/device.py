"""The output and the amplifier behind it: open and warm for those who need them, opened again after they went away."""

import logging
from collections.abc import Collection
from uuid import UUID

from broadcaster.player.clock import PlayerClock
from broadcaster.player.errors import OutputFailed
from broadcaster.player.output.base import Output, Session
from broadcaster.player.sound.amplifier import Amplifier

log = logging.getLogger(__name__)
REOPEN_S = (1.0, 30.0)


class Device:
    """Owned by one thread. `again_at`: the monotonic moment before which a lost output is not asked for again."""

    def __init__(self, output: Output, amplifier: Amplifier, clock: PlayerClock) -> None:
        """Everything is off yet."""
        self.output = output
        self.again_at = 0.0
        self._amplifier = amplifier
        self._clock = clock
        self._sessions: dict[UUID, Session] = {}
        self._on_since: float | None = None
        self._failures = 0

    @property
    def ready(self) -> bool:
        """Whether it may be asked to open."""
        return self._clock.monotonic() >= self.again_at

    @property
    def troubles(self) -> dict[str, str]:
        """What of it is not there or does not answer, and why."""
        told = {"output": self.output.trouble, "amplifier": self._amplifier.trouble}
        return {name: why for name, why in told.items() if why}

    @property
    def wanted(self) -> bool:
        """Whether anybody needs it."""
        return bool(self._sessions)

    def warm_at(self, warm_up_ms: int) -> float:
        """Switch the amplifier on and return the monotonic moment from which on a sound is heard."""
        if self._on_since is None or self._amplifier.trouble:
            self._amplifier.on()
        if self._on_since is None:
            self._on_since = self._clock.monotonic()
        return self._on_since + warm_up_ms / 1000

    def open_for(self, session: Session) -> bool:
        """Be open for this one too, now; tell whether it is."""
        self._sessions.setdefault(session.occurrence_uuid, session)
        return self._open()

    def hurry(self) -> None:
        """Have what was placed now sound before what the output took ahead."""
        self.output.hurry()

    def keep(self, wanted: Collection[UUID]) -> None:
        """Be open for no others than these; without any, close and switch off."""
        self._sessions = {name: session for name, session in self._sessions.items() if name in wanted}
        self._open()
        if not wanted and self._on_since is not None:
            self._amplifier.off()
            self._on_since = None

    def lost(self) -> bool:
        """Tell, once, that the output went away while it was open."""
        if not self.output.failed():
            return False
        self._lose("the device went away")
        return True

    def close(self) -> None:
        """Close, whoever needs it."""
        self.again_at = 0.0
        self.keep(())

    def _open(self) -> bool:
        if not self.ready:
            return False
        if self._sessions:
            self.warm_at(0)
        try:
            self.output.keep_open(tuple(self._sessions.values()))
        except OutputFailed as error:
            self._lose(str(error))
            return False
        if self._sessions and self._failures:
            self._failures = 0
            log.info("output_back")
        return True

    def _lose(self, why: str) -> None:
        pause = min(REOPEN_S[0] * 2**self._failures, REOPEN_S[1])
        self._failures += 1
        self.again_at = self._clock.monotonic() + pause
        log.error("output_failed", extra={"why": why, "again_in_s": pause})
