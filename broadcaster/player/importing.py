"""The command `import`: a bundle is taken in at once, or handed to the player that runs over the same folder."""

import secrets
import shutil
import threading
from pathlib import Path

from broadcaster.player import control, machine
from broadcaster.player.agent import Agent
from broadcaster.player.carrying.sticks import INBOX
from broadcaster.player.errors import PlayerError
from broadcaster.player.output.paced import PacedOutput

LOOK_EVERY_S = 0.5
PATIENCE_S = 600.0


def bring(data: Path, bundle: Path) -> str:
    """Take a bundle in and say what it brought.

    Raises:
        PlayerError: not paired, no such bundle, or nothing in it for this player.
    """
    if not bundle.exists():
        raise PlayerError(f"There is no {bundle}: look at the name")
    held = machine.lock(data)
    if held is None:
        return _hand_over(data, bundle)
    with held:
        agent = Agent(data, PacedOutput)
        try:
            agent.sync.take_stock()
            return str(agent.take_in(bundle))
        finally:
            agent.close()


def _hand_over(data: Path, bundle: Path) -> str:
    inbox = data / INBOX
    inbox.mkdir(exist_ok=True)
    there = inbox / f"bundle-{secrets.token_hex(4)}-{bundle.name}"
    aside = there.with_name(f"part-{there.name}")
    if bundle.is_dir():
        shutil.copytree(bundle, aside)
    else:
        shutil.copy(bundle, aside)
    aside.replace(there)
    return _came_of(data, there)


def _came_of(data: Path, bundle: Path) -> str:
    """Wait until the player has looked into it, and return what it says of it."""
    between = threading.Event()
    for _ in range(int(PATIENCE_S / LOOK_EVERY_S)):
        if not bundle.exists():
            return control.ask(data, do="came-of", bundle=bundle.name)
        between.wait(LOOK_EVERY_S)
    return "The player is running and has the bundle: it takes it in when it can"
