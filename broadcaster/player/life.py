"""A player from its start to its end: not paired yet, paired, paired again."""

import threading
from collections.abc import Callable
from pathlib import Path

from broadcaster.player.agent import Agent
from broadcaster.player.keeping.identity import FILE
from broadcaster.player.keeping.manifests import forget_manifest
from broadcaster.player.local.page import ASIDE
from broadcaster.player.systemd import ALIVE, READY, tell

LOOK_S = 5.0


class Life:
    """Makes the player over a folder, once there is one to make. `stop` and `renew` may be called from anywhere."""

    def __init__(self, data: Path, make_agent: Callable[[], Agent]) -> None:
        """Nothing runs yet."""
        self.data = data
        self.agent: Agent | None = None
        self._make_agent = make_agent
        self._over = threading.Event()
        self._news = threading.Event()

    def stop(self) -> None:
        """End, for good."""
        self._over.set()
        self._end_agent()

    def renew(self) -> None:
        """Go on as whom the pairing names that lies aside."""
        self._end_agent()

    def run(self) -> bool:
        """Play until `stop`, waiting for a pairing first where there is none; tell whether to start over after `renew`.

        Not by making a second player here: threads of the first may hang in a call, and write what is no longer true.
        """
        tell(READY)
        while not self._over.is_set():
            self._news.clear()
            _take_up(self.data)
            if (self.data / FILE).exists():
                self.agent = self._make_agent()
                if self._news.is_set():
                    self.agent.stop()
                self.agent.run()
                return not self._over.is_set()
            self._news.wait(LOOK_S)
            tell(ALIVE)
        return False

    def _end_agent(self) -> None:
        self._news.set()
        if agent := self.agent:
            agent.stop()


def _take_up(data: Path) -> None:
    """Become whom a new pairing names: its manifest comes anew, the journal stays."""
    aside = data / ASIDE / FILE
    if aside.exists():
        forget_manifest(data)
        aside.replace(data / FILE)
